"""The intraclass correlation: how alike people of one cluster are, with an exact interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scipy import optimize, special

from trial.stats.one_intercept import Sums

METHOD = "REML; interval by Wald's exact F pivot"
_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Icc:
    """The share of the variance between clusters in all, given arm and covariates; `method` says how.

    An interval from 0 to 0 is empty: the clusters are more alike than any share of 0 or more makes likely.
    """

    estimate: float
    ci: tuple[float, float]
    level: float
    method: str


def icc(sums: Sums, ratio: float, level: float) -> Icc:
    """The ICC r / (1 + r) of the REML `ratio` r, with the interval from Wald's pivot.

    At the true ratio, (y'P(r)y - RSS within) / (m + k - p) over (RSS within) / (n - m - k) is F distributed whatever
    the sizes of the clusters (n people, m clusters, p parameters, of which k vary within clusters), and it falls with
    r: the interval holds every ratio that puts it between the quantiles. Wald A (1940), Annals of Mathematical
    Statistics 11(1), 96-100; with covariates Seely JF, El-Bassiouni Y (1983), Annals of Statistics 11(1), 197-201.
    Exact under normality.
    """
    tail = (1 - level) / 2
    high_quantile = float(special.fdtri(sums.df_between, sums.df_within, 1 - tail))
    low_quantile = float(special.fdtri(sums.df_between, sums.df_within, tail))
    low, high = (_ratio_at(lambda one: _pivot(sums, one), quantile) for quantile in (high_quantile, low_quantile))
    return Icc(ratio / (1 + ratio), (low / (1 + low), high / (1 + high)), level, METHOD)


def _pivot(sums: Sums, ratio: float) -> float:
    explained = sums.at(ratio).rss - sums.rss_within
    return (explained / sums.df_between) / (sums.rss_within / sums.df_within)


def _ratio_at(pivot: Callable[[float], float], quantile: float) -> float:
    if pivot(0) <= quantile:
        return 0.0
    far = 1.0
    while pivot(far) > quantile and far < _LARGEST:
        far *= 4
    return float(optimize.brentq(lambda one: pivot(one) - quantile, 0, far, xtol=1e-15, rtol=1e-13))
