"""How much of what an arm asks for its people did: a table of people by exercises done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trial.core.errors import AnalysisImpossible


@dataclass(frozen=True, slots=True)
class Dose:
    """One arm: `people[k]` did k exercises, and `at_least[k]` k or more; percentages are of all `n` of them.

    `median` and `quartiles` are numbers that some person did (the lower of two in the middle), `mean` over everyone.
    """

    arm: str
    n: int
    people: tuple[int, ...]
    at_least: tuple[int, ...]
    percent_at_least: tuple[float, ...]
    mean: float
    median: int
    quartiles: tuple[int, int]


def dose_table(done: Sequence[int], arm: Sequence[object], arms: Sequence[str], most: int) -> tuple[Dose, ...]:
    """Count the people of each of `arms`, everyone randomised, by how many of `most` exercises they have `done`.

    Nobody is left out: who never began did 0. No arm is compared with another here, since who does much is not left to
    chance. Raises AnalysisImpossible for an arm without people, ValueError for a number of exercises that cannot be.
    """
    labels = [str(label) for label in arm]
    if len(labels) != len(done) or set(labels) - set(arms):
        raise ValueError("done and arm are of the same participants, and each is of an arm asked for")
    if any(not 0 <= each <= most for each in done):
        raise ValueError(f"the number of exercises done lies from 0 to {most}")
    return tuple(
        _dose(name, sorted(n for n, label in zip(done, labels, strict=True) if label == name), most) for name in arms
    )


def _dose(arm: str, done: Sequence[int], most: int) -> Dose:
    n = len(done)
    if n == 0:
        raise AnalysisImpossible(f"Arm {arm!r} has no participants.")
    people = tuple(done.count(k) for k in range(most + 1))
    at_least = tuple(sum(people[k:]) for k in range(most + 1))
    # the smallest number that this share of people did not exceed
    quarter, half, three = (done[-(-n * part // 4) - 1] for part in (1, 2, 3))
    return Dose(
        arm, n, people, at_least, tuple(100 * some / n for some in at_least), sum(done) / n, half, (quarter, three)
    )  # fmt: skip
