"""The table that a plan is run over, and what comes out of each analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from trial.core.published_list import AllocatedPeople
from trial.stats.arrays import FloatArray

Estimate = dict[str, Any]
Seen = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class AnalysisTable:
    """Everyone randomised, one position each, in the order of their codes.

    `scores` maps (score, timepoint) to values (n,), NaN for missing; `numbers` maps a baseline variable to values
    (n,), NaN for missing; `factors` maps a baseline variable to its level per person, None for missing. `minimum_dose`
    says who reached the minimum dose of their arm, `received` who received what it offers by the arm's own rule,
    `allocated` in which order and by which rule chance allocated; None where the data do not tell. `reliable_change`
    maps a score to the change that exceeds measurement error.
    """

    participants: tuple[str, ...]
    arms: tuple[str, ...]
    scores: Mapping[tuple[str, str], FloatArray]
    numbers: Mapping[str, FloatArray]
    factors: Mapping[str, tuple[str | None, ...]]
    minimum_dose: tuple[bool, ...] | None = None
    received: tuple[bool, ...] | None = None
    allocated: AllocatedPeople | None = None
    reliable_change: Mapping[str, float] = field(default_factory=dict)

    def outcome(self, score: str, timepoint: str) -> FloatArray:
        """A score at a timepoint; all missing where nobody has it."""
        return self.scores.get((score, timepoint), np.full(len(self.participants), np.nan))
