"""The dose a person had, by each arm's own rules."""

from __future__ import annotations

from dataclasses import dataclass

from trial.core import expressions
from trial.core.protocol import Arm


@dataclass(frozen=True, slots=True)
class Dose:
    """Exercises offered and finished, and what the arm's rules make of them."""

    due: int
    done: int
    received: bool
    minimum: bool


def dose(arm: Arm, due: int, done: int) -> Dose:
    """`received` and `minimum_dose` are expressions over `exercises_done`."""
    facts = {"exercises_done": done}
    return Dose(
        due, done, expressions.parse(arm.received).holds(facts), expressions.parse(arm.minimum_dose).holds(facts)
    )
