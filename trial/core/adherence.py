"""The dose a person had, by each arm's own rules."""

from __future__ import annotations

from dataclasses import dataclass

from trial.core import expressions
from trial.core.protocol import Arm, TrialProtocol


@dataclass(frozen=True, slots=True)
class Dose:
    """Exercises offered and finished, and what the arm's rules make of them."""

    due: int
    done: int
    received: bool
    minimum: bool


def beyond_the_dose(protocol: TrialProtocol, arm: str) -> frozenset[str]:
    """Timepoints that add nothing to an arm's dose: those of a further stage, and of an arm that waits all after it.

    What a waiting arm is given in the end says nothing about whether its people waited.
    """
    waits = protocol.design.waitlist
    until = waits.release_after_day if waits and waits.arm == arm else None
    return frozenset(
        one.id
        for one in protocol.timepoints
        if one.stage is not None or (until is not None and one.anchor == "randomization" and min(one.days) > until)
    )


def dose(arm: Arm, due: int, done: int) -> Dose:
    """`received` and `minimum_dose` are expressions over `exercises_done`."""
    facts = {"exercises_done": done}
    return Dose(
        due, done, expressions.parse(arm.received).holds(facts), expressions.parse(arm.minimum_dose).holds(facts)
    )
