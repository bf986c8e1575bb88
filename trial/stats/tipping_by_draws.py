"""How much worse the missing would have to do before a finding is gone, by outcomes that were drawn many times."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.design import Design
from trial.stats.intervals import t_interval
from trial.stats.least_squares import Covariance, contrast_of
from trial.stats.rubin import Pooled, pool
from trial.stats.tipping_point import Better, Shifted, Tipping, steps_of

_PARTS = 40


def tipping_by_draws(
    design: Design,
    outcomes: FloatArray,
    moved: npt.NDArray[np.bool_],
    contrast: tuple[str, str],
    sd: float,
    better: Better,
    *,
    level: float = 0.95,
    covariance: Covariance = "HC3",
) -> tuple[Pooled, Tipping]:
    """Add delta points, in the worse direction, to each drawn value of those `moved` (n,), until p is 1 - level.

    `outcomes` (m, n) are completed sets, drawn at random within each arm. At every delta the same sets are analysed by
    the planned least squares and joined by Rubin's rules: (with nothing added; the whole). Rubin DB (1987), Multiple
    imputation for nonresponse in surveys, chapter 6; Ratitch B, O'Kelly M, Tosiello R (2013), Pharmaceutical Statistics
    12, 337-347. As the draws stay the same, p moves smoothly with delta, and the tip is the first root of p = 1 - level
    on the way to the delta at which no difference is left.

    Raises AnalysisImpossible where nobody is moved, and as `contrast_of` and `pool` do.
    """
    if not moved.any():
        raise AnalysisImpossible("Nobody in the first arm of the comparison misses the outcome: nothing can be moved.")
    worse = 1.0 if better == "lower" else -1.0

    def pooled(delta: float) -> Pooled:
        estimates, variances, df = contrast_of(design, (outcomes + worse * delta * moved).T, contrast, covariance)
        return pool(estimates, variances, df)

    def shifted(delta: float) -> Shifted:
        its = pooled(delta)
        ci, p = t_interval(its.estimate, its.se, its.df, level)
        return Shifted(delta, its.estimate, its.se, ci, p)

    def beyond(delta: float) -> float:
        return shifted(delta).p - (1 - level)

    first = shifted(0.0)
    finding, favourable = beyond(0.0) < 0, first.estimate * worse < 0
    delta = None
    if finding and favourable:
        none = -first.estimate / ((shifted(sd).estimate - first.estimate) / sd)
        ends = np.linspace(0.0, none, _PARTS + 1)
        at = next(at for at, end in enumerate(ends) if beyond(float(end)) >= 0)
        delta = float(optimize.brentq(beyond, ends[at - 1], ends[at], xtol=1e-13 * none, rtol=1e-14))
    grid = tuple(shifted(step * sd) for step in steps_of(None if delta is None else delta / sd))
    return pooled(0.0), Tipping(finding, favourable, delta, sd, grid)
