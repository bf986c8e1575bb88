"""Logistic regression: a yes or no, its odds ratio between two arms, and what it foretells for each person."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.design import Design, build_design
from trial.stats.separation import separating

BinaryCovariance = Literal["HC3", "HC2", "HC0", "model"]
BINARY_COVARIANCES: tuple[BinaryCovariance, ...] = ("HC3", "HC2", "HC0", "model")

_ROUNDS = 40
_SETTLED = 1e-10
_CERTAIN = 1e-11  # a fitted share so near 0 or 1 that the estimate may be running away
_LEVERAGE_ONE = 1 - 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class LogisticFit:
    """Greatest likelihood: coefficients (p,), inverse information (p, p), fitted shares and leverages (n,)."""

    coefficients: FloatArray
    inverse: FloatArray
    fitted: FloatArray
    leverages: FloatArray
    df: int


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """Odds of the first arm of `contrast` over those of the second, for people alike in every covariate.

    The interval and p are by the normal distribution on the scale of the logarithm, `log_estimate` with `se`. `n` and
    `events` count the participants of each arm; `dropped` names covariates that are the same for everyone.
    """

    contrast: tuple[str, str]
    estimate: float
    ci: tuple[float, float]
    level: float
    log_estimate: float
    se: float
    p: float
    covariance: BinaryCovariance
    n: dict[str, int]
    events: dict[str, int]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]


def odds_ratio(
    outcome: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    level: float = 0.95,
    covariance: BinaryCovariance = "model",
    names: Sequence[str] | None = None,
) -> OddsRatio:
    """Compare the odds of two arms by logistic regression of `outcome` (n,), 0 or 1, on all arms and the covariates.

    Arguments as for `ancova`. With covariates this is a comparison of people alike in them, and further from 1 than
    the odds ratio of the arms as wholes, even where chance has balanced everything: for an effect on the arms see
    `standardization`. Raises AnalysisImpossible as `fit_logistic` does; ValueError when arguments do not fit together.
    """
    design = binary_design(outcome, arm, covariates, contrast, level, names)
    fit = fit_logistic(design, outcome)
    weights = np.array([(each == contrast[0]) - float(each == contrast[1]) for each in design.arms])
    table = covariance_of(fit, design, outcome, covariance)[: len(weights), : len(weights)]
    log_estimate, se = float(weights @ fit.coefficients[: len(weights)]), math.sqrt(float(weights @ table @ weights))
    half = float(special.ndtri((1 + level) / 2)) * se
    return OddsRatio(
        contrast,
        math.exp(log_estimate),
        (math.exp(log_estimate - half), math.exp(log_estimate + half)),
        level,
        log_estimate,
        se,
        2 * float(special.ndtr(-abs(log_estimate / se))),
        covariance,
        {each: design.row_arms.count(each) for each in design.arms},
        events_by_arm(design, outcome),
        design.covariates,
        design.dropped,
    )


def fit_logistic(design: Design, outcome: FloatArray) -> LogisticFit:
    """Maximise the likelihood of `outcome` (n,), 0 or 1, by Newton's steps (iteratively reweighted least squares).

    With m = 1 / (1 + exp(-X b)) and w = m (1 - m), a step is (X'WX)^-1 X'(y - m), halved until the likelihood does
    not fall. McCullagh P, Nelder JA (1989), Generalized linear models, second edition, chapter 4. Raises
    AnalysisImpossible, with the names, where arms or covariates separate those who have it from those who have not.
    """
    x, b = design.matrix, np.zeros(design.matrix.shape[1])
    likelihood, looked = _likelihood(x @ b, outcome), False
    for _ in range(_ROUNDS):
        fitted = special.expit(x @ b)
        root = np.sqrt(fitted * (1 - fitted))
        if root.min() < math.sqrt(_CERTAIN):
            if not looked:
                _refuse_separation(design, outcome)
                looked = True
            root = np.maximum(root, math.sqrt(np.finfo(float).tiny))
        basis, triangle = np.linalg.qr(root[:, None] * x)
        step = np.linalg.solve(triangle, basis.T @ ((outcome - fitted) / root))
        b, likelihood = _stepped(x, outcome, b, step, likelihood)
        if float(np.max(np.abs(x @ step))) < _SETTLED:
            return _finished(design, b)
    _refuse_separation(design, outcome)
    raise AnalysisImpossible("The logistic model did not settle on an estimate: plan fewer covariates.")


def covariance_of(fit: LogisticFit, design: Design, outcome: FloatArray, covariance: BinaryCovariance) -> FloatArray:
    """(p, p): the inverse information ("model"), or B X' diag(e^2) X B with B that and e from `residuals_of`.

    Zeileis A (2006), Object-oriented computation of sandwich estimators, Journal of Statistical Software 16(9), 1-16.
    """
    if covariance == "model":
        return fit.inverse
    parts = (design.matrix * residuals_of(fit, design, outcome, covariance)[:, None]) @ fit.inverse
    return np.asarray(parts.T @ parts)


def residuals_of(fit: LogisticFit, design: Design, outcome: FloatArray, covariance: BinaryCovariance) -> FloatArray:
    """(n,): y - m, over sqrt(1 - h) for HC2 and 1 - h for HC3, h the leverages of the weighted model matrix.

    Raises AnalysisImpossible for HC2 and HC3 where one person alone determines a parameter: h is 1.
    """
    residuals = outcome - fit.fitted
    if covariance in ("HC0", "model"):
        return np.asarray(residuals)
    alone = np.flatnonzero(fit.leverages > _LEVERAGE_ONE)
    if len(alone) > 0:
        arm = design.row_arms[int(alone[0])]
        raise AnalysisImpossible(f"One participant, of arm {arm!r}, alone determines a parameter: plan HC0 or model.")
    spare = 1 - fit.leverages
    return np.asarray(residuals / (np.sqrt(spare) if covariance == "HC2" else spare))


def binary_design(
    outcome: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    level: float,
    names: Sequence[str] | None,
) -> Design:
    """Check the call and the data of a model of a yes or no, `outcome` (n,) on `covariates` (n, k); lay it out.

    Raises ValueError where arguments do not fit together; AnalysisImpossible for an arm without people, an outcome that
    is not 0 or 1, a gap in a covariate, and as `build_design` does.
    """
    labels = [str(label) for label in arm]
    columns = tuple(names) if names is not None else tuple(f"covariate {k + 1}" for k in range(covariates.shape[-1]))
    if outcome.ndim != 1 or covariates.ndim != 2 or not len(outcome) == len(labels) == len(covariates):
        raise ValueError("outcome, arm and covariates are of the same participants, the covariates a table")
    if covariates.shape[1] != len(columns):
        raise ValueError("covariates and names differ in number")
    if contrast[0] == contrast[1] or not 0 < level < 1:
        raise ValueError("a contrast is between two arms, a confidence level between 0 and 1")
    for each in contrast:
        if each not in labels:
            raise AnalysisImpossible(f"Arm {each!r} has no participant with an outcome to analyse.")
    if not np.all((outcome == 0) | (outcome == 1)):
        raise AnalysisImpossible("The outcome is not 0 or 1 for everyone analysed.")
    for name, column in zip(columns, covariates.T, strict=True):
        if not np.all(np.isfinite(column)):
            raise AnalysisImpossible(f"Covariate {name!r} has missing or infinite values: impute it first.")
    return build_design(labels, covariates, columns)


def events_by_arm(design: Design, outcome: FloatArray) -> dict[str, int]:
    """How many of each arm have the `outcome` (n,), 0 or 1."""
    where = np.array(design.row_arms)
    return {each: int(outcome[where == each].sum()) for each in design.arms}


def _likelihood(linear: FloatArray, outcome: FloatArray) -> float:
    return float(np.sum(outcome * linear - np.logaddexp(0, linear)))


def _stepped(
    x: FloatArray, outcome: FloatArray, b: FloatArray, step: FloatArray, likelihood: float
) -> tuple[FloatArray, float]:
    for _ in range(30):
        reached = _likelihood(x @ (b + step), outcome)
        if reached >= likelihood - 1e-12 * abs(likelihood):
            return b + step, reached
        step = step / 2
    return b, likelihood


def _finished(design: Design, b: FloatArray) -> LogisticFit:
    fitted = special.expit(design.matrix @ b)
    basis, triangle = np.linalg.qr(np.sqrt(fitted * (1 - fitted))[:, None] * design.matrix)
    inverse = np.linalg.inv(triangle)
    n, p = design.matrix.shape
    return LogisticFit(b, inverse @ inverse.T, fitted, np.einsum("ij,ij->i", basis, basis), n - p)


def _refuse_separation(design: Design, outcome: FloatArray) -> None:
    counts = events_by_arm(design, outcome)
    for each in design.arms:
        if counts[each] in (0, design.row_arms.count(each)):
            who = "Nobody" if counts[each] == 0 else "Everybody"
            raise AnalysisImpossible(
                f"{who} in arm {each!r} has the outcome: a logistic model has no finite estimate. "
                "Compare the proportions without a model."
            )
    parameters = separating(design.matrix * (2 * outcome - 1)[:, None])
    if parameters is None:
        return
    names = [name for name, part in zip(design.covariates, parameters[len(design.arms) :], strict=True) if part]
    raise AnalysisImpossible(
        f"{', '.join(map(repr, names))} tells some who have the outcome from those who do not without a single "
        "error (separation): a logistic model has no finite estimate. Leave it out or merge levels."
    )
