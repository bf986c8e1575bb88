"""Risk difference and risk ratio of two arms as wholes, adjusted for covariates by a logistic model (g-computation)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.design import Design
from trial.stats.intervals import t_interval
from trial.stats.logistic import (
    BINARY_COVARIANCES,
    BinaryCovariance,
    LogisticFit,
    binary_design,
    events_by_arm,
    fit_logistic,
    residuals_of,
)


@dataclass(frozen=True, slots=True)
class Risk:
    """The share that would have the outcome, had everyone analysed been given this arm."""

    estimate: float
    se: float


@dataclass(frozen=True, slots=True)
class RiskContrast:
    """A comparison of two such shares. Of a ratio, `se` is that of its logarithm, where interval and p come from."""

    estimate: float
    se: float
    ci: tuple[float, float]
    p: float


@dataclass(frozen=True, slots=True)
class StandardizedRisks:
    """First arm of `contrast` against the second. `of` says whom the errors speak of; test and interval use t(df).

    `odds` is the ratio of the odds of the arms as wholes, r (1 - r)^-1 each: nearer to 1 than that of people alike.
    """

    contrast: tuple[str, str]
    difference: RiskContrast
    ratio: RiskContrast
    odds: RiskContrast
    risks: dict[str, Risk]
    df: int
    level: float
    covariance: BinaryCovariance
    of: str
    n: dict[str, int]
    events: dict[str, int]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]


def standardize(
    outcome: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    level: float = 0.95,
    covariance: BinaryCovariance = "HC3",
    names: Sequence[str] | None = None,
    sampled: bool = True,
) -> StandardizedRisks:
    """Compare shares by logistic regression of `outcome` (n,), 0 or 1, on all arms and the covariates.

    The risk r_a of arm a is the mean of m_i(a) = 1 / (1 + exp(-x_i(a)'b)) over everyone analysed, each with arm a in
    place of their own: right for a randomised trial even where the model is wrong, for the model's shares sum to the
    observed ones in each arm. Its error by person is (m_i(a) - r_a) / n + J_a B x_i e_i, with J_a the gradient of r_a,
    B the inverse information and e as in `logistic.residuals_of`; the covariance of risks is the sum of products of
    these. That is the sandwich of the stacked estimating equations (Stefanski LA, Boos DD (2002), The calculus of
    M-estimation, The American Statistician 56, 29-38), and for HC2 and HC3 with residuals enlarged by leverage. Under
    "model" it is J B J' and, apart, the products of the first terms over n^2. Without `sampled` the first terms are
    left out: the delta method for people with just these covariates. The errors of
    the ratios of risks and of odds are those of their logarithms.

    Arguments as for `ancova`. Raises AnalysisImpossible as `fit_logistic` does.
    """
    if covariance not in BINARY_COVARIANCES:
        raise ValueError(f"the covariance is one of {', '.join(BINARY_COVARIANCES)}")
    design = binary_design(outcome, arm, covariates, contrast, level, names)
    fit = fit_logistic(design, outcome)
    shares = np.column_stack([_shares(design, fit, each) for each in contrast])
    risks = shares.mean(axis=0)
    table = _covariance(design, fit, outcome, shares, contrast, covariance, sampled)
    by_difference, by_logarithm = np.array([1.0, -1.0]), np.array([1 / risks[0], -1 / risks[1]])
    by_logit = np.array([1.0, -1.0]) / (risks * (1 - risks))
    logits = np.log(risks / (1 - risks))
    difference = float(risks[0] - risks[1])
    return StandardizedRisks(
        contrast,
        _contrast(difference, _se(by_difference, table), fit.df, level),
        _ratio(float(np.log(risks[0] / risks[1])), _se(by_logarithm, table), fit.df, level),
        _ratio(float(logits[0] - logits[1]), _se(by_logit, table), fit.df, level),
        {each: Risk(float(risks[k]), math.sqrt(float(table[k, k]))) for k, each in enumerate(contrast)},
        fit.df,
        level,
        covariance,
        "people like those analysed" if sampled else "people with just the covariates of those analysed",
        {each: design.row_arms.count(each) for each in design.arms},
        events_by_arm(design, outcome),
        design.covariates,
        design.dropped,
    )


def _given(design: Design, arm: str) -> FloatArray:
    matrix = design.matrix.copy()
    matrix[:, : len(design.arms)] = [each == arm for each in design.arms]
    return matrix


def _shares(design: Design, fit: LogisticFit, arm: str) -> FloatArray:
    return np.asarray(special.expit(_given(design, arm) @ fit.coefficients))


def _covariance(
    design: Design,
    fit: LogisticFit,
    outcome: FloatArray,
    shares: FloatArray,
    contrast: tuple[str, str],
    covariance: BinaryCovariance,
    sampled: bool,
) -> FloatArray:
    n = len(outcome)
    slopes = shares * (1 - shares)
    gradients = np.stack([slopes[:, k] @ _given(design, each) / n for k, each in enumerate(contrast)])
    about = (shares - shares.mean(axis=0)) / n if sampled else np.zeros_like(shares)
    if covariance == "model":
        return np.asarray(gradients @ fit.inverse @ gradients.T + about.T @ about)
    residuals = residuals_of(fit, design, outcome, covariance)
    parts = about + (design.matrix * residuals[:, None]) @ fit.inverse @ gradients.T
    return np.asarray(parts.T @ parts)


def _se(weights: FloatArray, table: FloatArray) -> float:
    se = math.sqrt(max(float(weights @ table @ weights), 0.0))
    if se == 0:
        raise AnalysisImpossible("The model foretells every outcome: no error is left to judge the difference by.")
    return se


def _contrast(estimate: float, se: float, df: int, level: float) -> RiskContrast:
    ci, p = t_interval(estimate, se, df, level)
    return RiskContrast(estimate, se, ci, p)


def _ratio(logarithm: float, se: float, df: int, level: float) -> RiskContrast:
    (low, high), p = t_interval(logarithm, se, df, level)
    return RiskContrast(math.exp(logarithm), se, (math.exp(low), math.exp(high)), p)
