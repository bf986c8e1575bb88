"""How much worse the missing would have to do before a finding is gone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.conditional_mean import Jackknifed
from trial.stats.intervals import quantile, t_interval

STEP, MOST, USUAL = 0.25, 3.0, 1.0  # of the grid, in standard deviations
Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Shifted:
    """The estimate after everyone filled in of the first arm was made worse by `delta` points."""

    delta: float
    estimate: float
    se: float
    ci: tuple[float, float]
    p: float


@dataclass(frozen=True, slots=True)
class Tipping:
    """`finding`: p is below alpha with nothing added. `favourable`: the estimate favours the first arm.

    `delta` is the smallest addition with which it no longer is, None where none does; `grid` runs from 0 in steps of a
    quarter of a standard deviation, `sd`, to beyond it.
    """

    finding: bool
    favourable: bool
    delta: float | None
    sd: float
    grid: tuple[Shifted, ...]


def tipping_point(base: Jackknifed, df: float, sd: float, better: Better, level: float = 0.95) -> Tipping:
    """Add delta points, in the worse direction, to each value filled in of the first arm, until p is 1 - level.

    The difference is E + s delta a, s being the worse direction and a the `slope`; its jackknife variance is V + 2 s
    delta C + delta^2 W, from the variances and covariance of `without` and `slope_without`. So the place where the
    difference is t(df) standard errors is a root of a quadratic and found exactly. Ratitch B, O'Kelly M, Tosiello R
    (2013), Missing data in clinical trials: from clinical assumptions to statistical analysis using pattern mixture
    models, Pharmaceutical Statistics 12, 337-347. Only the missing of the first arm are moved.

    Raises AnalysisImpossible where nobody of the first arm is filled in, or the jackknife variance is 0.
    """
    if base.filled[0] == 0:
        raise AnalysisImpossible("Nobody in the first arm of the comparison misses the outcome: nothing can be moved.")
    worse = 1.0 if better == "lower" else -1.0
    first = _shifted(base, 0.0, worse, df, level)
    finding = first.p < 1 - level
    delta = _crossing(base, worse, quantile(df, (1 + level) / 2)) if finding else None
    steps = steps_of(None if delta is None else delta / sd)
    grid = tuple(_shifted(base, step * sd, worse, df, level) for step in steps)
    return Tipping(finding, base.estimate * worse < 0, delta, sd, grid)


def steps_of(tip: float | None) -> list[float]:
    """What is added in the rows of the grid, in standard deviations; `tip` is where the finding is gone."""
    return [float(step) for step in np.arange(0, _limit(tip) + STEP / 2, STEP)]


def _limit(tip: float | None) -> float:
    """How far the grid goes, in standard deviations: to the step beyond the tip, but within sight."""
    if tip is None:
        return USUAL
    return min(MOST, max(USUAL, STEP * (math.floor(tip / STEP) + 2)))


def _shifted(base: Jackknifed, delta: float, worse: float, df: float, level: float) -> Shifted:
    estimate, se = base.estimate + worse * delta * base.slope, math.sqrt(base.variance(worse * delta))
    if not se > 0:
        raise AnalysisImpossible("Leaving out any one person changes nothing: there is no error to judge by.")
    ci, p = t_interval(estimate, se, df, level)
    return Shifted(delta, estimate, se, ci, p)


def _crossing(base: Jackknifed, worse: float, critical: float) -> float | None:
    """The smallest delta above 0 at which (E + s delta a)^2 = t^2 variance(delta)."""
    n = len(base.without)
    spread = (n - 1) / n * (n - 1) * np.cov(base.without, worse * base.slope_without)
    a, t2 = worse * base.slope, critical**2
    terms = (
        a**2 - t2 * spread[1, 1],
        2 * (base.estimate * a - t2 * spread[0, 1]),
        base.estimate**2 - t2 * spread[0, 0],
    )
    roots = [float(root.real) for root in np.roots(terms) if abs(root.imag) < 1e-9 * abs(root) and root.real > 0]
    return min(roots, default=None)
