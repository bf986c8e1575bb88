"""Quantiles and tails of t, and intervals by them: of one mean, and of an estimate with its error.

Infinite degrees of freedom are the normal distribution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from trial.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class MeanInterval:
    """A mean with its interval; a figure that the number of values cannot carry is None, never NaN."""

    n: int
    mean: float | None
    sd: float | None
    se: float | None
    ci: tuple[float, float] | None
    level: float


def mean_interval(values: FloatArray, level: float = 0.95) -> MeanInterval:
    """Estimate a mean from `values` (n,), NaN left out: mean -+ t(n - 1) sd / sqrt(n).

    Student (1908), The probable error of a mean, Biometrika 6, 1-25.
    No values: no mean. One value: a mean without standard deviation and interval. Raises ValueError when the
    level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError("a confidence level lies between 0 and 1")
    seen = values[~np.isnan(values)]
    n = len(seen)
    if n == 0:
        return MeanInterval(0, None, None, None, None, level)
    mean = float(np.mean(seen))
    if n == 1:
        return MeanInterval(1, mean, None, None, None, level)
    sd = float(np.std(seen, ddof=1))
    se = sd / math.sqrt(n)
    half = half_width(se, n - 1, level)
    return MeanInterval(n, mean, sd, se, (mean - half, mean + half), level)


def half_width(se: float, df: float, level: float) -> float:
    """Half of an interval by Student's t."""
    return quantile(df, (1 + level) / 2) * se


def t_interval(estimate: float, se: float, df: float, level: float) -> tuple[tuple[float, float], float]:
    """The interval estimate -+ t(df) se by Student's t, and the two-sided p of estimate / se; `se` is above 0."""
    half = half_width(se, df, level)
    return (estimate - half, estimate + half), two_sided(estimate / se, df)


def quantile(df: float, probability: float) -> float:
    """The t that lies above this share of its distribution."""
    return float(special.ndtri(probability) if math.isinf(df) else special.stdtrit(df, probability))


def upper_tail(statistic: float, df: float) -> float:
    """The chance of more than a statistic."""
    return float(special.ndtr(-statistic) if math.isinf(df) else special.stdtr(df, -statistic))


def two_sided(statistic: float, df: float) -> float:
    """Twice the tail beyond a statistic."""
    return 2 * upper_tail(abs(statistic), df)
