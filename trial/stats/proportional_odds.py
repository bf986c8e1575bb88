"""An ordered outcome of a few levels: proportional odds, with the proportions themselves put to a test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.design import Design, build_design
from trial.stats.logistic import LogisticFit, fit_logistic
from trial.stats.separation import separating

LevelsCovariance = Literal["model", "robust"]
Codes = npt.NDArray[np.int64]  # the level of each person, from 0

_ROUNDS = 60
_SETTLED = 1e-10


@dataclass(frozen=True, slots=True)
class Proportionality:
    """Whether one odds ratio fits every cut of the scale: chi-square on `df`, and the odds ratio at each cut, upwards.

    With few people it finds little: a large `p` is no proof of proportional odds, and the odds ratios are to be read.
    """

    chi_square: float
    df: int
    p: float
    odds_ratios: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ProportionalOdds:
    """Odds of lying above a cut of the scale in the first arm of `contrast` over the second, whichever the cut.

    For people alike in the covariates. The interval and p are by the normal distribution on the scale of the logarithm.
    `proportionality` is None where it cannot be tested, and `untested` then says why.
    """

    contrast: tuple[str, str]
    estimate: float
    ci: tuple[float, float]
    level: float
    log_estimate: float
    se: float
    p: float
    covariance: LevelsCovariance
    proportionality: Proportionality | None
    untested: str
    levels: tuple[float, ...]
    counts: dict[str, tuple[int, ...]]
    cuts: tuple[float, ...]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]


def proportional_odds(
    outcome: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    level: float = 0.95,
    covariance: LevelsCovariance = "model",
    names: Sequence[str] | None = None,
) -> ProportionalOdds:
    """Compare two arms by logit P(Y > c_k) = x'b - t_k at every cut t_k of the levels that occur in `outcome` (n,).

    Greatest likelihood by Newton's steps, halved until the likelihood does not fall, with exact second derivatives.
    Errors from the observed information I (`covariance` model), which are right where one odds ratio fits every cut; or
    robust: I^-1 S'S I^-1 n / (n - p), S (n, p) each person's slopes of the likelihood and p with the cuts, which are
    those of what the ratio settles on where none fits all. Huber PJ (1967), The behavior of maximum likelihood
    estimates under nonstandard conditions, Proceedings of the Fifth Berkeley Symposium 1, 221-233. The model: McCullagh
    P (1980), Regression models for ordinal data, Journal of the Royal Statistical Society B 42, 109-142. Arguments as
    for `ancova`; levels count by their order alone.

    Proportionality is tested for the arm of `contrast` by Brant R (1990), Assessing proportionality in the proportional
    odds model for ordinal logistic regression, Biometrics 46, 1171-1178: a logistic model at every cut, the covariance
    of their estimates from (X'W_jX)^-1 X'W_jk X (X'W_kX)^-1 with weights m_k - m_j m_k for the higher cut k of two, and
    Wald's chi-square of all differences from the first.

    Raises AnalysisImpossible for fewer than three levels (that is a yes or no), separation, an empty arm, as
    `build_design` does; and for a robust error of no more people than parameters, or of an arm of one person: the
    slopes of somebody who alone determines their arm are 0, as if that arm were known without error.
    """
    design = _design(outcome, arm, covariates, contrast, level, names)
    levels, inverse = np.unique(outcome, return_inverse=True)
    codes = inverse.astype(np.int64)
    if len(levels) < 3:
        only = (
            "it is the same for everyone, and there is nothing to compare"
            if len(levels) == 1
            else "compare it as a yes or no"
        )
        raise AnalysisImpossible(f"The outcome has fewer than three levels: {only}.")
    free = _without_last_arm(design)
    theta, rows, information = _fit(free, codes, len(levels))
    if covariance == "robust":
        _refuse_few(design, contrast, len(theta))
    cuts, arms = len(levels) - 1, len(design.arms)
    full = np.zeros(len(theta))
    for place, sign in ((contrast[0], 1.0), (contrast[1], -1.0)):
        if design.arms.index(place) < arms - 1:
            full[cuts + design.arms.index(place)] = sign
    log_estimate = float(full @ theta)
    se = _error(full, rows, information, covariance)
    half = float(special.ndtri((1 + level) / 2)) * se
    proportionality, untested = _proportionality(design, codes, cuts, contrast)
    where = np.array(design.row_arms)
    return ProportionalOdds(
        contrast,
        math.exp(log_estimate),
        (math.exp(log_estimate - half), math.exp(log_estimate + half)),
        level,
        log_estimate,
        se,
        2 * float(special.ndtr(-abs(log_estimate / se))),
        covariance,
        proportionality,
        untested,
        tuple(float(each) for each in levels),
        {each: tuple(np.bincount(codes[where == each], minlength=cuts + 1).tolist()) for each in design.arms},
        tuple(float(each) for each in theta[:cuts]),
        design.covariates,
        design.dropped,
    )


def _error(full: FloatArray, rows: FloatArray, information: FloatArray, covariance: LevelsCovariance) -> float:
    """Of `full` (p,) times the parameters."""
    weights = np.linalg.solve(information, full)
    if covariance == "model":
        return math.sqrt(float(full @ weights))
    n, p = rows.shape
    return math.sqrt(float(np.sum((rows @ weights) ** 2)) * n / (n - p))


def _refuse_few(design: Design, contrast: tuple[str, str], parameters: int) -> None:
    people = len(design.row_arms)
    if people <= parameters:
        raise AnalysisImpossible(
            f"{people} participants cannot carry a robust error of {parameters} parameters, one for each cut of the "
            "levels among them: join levels, or plan fewer covariates."
        )
    for arm in contrast:
        if design.row_arms.count(arm) == 1:
            raise AnalysisImpossible(
                f"One participant, of arm {arm!r}, alone determines its odds: a robust error is undefined there. Leave "
                "the comparison with this arm out."
            )


def _design(
    outcome: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    level: float,
    names: Sequence[str] | None,
) -> Design:
    labels = [str(label) for label in arm]
    columns = tuple(names) if names is not None else tuple(f"covariate {k + 1}" for k in range(covariates.shape[-1]))
    if outcome.shape != (len(labels),) or covariates.shape != (len(labels), len(columns)):
        raise ValueError("outcome, arm and covariates are of the same participants, with one name a column")
    if contrast[0] == contrast[1] or not 0 < level < 1:
        raise ValueError("a contrast is between two arms, a confidence level between 0 and 1")
    for each in contrast:
        if each not in labels:
            raise AnalysisImpossible(f"Arm {each!r} has no participant with an outcome to analyse.")
    if not np.all(np.isfinite(outcome)) or not np.all(np.isfinite(covariates)):
        raise AnalysisImpossible("Outcome or covariates have missing or infinite values among those to be analysed.")
    return build_design(labels, covariates, columns)


def _without_last_arm(design: Design) -> FloatArray:
    """The cuts stand for the mean, so that one arm has no column of its own."""
    return np.delete(design.matrix, len(design.arms) - 1, axis=1)


def _bounds(theta: FloatArray, x: FloatArray, codes: Codes, cuts: int) -> tuple[FloatArray, FloatArray]:
    """Upper and lower t_k - x'b of each person's level; infinite at the ends."""
    ends = np.concatenate([[-np.inf], theta[:cuts], [np.inf]])
    linear = x @ theta[cuts:]
    return ends[codes + 1] - linear, ends[codes] - linear


def _likelihood(theta: FloatArray, x: FloatArray, codes: Codes, cuts: int) -> float:
    if np.any(np.diff(theta[:cuts]) <= 0):
        return -math.inf
    upper, lower = _bounds(theta, x, codes, cuts)
    # the same by either tail; the nearer one keeps its digits
    share = np.where(
        lower > 0, special.expit(-lower) - special.expit(-upper), special.expit(upper) - special.expit(lower)
    )
    return float(np.sum(np.log(share))) if np.all(share > 0) else -math.inf


def _fit(x: FloatArray, codes: Codes, levels: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Cuts and coefficients, and there each person's slopes and the observed information."""
    cuts = levels - 1
    below = np.cumsum(np.bincount(codes, minlength=levels))[:-1] / len(codes)
    theta = np.concatenate([special.logit(below), np.zeros(x.shape[1])])
    likelihood = _likelihood(theta, x, codes, cuts)
    for _ in range(_ROUNDS):
        rows, information = _slopes(theta, x, codes, cuts)
        try:
            step = np.linalg.solve(information, rows.sum(axis=0))
        except np.linalg.LinAlgError:
            break
        settled = float(np.max(np.abs(step))) < _SETTLED
        for _ in range(40):
            reached = _likelihood(theta + step, x, codes, cuts)
            if reached >= likelihood - 1e-12 * abs(likelihood):
                theta, likelihood = theta + step, reached
                break
            step = step / 2
        if settled:
            return theta, *_slopes(theta, x, codes, cuts)
        if np.max(np.abs(theta[cuts:])) > 25:
            break
    _refuse_separation(x, codes, cuts)
    raise AnalysisImpossible("The proportional odds model did not settle on an estimate: plan fewer covariates.")


def _slopes(theta: FloatArray, x: FloatArray, codes: Codes, cuts: int) -> tuple[FloatArray, FloatArray]:
    upper, lower = _bounds(theta, x, codes, cuts)
    above, under = special.expit(upper), special.expit(lower)
    share = above - under
    du, dl = above * (1 - above), under * (1 - under)  # slopes of the distribution, 0 at its ends
    ddu, ddl = du * (1 - 2 * above), dl * (1 - 2 * under)
    rows = np.arange(len(codes))
    tops, bottoms = np.zeros((len(codes), cuts + 2)), np.zeros((len(codes), cuts + 2))
    tops[rows, codes + 1], bottoms[rows, codes] = 1, 1
    top, bottom = np.hstack([tops[:, 1:-1], -x]), np.hstack([bottoms[:, 1:-1], -x])
    slope = (du[:, None] * top - dl[:, None] * bottom) / share[:, None]
    curvature = (top * (ddu / share)[:, None]).T @ top - (bottom * (ddl / share)[:, None]).T @ bottom
    return slope, slope.T @ slope - curvature


def _refuse_separation(x: FloatArray, codes: Codes, cuts: int) -> None:
    """A level's share grows as its upper end does and its lower end falls: one row for each end that is finite."""
    steps = np.eye(cuts)
    tops = np.hstack([steps[codes[codes < cuts]], -x[codes < cuts]])
    bottoms = np.hstack([-steps[codes[codes > 0] - 1], x[codes > 0]])
    if separating(np.vstack([tops, bottoms])) is not None:
        raise AnalysisImpossible(
            "An arm or a covariate tells levels of the outcome apart without a single error (separation): proportional "
            "odds have no finite estimate. Compare the arms by their order alone."
        )


def _proportionality(
    design: Design, codes: Codes, cuts: int, contrast: tuple[str, str]
) -> tuple[Proportionality | None, str]:
    fits: list[LogisticFit] = []
    for cut in range(cuts):
        try:
            fits.append(fit_logistic(design, (codes > cut).astype(np.float64)))
        except AnalysisImpossible:
            return None, f"a logistic model has no estimate at cut {cut + 1} of {cuts}, too few lie beyond it"
    weights = np.zeros(design.matrix.shape[1])
    weights[design.arms.index(contrast[0])], weights[design.arms.index(contrast[1])] = 1, -1
    x = design.matrix
    estimates = np.array([float(weights @ fit.coefficients) for fit in fits])
    sides = [fit.inverse @ weights for fit in fits]
    table = np.empty((cuts, cuts))
    for low in range(cuts):
        for high in range(low, cuts):
            both = fits[high].fitted * (1 - fits[low].fitted)
            table[low, high] = table[high, low] = float((x @ sides[low]) @ (both * (x @ sides[high])))
    apart = np.hstack([-np.ones((cuts - 1, 1)), np.eye(cuts - 1)])
    difference, spread = apart @ estimates, apart @ table @ apart.T
    values = np.linalg.eigvalsh(spread)
    if values[0] <= 1e-10 * values[-1]:
        return None, "the cuts lie too close together to be told apart"
    chi_square = float(difference @ np.linalg.solve(spread, difference))
    p = float(special.chdtrc(cuts - 1, chi_square))
    return Proportionality(chi_square, cuts - 1, p, tuple(float(each) for each in np.exp(estimates))), ""
