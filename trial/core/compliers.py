"""Whether an effect on those who comply can be told apart: what the comparator has, and when.

The arm may change the outcome only through what its people receive. A comparator without content of its own leaves
nothing else; one with content needs an assumption, in words, that it changes nothing.
"""

from __future__ import annotations

from trial.core.consort import closing_day
from trial.core.protocol import PlannedAnalysis, TrialProtocol

METHOD = "complier_effect"
WITHOUT_CONTENT = ("waitlist", "no_treatment")


def has_content(protocol: TrialProtocol, planned: PlannedAnalysis) -> bool:
    """Whether the comparator does something of its own."""
    return protocol.arm(planned.contrast[-1]).kind not in WITHOUT_CONTENT


def had_its_turn(protocol: TrialProtocol, planned: PlannedAnalysis) -> bool:
    """Whether people who waited have been given the content by the end of the timepoint's window."""
    waiting = protocol.design.waitlist
    if waiting is None or waiting.arm not in planned.contrast:
        return False
    point = protocol.timepoint(planned.timepoint)
    return point.anchor != "consent" and closing_day(point) > waiting.release_after_day
