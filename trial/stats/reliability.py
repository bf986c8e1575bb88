"""How far a score can be trusted in one sample, and which change of one person is more than measurement error."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from trial.core.instruments import Instrument, Score
from trial.stats.arrays import FloatArray

Change = Literal["improved", "unchanged", "deteriorated"]
# rounds of the minimum residual fit; two items in three settle within a hundred
MOST_ROUNDS = 20_000
TOLERANCE = 1e-13


def cronbach_alpha(items: FloatArray) -> float | None:
    """Coefficient alpha of the sum of k items, (n, k), reversed ones already turned round.

    alpha = k / (k - 1) * (1 - sum of the items' variances / variance of the sum): Cronbach LJ (1951), Coefficient alpha
    and the internal structure of tests, Psychometrika 16, 297-334. Rows with NaN are left out. None for fewer than two
    items or three complete rows, and where the sum does not vary.
    """
    covariance = _covariance(items)
    if covariance is None:
        return None
    k, total = len(covariance), float(covariance.sum())
    return k / (k - 1) * (1 - float(np.trace(covariance)) / total) if total > 0 else None


def alpha_interval(alpha: float, n: int, k: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of an alpha of k items in n people: 1 - (1 - alpha) F, F the two quantiles that leave half of
    1 - level beyond them, on n - 1 and (n - 1)(k - 1) degrees of freedom.

    Feldt LS, Woodruff DJ, Salih FA (1987), Statistical inference for coefficient alpha, Applied Psychological
    Measurement 11, 93-103. It takes items for alike in their variances and covariances, and people for independent.
    Raises ValueError for fewer than two items or people, an alpha above 1 or a level outside 0 to 1.
    """
    if min(n, k) < 2 or alpha > 1 or not 0 < level < 1:
        raise ValueError("an alpha of at most 1 has an interval from two items, two people and a level within 0 and 1")
    upper, lower = (float(special.fdtri(n - 1, (n - 1) * (k - 1), tail)) for tail in ((1 + level) / 2, (1 - level) / 2))
    return 1 - (1 - alpha) * upper, 1 - (1 - alpha) * lower


@dataclass(frozen=True, slots=True)
class OneFactor:
    """What one common factor leaves: loadings (k,) and unique variances (k,), both in the items' own units.

    `proper` is False where an item would have had more common variance than variance (a Heywood case): its unique
    variance was held at 0, and the figures say little.
    """

    loadings: FloatArray
    unique: FloatArray
    proper: bool

    @property
    def omega(self) -> float:
        """Omega total: (sum of loadings)² / ((sum of loadings)² + sum of unique variances)."""
        common = float(self.loadings.sum()) ** 2
        return common / (common + float(self.unique.sum()))


def mcdonald_omega(items: FloatArray) -> float | None:
    """Omega total of the sum of k items, (n, k), by a model with one factor.

    McDonald RP (1999), Test theory: a unified treatment; the R package psych defines omega by a factor analysis whose
    default is the minimum residual one. Rows with NaN are left out. None for fewer than three items (two have no
    single solution), fewer than three complete rows, an item that does not vary, or a fit that does not settle.
    """
    fit = one_factor(items)
    return None if fit is None else fit.omega


def one_factor(items: FloatArray) -> OneFactor | None:
    """One factor by minimum residuals: the loadings whose products come nearest, by least squares, to the correlations
    between items, each loading within 1.

    Harman HH, Jones WH (1966), Factor analysis by minimizing residuals (minres), Psychometrika 31, 351-368. With all
    other loadings given, the best one is sum(r_ij l_j) / sum(l_j²) over j other than i, so that one after another is
    set until none moves. Loadings are then put back into the items' units.
    """
    covariance = _covariance(items)
    if covariance is None or len(covariance) < 3 or np.any(np.diag(covariance) <= 0):
        return None
    spread = np.sqrt(np.diag(covariance))
    loadings = _minres(covariance / np.outer(spread, spread))
    if loadings is None:
        return None
    if loadings.sum() < 0:
        loadings = -loadings
    unique = (1 - loadings**2) * spread**2
    return OneFactor(loadings * spread, unique, bool(np.all(np.abs(loadings) < 1)))


def _minres(correlation: FloatArray) -> FloatArray | None:
    off = correlation - np.diag(np.diag(correlation))
    values, vectors = np.linalg.eigh(correlation)
    loadings = vectors[:, -1] * math.sqrt(max(float(values[-1]), 0.0)) * 0.9
    for _ in range(MOST_ROUNDS):
        before = loadings.copy()
        for i in range(len(loadings)):
            others = float(loadings @ loadings) - float(loadings[i]) ** 2
            if others <= 0:
                return None
            loadings[i] = min(1.0, max(-1.0, float(off[i] @ loadings) / others))
        if float(np.max(np.abs(loadings - before))) < TOLERANCE:
            return loadings
    return None


def reliable_change(sd: float, reliability: float) -> float:
    """The change that measurement error alone exceeds in one person of twenty: 1.96 * SD * sqrt(2 * (1 - reliability)).

    `sd` is the standard deviation before treatment. Jacobson NS, Truax P (1991), Clinical significance: a statistical
    approach to defining meaningful change in psychotherapy research, Journal of Consulting and Clinical Psychology 59,
    12-19; their index is a change over this threshold / 1.96. Raises ValueError for a negative SD, or a reliability
    that is not from 0 to 1.
    """
    if not (sd >= 0 and math.isfinite(sd)):
        raise ValueError("a standard deviation is a number of at least 0")
    if not 0 <= reliability <= 1:
        raise ValueError("a reliability lies from 0 to 1")
    return 1.96 * sd * math.sqrt(2 * (1 - reliability))


def reliable_change_of(score: Score) -> float | None:
    """The threshold of a score by the figures of its instrument file: alpha, else retest; None without them or an SD.

    Whether anybody read those figures in a source stands beside them, in `score.reliability.verified`.
    """
    told = score.reliability
    reliability = (told.alpha or told.retest) if told else None
    if told is None or told.sd is None or reliability is None:
        return None
    return reliable_change(told.sd, reliability)


def reliable_changes(instruments: Iterable[Instrument]) -> dict[str, float]:
    """Score to its threshold, of each score of these instruments that has figures for one."""
    scores = [one for tool in instruments for one in tool.scores]
    return {one.id: found for one in scores if (found := reliable_change_of(one)) is not None}


def changes(
    before: FloatArray, after: FloatArray, threshold: float, better: Literal["lower", "higher"]
) -> list[Change | None]:
    """What each of n people has reliably become, from (n,) before and (n,) after; None where either is NaN.

    A change as large as the threshold is not yet reliable: it has to be exceeded.
    """
    gain = (after - before) if better == "higher" else (before - after)
    return [_named(float(one), threshold) for one in gain]


def _named(gain: float, threshold: float) -> Change | None:
    if math.isnan(gain):
        return None
    if gain > threshold:
        return "improved"
    return "deteriorated" if gain < -threshold else "unchanged"


def _covariance(items: FloatArray) -> FloatArray | None:
    """(k, k) over complete rows; None where there is too little to tell."""
    complete = items[~np.isnan(items).any(axis=1)]
    if complete.shape[1] < 2 or len(complete) < 3:
        return None
    centred = complete - complete.mean(axis=0)
    return np.asarray(centred.T @ centred / (len(complete) - 1), dtype=np.float64)
