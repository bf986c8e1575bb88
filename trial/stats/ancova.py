"""Analysis of covariance: the planned comparison of two arms at one timepoint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.design import Design, build_design
from trial.stats.least_squares import COVARIANCES, Covariance, Fit, least_squares

_NO_ERROR = 1e-12


@dataclass(frozen=True, slots=True)
class AdjustedMean:
    """The mean of one arm with every covariate at its mean among those analysed."""

    mean: float
    se: float
    ci: tuple[float, float]


@dataclass(frozen=True, slots=True)
class AncovaResult:
    """An adjusted difference, first arm of `contrast` minus the second, on the outcome's own scale.

    `n` counts the participants of each arm in the model, `covariates` those kept, `dropped` those left out
    because everyone analysed has the same value.
    """

    contrast: tuple[str, str]
    estimate: float
    se: float
    df: float
    t: float
    p: float
    ci: tuple[float, float]
    level: float
    covariance: Covariance
    n: dict[str, int]
    adjusted_means: dict[str, AdjustedMean]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]


def ancova(
    outcome: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    level: float = 0.95,
    covariance: Covariance = "HC3",
    names: Sequence[str] | None = None,
) -> AncovaResult:
    """Compare two arms by least squares of the outcome on all arms and the baseline covariates.

    `outcome` (n,), `arm` n labels (compared as text), `covariates` (n, k) called `names`, all without missing
    values: participants without the outcome are left out by the caller. Every arm among the labels is in the
    model, those of `contrast` and the others. Test and interval use t with n - p degrees of freedom, at
    confidence `level`; the covariance is that of `least_squares`. Adjusted means hold factors at the shares
    seen among those analysed, not at equal shares.

    Raises AnalysisImpossible when the data cannot carry the model: an arm of the contrast without
    participants, too few participants, values that are not finite, columns that depend on one another, no
    residual variation, or leverage 1 under HC2 or HC3. Raises ValueError when the arguments do not fit
    together.
    """
    labels = tuple(str(label) for label in arm)
    columns = tuple(names) if names is not None else _default_names(covariates)
    _check_call(outcome, labels, covariates, columns, contrast, level, covariance)
    _check_data(outcome, labels, covariates, columns, contrast)
    design = build_design(labels, covariates, columns)
    fit = least_squares(design, outcome, covariance)
    estimate, se = _difference(design, fit, contrast)
    if se <= _NO_ERROR * float(np.std(outcome)):
        raise AnalysisImpossible(f"The outcome does not vary within {contrast[0]!r} and {contrast[1]!r}.")
    t = estimate / se
    return AncovaResult(
        contrast=contrast,
        estimate=estimate,
        se=se,
        df=float(fit.df),
        t=t,
        p=2 * float(special.stdtr(fit.df, -abs(t))),
        ci=_interval(estimate, se, fit.df, level),
        level=level,
        covariance=covariance,
        n={each: labels.count(each) for each in design.arms},
        adjusted_means=_adjusted_means(design, fit, level),
        covariates=design.covariates,
        dropped=design.dropped,
    )


def _difference(design: Design, fit: Fit, contrast: tuple[str, str]) -> tuple[float, float]:
    one, other = design.arms.index(contrast[0]), design.arms.index(contrast[1])
    weights = np.zeros(len(fit.coefficients))
    weights[one], weights[other] = 1, -1
    variance = float(weights @ fit.covariance @ weights)
    return float(weights @ fit.coefficients), math.sqrt(max(variance, 0))


def _interval(centre: float, se: float, df: int, level: float) -> tuple[float, float]:
    half = float(special.stdtrit(df, (1 + level) / 2)) * se
    return centre - half, centre + half


def _adjusted_means(design: Design, fit: Fit, level: float) -> dict[str, AdjustedMean]:
    means = {}
    for index, each in enumerate(design.arms):
        mean, se = float(fit.coefficients[index]), math.sqrt(max(float(fit.covariance[index, index]), 0))
        means[each] = AdjustedMean(mean, se, _interval(mean, se, fit.df, level))
    return means


def _default_names(covariates: FloatArray) -> tuple[str, ...]:
    return tuple(f"covariate {number}" for number in range(1, covariates.shape[-1] + 1))


def _check_call(
    outcome: FloatArray,
    labels: tuple[str, ...],
    covariates: FloatArray,
    names: tuple[str, ...],
    contrast: tuple[str, str],
    level: float,
    covariance: Covariance,
) -> None:
    if outcome.ndim != 1 or covariates.ndim != 2:
        raise ValueError("the outcome is one column, the covariates are a table")
    if not len(outcome) == len(labels) == len(covariates):
        raise ValueError("outcome, arm and covariates differ in their number of participants")
    if covariates.shape[1] != len(names):
        raise ValueError("covariates and names differ in number")
    if contrast[0] == contrast[1]:
        raise ValueError("a contrast is between two different arms")
    if not 0 < level < 1:
        raise ValueError("a confidence level lies between 0 and 1")
    if covariance not in COVARIANCES:
        raise ValueError(f"the covariance is one of {', '.join(COVARIANCES)}")


def _check_data(
    outcome: FloatArray,
    labels: tuple[str, ...],
    covariates: FloatArray,
    names: tuple[str, ...],
    contrast: tuple[str, str],
) -> None:
    for each in contrast:
        if each not in labels:
            raise AnalysisImpossible(f"Arm {each!r} has no participant with an outcome to analyse.")
    if not np.all(np.isfinite(outcome)):
        raise AnalysisImpossible("The outcome has missing or infinite values among those to be analysed.")
    for name, column in zip(names, covariates.T, strict=True):
        if not np.all(np.isfinite(column)):
            raise AnalysisImpossible(f"Covariate {name!r} has missing or infinite values: impute it first.")
