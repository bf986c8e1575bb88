"""What no analysis can be asked of, and what none may answer: numbers too large or too small to be squared."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.plan.table import AnalysisTable, Estimate

LARGEST = 1e60  # its fourth power is still a number
SMALLEST = 1e-60
_NUMBERS = ("estimate", "se", "df", "ci", "p")


def refuse_unusable(table: AnalysisTable) -> None:
    """Raise AnalysisImpossible for a table of nobody, and, with name and person, for a value that is no measurement."""
    if not table.participants:
        raise AnalysisImpossible("The data hold nobody: there is nobody to analyse.")
    scores = [(f"Score {score!r} at {point!r}", values) for (score, point), values in table.scores.items()]
    for what, values in [*scores, *((f"{name!r}", values) for name, values in table.numbers.items())]:
        if (at := _extreme(values)) is not None:
            raise AnalysisImpossible(
                f"{what} of {table.participants[at]!r} is {values[at]:g}: nothing that is measured is so "
                f"{'large' if abs(values[at]) > 1 else 'small'}. Mend it in the data."
            )


def is_measurement(value: float) -> bool:
    """Whether a number is there, and neither too large nor too small to be one."""
    return value == 0 or SMALLEST <= abs(value) <= LARGEST


def _extreme(values: FloatArray) -> int | None:
    size = np.abs(values)
    found = np.flatnonzero((size > LARGEST) | ((size > 0) & (size < SMALLEST)))
    return int(found[0]) if len(found) else None


def refuse_unfinished(found: Estimate) -> None:
    """Raise AnalysisImpossible where an analysis came to numbers that are none."""
    if not all(map(math.isfinite, _numbers(found.get(key) for key in _NUMBERS))):
        raise AnalysisImpossible("The numbers of this analysis are beyond what can be computed: look at the data.")


def _numbers(values: Iterable[object]) -> Iterable[float]:
    for one in values:
        if isinstance(one, list | tuple):
            yield from _numbers(one)
        elif isinstance(one, int | float):
            yield one


def undone(entry: Estimate, why: Exception) -> Estimate:
    """The entry of an analysis that was not carried out: no numbers, and `problem` says why."""
    words = str(why) if isinstance(why, AnalysisImpossible) else f"The model cannot be computed: {why}."
    return entry | dict.fromkeys(key for key in _NUMBERS if key in entry) | {"problem": words}
