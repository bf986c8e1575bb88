"""Standardised mean difference, Hedges g."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.noncentral_t import noncentrality

METHOD = "Hedges g with exact correction; interval from the noncentral t distribution"
# The noncentral t is computed soundly up to here and somewhat beyond; a trial never comes near.
_LARGEST_T = 10_000


@dataclass(frozen=True, slots=True)
class StandardizedEffect:
    """A difference in units of a standard deviation; `standardizer` says which one, `method` how."""

    estimate: float
    ci: tuple[float, float]
    level: float
    standardizer: str
    method: str


def pooled_sd(x1: FloatArray, x2: FloatArray) -> float:
    """Pool the standard deviations of two samples (no missing values): sqrt(sum of squares / (n1 + n2 - 2)).

    Raises AnalysisImpossible when the samples hold fewer than three values together, or one holds none.
    """
    if min(len(x1), len(x2)) < 1 or len(x1) + len(x2) < 3:
        raise AnalysisImpossible("A pooled standard deviation needs at least three participants in two arms.")
    squares = float(np.sum((x1 - np.mean(x1)) ** 2) + np.sum((x2 - np.mean(x2)) ** 2))
    return math.sqrt(squares / (len(x1) + len(x2) - 2))


def hedges_g(
    mean_difference: float,
    sd_pooled: float,
    n1: int,
    n2: int,
    level: float = 0.95,
    *,
    standardizer: str = "pooled standard deviation of the outcome in the two arms",
) -> StandardizedEffect:
    """Standardise a mean difference: g = J d with d = mean_difference / sd_pooled, df = n1 + n2 - 2.

    J = Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)) takes out the small-sample bias of d. The interval holds every
    effect whose noncentral t, ncp = effect / sqrt(1/n1 + 1/n2), does not put d's t in a tail of (1 - level)/2;
    its ends are multiplied by J as well. Hedges LV, Olkin I (1985), Statistical methods for meta-analysis.
    For an adjusted difference divide by the raw standard deviation, not the residual one; the interval then
    ignores what the adjustment gained and is on the wide side.

    Raises AnalysisImpossible when the standard deviation is zero or as good as zero beside the difference, or
    when the arms hold fewer than four together; ValueError when the level is not between 0 and 1.
    """
    df = n1 + n2 - 2
    if min(n1, n2) < 1 or df < 2:
        raise AnalysisImpossible("Hedges g needs at least four participants in two arms.")
    if not (math.isfinite(sd_pooled) and sd_pooled > 0 and math.isfinite(mean_difference)):
        raise AnalysisImpossible("Hedges g needs a finite difference and a standard deviation above zero.")
    if not 0 < level < 1:
        raise ValueError("a confidence level lies between 0 and 1")
    d = mean_difference / sd_pooled
    per_ncp = math.sqrt(1 / n1 + 1 / n2)
    t = d / per_ncp
    if abs(t) > _LARGEST_T:
        raise AnalysisImpossible(f"The arms differ by {abs(d):.3g} standard deviations: g has no interval there.")
    correction = small_sample_correction(df)
    tail = (1 - level) / 2
    low = noncentrality(t, df, 1 - tail)
    high = noncentrality(t, df, tail)
    ends = (correction * per_ncp * low, correction * per_ncp * high)
    return StandardizedEffect(correction * d, ends, level, standardizer, METHOD)


def small_sample_correction(df: int) -> float:
    """J = Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)), for df of at least 2 (Hedges and Olkin 1985)."""
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
