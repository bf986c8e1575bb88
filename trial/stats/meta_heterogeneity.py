"""How far the effects of studies differ beyond chance: Q, tau^2 by four estimators, its interval, I^2 and H^2."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy import optimize, special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray

Method = Literal["common", "dl", "pm", "reml"]
METHODS: tuple[Method, ...] = get_args(Method)
# Beyond this the weights of the imprecise studies are lost in the rounding of the others.
_LARGEST_RATIO = 1e10
_GRID = np.concatenate([[0.0], np.geomspace(1e-8, 1.0, 160)])
_EXACT = 4 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Cochran's `q` on `df` degrees of freedom; tau^2 as the method estimates it, 0 under a common effect.

    `tau2_ci` is the Q-profile interval; with `empty` the effects differ less than chance alone would have them, and
    both its ends are 0. `i2` is a share (0 to 1), `h2` the ratio of total to sampling variance.
    """

    q: float
    df: int
    p: float
    tau2: float
    tau2_ci: tuple[float, float]
    empty: bool
    i2: float
    i2_ci: tuple[float, float]
    h2: float


def heterogeneity(estimates: FloatArray, variances: FloatArray, method: Method, level: float = 0.95) -> Heterogeneity:
    """Q, tau^2 and what follows from it for k studies, `estimates` (k,) with sampling `variances` (k,).

    Q = sum w (y - m)^2 with w = 1/v and m the weighted mean, chi-squared on k - 1 degrees of freedom where all effects
    are equal. I^2 = tau^2 / (tau^2 + s^2) with the typical sampling variance s^2 = (k - 1) sum w / ((sum w)^2 -
    sum w^2); under a common effect tau^2 there is that of DerSimonian and Laird, so that I^2 = max(0, (Q - df) / Q).
    H^2 = tau^2 / s^2 + 1. Higgins JPT, Thompson SG (2002), Statistics in Medicine 21, 1539-1558. The interval of I^2
    has the ends of tau^2 in its formula.
    """
    check_studies(estimates, variances, level)
    k = len(estimates)
    q = _q(estimates, variances, 0.0)
    weights = 1 / variances
    total = float(np.sum(weights))
    typical = (k - 1) * total / (total**2 - float(np.sum(weights**2)))
    tau2 = tau_squared(estimates, variances, method)
    shown = tau_squared(estimates, variances, "dl") if method == "common" else tau2
    low, high, empty = q_profile(estimates, variances, level)
    return Heterogeneity(
        q=q,
        df=k - 1,
        p=float(special.chdtrc(k - 1, q)),
        tau2=tau2,
        tau2_ci=(low, high),
        empty=empty,
        i2=shown / (shown + typical),
        i2_ci=(low / (low + typical), high / (high + typical)),
        h2=shown / typical + 1,
    )


def check_studies(estimates: FloatArray, variances: FloatArray, level: float) -> None:
    """Raise AnalysisImpossible where studies, `estimates` (k,) with `variances` (k,), cannot be put together.

    ValueError where the arguments do not fit.
    """
    if estimates.ndim != 1 or estimates.shape != variances.shape:
        raise ValueError("estimates and variances are two columns of the same length")
    if not 0 < level < 1:
        raise ValueError("a confidence level lies between 0 and 1")
    if len(estimates) < 2:
        raise AnalysisImpossible("There are fewer than two studies: nothing can be put together.")
    if not (np.all(np.isfinite(estimates)) and np.all(np.isfinite(variances))):
        raise AnalysisImpossible("A study has an estimate or a variance that is missing or infinite.")
    if not np.all(variances > 0):
        raise AnalysisImpossible("A study has a variance that is not above zero: it would be weighed without end.")
    if float(np.max(variances)) > _LARGEST_RATIO * float(np.min(variances)):
        raise AnalysisImpossible(
            "The most precise study has more than 10^10 times the weight of the least precise: the others would not "
            "count. Look whether a standard error was entered in another unit."
        )


