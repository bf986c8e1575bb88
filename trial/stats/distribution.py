"""How the values of one group are spread: quartiles, whiskers, and a density estimated by a Gaussian kernel."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial.stats.arrays import FloatArray

POINTS = 61
_REACH = 1.5  # of the distance between the quartiles: how far a whisker goes
_OF_A_STEP = 0.6  # a kernel of this share of the step between values shows no comb of a scale in whole numbers


@dataclass(frozen=True, slots=True)
class Distribution:
    """`n` values from `low` to `high`; the whiskers end at the farthest values within reach of the quartiles.

    `at` (points,) and `density` (points,) are empty and `bandwidth` None where all values are equal.
    """

    n: int
    low: float
    q1: float
    median: float
    q3: float
    high: float
    whiskers: tuple[float, float]
    bandwidth: float | None
    at: tuple[float, ...]
    density: tuple[float, ...]


def distribution(values: FloatArray) -> Distribution | None:
    """The spread of `values` (n,), NaN for missing, in their own unit; None where there is none.

    Quartiles: linear between order statistics, Hyndman and Fan (1996), type 7. Whiskers: the farthest values within 1.5
    times the distance of the quartiles from them, Tukey (1977). Density: f(x) = 1/(n h) sum of phi((x - x_i)/h), phi
    the normal density, at evenly spaced points from the lowest value to the highest and not beyond; h as in
    `bandwidth`.
    """
    seen = values[~np.isnan(values)]
    if not len(seen):
        return None
    low, q1, median, q3, high = (float(each) for each in np.quantile(seen, [0, 0.25, 0.5, 0.75, 1]))
    reach = _REACH * (q3 - q1)
    near = seen[(seen >= q1 - reach) & (seen <= q3 + reach)]
    whiskers = (float(near.min()), float(near.max()))
    h = bandwidth(seen)
    if h is None:
        return Distribution(len(seen), low, q1, median, q3, high, whiskers, None, (), ())
    at = np.linspace(low, high, POINTS)
    return Distribution(
        len(seen), low, q1, median, q3, high, whiskers, h, tuple(at.tolist()), tuple(_density(seen, at, h).tolist())
    )


def bandwidth(values: FloatArray) -> float | None:
    """The standard deviation of the kernel for `values` (n,), none missing; None where all are equal.

    Silverman (1986), equation 3.31: 0.9 min(sd, IQR / 1.34) n^(-1/5), by sd alone where the quartiles are equal; and at
    least 0.6 of the smallest step between two values, so that a scale in whole numbers gives a curve and no comb.
    """
    if len(values) < 2 or np.ptp(values) == 0:
        return None
    sd = float(np.std(values, ddof=1))
    q1, q3 = np.quantile(values, [0.25, 0.75])
    narrow = min(sd, float(q3 - q1) / 1.34) or sd
    step = float(np.diff(np.unique(values)).min())
    return max(float(0.9 * narrow * len(values) ** -0.2), _OF_A_STEP * step)


def _density(values: FloatArray, at: FloatArray, h: float) -> FloatArray:
    """Each distinct value once, with its number: a scale has few, however many people there are."""
    distinct, numbers = np.unique(values, return_counts=True)
    scale = len(values) * h * math.sqrt(2 * math.pi)
    sums = (float(numbers @ np.exp(-0.5 * ((x - distinct) / h) ** 2)) for x in at)
    return np.array([one / scale for one in sums])
