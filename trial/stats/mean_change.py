"""The mean change from baseline in one group, with Student's t interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.intervals import t_interval

_SAME = 1e-12  # of the scores: less than this is rounding


@dataclass(frozen=True, slots=True)
class MeanChange:
    """After minus before, over the `n` people who have both."""

    estimate: float
    se: float
    df: int
    ci: tuple[float, float]
    level: float
    p: float
    n: int


def mean_change(before: FloatArray, after: FloatArray, level: float = 0.95) -> MeanChange:
    """Estimate the mean of after - before; both (n,), NaN for missing, in the score's units.

    mean(d) +- t(n-1) sd(d)/sqrt(n) over the pairs without a gap; p is that of the paired t test, two-sided. Without a
    comparison it says what changed, never why. Student (1908), The probable error of a mean, Biometrika 6, 1-25.
    Raises AnalysisImpossible for fewer than two pairs, or where everyone changed by the same.
    """
    change = (after - before)[np.isfinite(before) & np.isfinite(after)]
    n = len(change)
    if n < 2:
        raise AnalysisImpossible("A mean change needs at least two people with both values.")
    spread = float(np.std(change, ddof=1))
    if not spread > _SAME * max(np.nanmax(np.abs(before)), np.nanmax(np.abs(after))):
        raise AnalysisImpossible("Everyone changed by the same amount: there is no spread to judge a change by.")
    estimate, se, df = float(np.mean(change)), spread / math.sqrt(n), n - 1
    ci, p = t_interval(estimate, se, df, level)
    return MeanChange(estimate, se, df, ci, level, p, n)