def tau_squared(estimates: FloatArray, variances: FloatArray, method: Method) -> float:
    """The variance of the studies' true effects, at least 0; `common` takes it to be 0.

    `dl`: (Q - (k - 1)) / (sum w - sum w^2 / sum w). DerSimonian R, Laird N (1986), Controlled Clinical Trials 7,
    177-188. `pm`: the tau^2 at which Q with weights 1 / (v + tau^2) is k - 1. Paule RC, Mandel J (1982), Journal of
    Research of the National Bureau of Standards 87, 377-385. `reml`: the highest of the restricted likelihood,
    -1/2 (sum log(v + tau^2) + log sum w + sum w (y - m)^2) with w = 1 / (v + tau^2), among all its local maxima.
    Viechtbauer W (2005), Journal of Educational and Behavioral Statistics 30, 261-293. Raises ValueError for another
    method.
    """
    k = len(estimates)
    if method == "common":
        return 0.0
    if method == "dl":
        weights = 1 / variances
        spare = float(np.sum(weights) - np.sum(weights**2) / np.sum(weights))
        return max(0.0, (_q(estimates, variances, 0.0) - (k - 1)) / spare)
    if method == "pm":
        return _where_q_is(estimates, variances, k - 1.0)
    if method == "reml":
        return _reml(estimates, variances)
    raise ValueError(f"the method is one of {', '.join(METHODS)}")


def q_profile(estimates: FloatArray, variances: FloatArray, level: float) -> tuple[float, float, bool]:
    """The interval of tau^2: where Q(tau^2) equals the upper and the lower quantile of chi-squared on k - 1.

    An end below 0 is 0; where both are, the third value is True. Viechtbauer W (2007), Statistics in Medicine 26,
    37-52.
    """
    tail, df = (1 - level) / 2, len(estimates) - 1
    upper, lower = float(special.chdtri(df, tail)), float(special.chdtri(df, 1 - tail))
    low, high = _where_q_is(estimates, variances, upper), _where_q_is(estimates, variances, lower)
    return low, high, _q(estimates, variances, 0.0) < lower


def _q(estimates: FloatArray, variances: FloatArray, tau2: float) -> float:
    weights = 1 / (variances + tau2)
    mean = np.sum(weights * estimates) / np.sum(weights)
    return float(np.sum(weights * (estimates - mean) ** 2))


def _where_q_is(estimates: FloatArray, variances: FloatArray, target: float) -> float:
    """The tau^2 at which Q has come down to `target`; 0 where it is there already."""
    if _q(estimates, variances, 0.0) <= target:
        return 0.0
    # Q(t) <= SS / t, for SS the sum of squares around the plain mean.
    high = float(np.sum((estimates - np.mean(estimates)) ** 2)) / target * (1 + 1e-9)
    return _root(lambda tau2: _q(estimates, variances, tau2) - target, 0.0, high)


def _reml(estimates: FloatArray, variances: FloatArray) -> float:
    """Every local maximum of the restricted likelihood over a grid that ends where it surely falls."""
    k = len(estimates)
    around = k / (k - 1) * float(np.ptp(estimates)) ** 2
    if around == 0:
        return 0.0
    top = (around + math.sqrt(around**2 + 4 * around * float(np.max(variances)))) / 2 * (1 + 1e-9)
    grid = _GRID * top
    slope = _slope(estimates[:, None], variances[:, None], grid)
    found = [0.0] if slope[0] <= 0 else []
    for at in np.flatnonzero((slope[:-1] > 0) & (slope[1:] <= 0)):
        low, high = float(grid[at]), float(grid[at + 1])
        found.append(_root(lambda tau2: float(_slope(estimates, variances, tau2)), low, high))
    return max(found, key=lambda tau2: _restricted_likelihood(estimates, variances, tau2))


def _slope(estimates: FloatArray, variances: FloatArray, tau2: FloatArray | float) -> Any:
    """Twice the derivative of the restricted likelihood: sum w^2 (y - m)^2 - (sum w - sum w^2 / sum w)."""
    weights = 1 / (variances + tau2)
    total, squares = np.sum(weights, axis=0), weights**2
    mean = np.sum(weights * estimates, axis=0) / total
    return np.sum(squares * (estimates - mean) ** 2, axis=0) - total + np.sum(squares, axis=0) / total


def _restricted_likelihood(estimates: FloatArray, variances: FloatArray, tau2: float) -> float:
    spread = variances + tau2
    return -0.5 * (float(np.sum(np.log(spread))) + math.log(np.sum(1 / spread)) + _q(estimates, variances, tau2))


def _root(of: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.brentq(of, low, high, xtol=high * 1e-16, rtol=_EXACT, maxiter=500))
