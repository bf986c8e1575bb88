"""The restricted likelihood of a linear model with one random intercept per cluster, from sums over clusters.

Up to the error variance v the covariance of cluster g is H_g = I + r J, with J all ones and r the ratio of the variance
between clusters to v. It has the eigenvalue 1 + n_g r along the cluster's mean and 1 across, so that every quadratic
form splits into one within clusters, the same for all r, and a sum over clusters of their totals: X'H^-1 X = W + sum
s_g s_g'/(n_g (1 + n_g r)) with s_g = X_g'1 and W the cross-products about the clusters' means. Profiled over v,
-2 log L(r) = (n - p) log y'Py + sum log(1 + n_g r) + log |X'H^-1 X|, P = H^-1 - H^-1 X (X'H^-1 X)^-1 X'H^-1.
Patterson HD, Thompson R (1971), Biometrika 58(3), 545-554.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.cluster_sums import Clusters

_ABSENT = 1e-10
_PERFECT = 1e-20
_GRID = np.concatenate([[0.0], np.logspace(-5, 7, 25)])


@dataclass(frozen=True, slots=True, eq=False)
class At:
    """The model at one ratio: coefficients (p,), (X'H^-1 X)^-1 (p, p), y'Py, -2 log L, and the slope of log L."""

    coefficients: FloatArray
    inverse: FloatArray
    rss: float
    deviance: float
    slope: float


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """All that the model asks of its data: sizes (m,), totals of X (m, p) and y (m,), cross-products within clusters.

    `rank_within` counts the columns of X that vary within clusters; `rss_within` is what they leave of y there.
    """

    sizes: FloatArray
    totals: FloatArray
    y_totals: FloatArray
    xx: FloatArray
    xy: FloatArray
    yy: float
    rank_within: int
    rss_within: float

    @property
    def n(self) -> int:
        return round(float(np.sum(self.sizes)))

    @property
    def p(self) -> int:
        return int(self.totals.shape[1])

    @property
    def df_within(self) -> int:
        """Degrees of freedom of `rss_within`."""
        return self.n - len(self.sizes) - self.rank_within

    @property
    def df_between(self) -> int:
        """Degrees of freedom of what clusters explain beyond X."""
        return len(self.sizes) + self.rank_within - self.p

    def weighted(self, weights: FloatArray) -> FloatArray:
        """The sum over clusters of weights (m,) times s_g s_g'."""
        summed: FloatArray = (self.totals * weights[:, None]).T @ self.totals
        return summed

    def at(self, ratio: float) -> At:
        room = 1 + self.sizes * ratio
        across = 1 / (self.sizes * room)
        inverse = np.asarray(np.linalg.inv(self.xx + self.weighted(across)), dtype=np.float64)
        coefficients = inverse @ (self.xy + self.totals.T @ (across * self.y_totals))
        left = self.y_totals - self.totals @ coefficients
        inside = self.yy - 2 * coefficients @ self.xy + coefficients @ self.xx @ coefficients
        rss = float(inside + across @ left**2)
        trace = np.sum(self.sizes / room) - np.sum(inverse * self.weighted(1 / room**2))
        free = self.n - self.p
        slope = -0.5 * float(trace - free * np.sum((left / room) ** 2) / rss)
        deviance = free * np.log(rss) + np.sum(np.log(room)) - np.linalg.slogdet(inverse)[1]
        return At(coefficients, inverse, rss, float(deviance), slope)


def sums_of(matrix: FloatArray, outcome: FloatArray, clusters: Clusters) -> Sums:
    """Take the sums of X `matrix` (n, p) and `outcome` (n,); raises AnalysisImpossible where they cannot do."""
    y = (outcome - outcome.mean())[:, None]
    totals, y_totals = clusters.sums(matrix), clusters.sums(y)
    x_within = matrix - (totals / clusters.sizes[:, None])[clusters.place]
    y_within = (y - (y_totals / clusters.sizes[:, None])[clusters.place])[:, 0]
    xx, xy, yy = x_within.T @ x_within, x_within.T @ y_within, float(y_within @ y_within)
    sizes, axes = np.linalg.eigh(xx)
    kept = axes[:, sizes > _ABSENT * len(outcome)]
    rank = kept.shape[1]
    fitted = x_within @ (kept @ np.linalg.solve(kept.T @ xx @ kept, kept.T @ xy)) if rank else 0 * y_within
    rss = float(np.sum((y_within - fitted) ** 2))
    sums = Sums(clusters.sizes, totals, y_totals[:, 0], xx, xy, yy, rank, rss)
    if sums.df_between < 1:
        raise AnalysisImpossible(
            f"{len(clusters.sizes)} clusters cannot carry a model of {sums.p} parameters and the clusters' own "
            "variance: plan fewer covariates."
        )
    if sums.df_within < 1 or rss <= _PERFECT * float(y[:, 0] @ y[:, 0]):
        raise AnalysisImpossible("People of a cluster do not differ beyond the model: no error is left to judge by.")
    return sums


def best_ratio(sums: Sums) -> float:
    """The ratio of greatest restricted likelihood, 0 included: each fall of its slope through zero is followed up.

    Raises AnalysisImpossible where it rises without end.
    """
    grid = _GRID / float(np.mean(sums.sizes))
    slopes = [sums.at(one).slope for one in grid]
    if slopes[-1] > 0:
        raise AnalysisImpossible("People of a cluster are so alike that the model finds no variance within clusters.")
    found = [0.0] if slopes[0] <= 0 else []
    for low, high, before, after in zip(grid[:-1], grid[1:], slopes[:-1], slopes[1:], strict=True):
        if before > 0 >= after:
            found.append(float(optimize.brentq(lambda one: sums.at(one).slope, low, high, xtol=1e-15, rtol=1e-13)))
    return min(found, key=lambda one: sums.at(one).deviance)
