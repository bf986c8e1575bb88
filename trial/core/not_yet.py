"""What the language can say and this version does not do yet: a trial that needs it cannot be opened.

A rehearsal may run all the same; it says which parts were left out. Each line goes when the part runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from trial.core.protocol import TrialProtocol


def parts(protocol: TrialProtocol) -> list[str]:
    """In plain words, each declared part that nothing carries out yet."""
    return list(dict.fromkeys([*_joining(protocol), *_analysis(protocol)]))


def _joining(protocol: TrialProtocol) -> Iterator[str]:
    if protocol.eligibility.age and protocol.eligibility.age.guardian:
        yield "consent of a guardian"


def _analysis(protocol: TrialProtocol) -> Iterator[str]:
    if protocol.design.type == "single_arm" and any(one.metric != "change" for one in protocol.outcomes):
        yield "a single arm's outcome that is no change"
