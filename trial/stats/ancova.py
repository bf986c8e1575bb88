"""Analysis of covariance: the planned comparison of two arms at one timepoint."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trial.stats.arrays import FloatArray
from trial.stats.contrasts import contrast as judged
from trial.stats.contrasts import degrees_of
from trial.stats.design import Design, build_design
from trial.stats.intervals import half_width
from trial.stats.least_squares import Covariance, Fit, least_squares
from trial.stats.model_input import check_contrast, check_options, check_shapes, check_values, names_of
from trial.stats.satterthwaite import Degrees


@dataclass(frozen=True, slots=True)
class AdjustedMean:
    """The mean of one arm with every covariate at its mean among those analysed."""

    mean: float
    se: float
    ci: tuple[float, float]
    df: float


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
    degrees: Degrees
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
    degrees: Degrees = "residual",
    names: Sequence[str] | None = None,
) -> AncovaResult:
    """Compare two arms by least squares of the outcome on all arms and the baseline covariates.

    The model is E(y) = m_a + B'(x - mean of x), m_a the mean of the person's arm a; the estimate is the difference of
    two m_a, its variance that of `least_squares` (MacKinnon and White 1985).

    `outcome` (n,), `arm` n labels (compared as text), `covariates` (n, k) called `names`, all without missing
    values: participants without the outcome are left out by the caller. Every arm among the labels is in the
    model, those of `contrast` and the others. Test and interval use t at confidence `level`, with n - p degrees
    of freedom or, where `degrees` is satterthwaite, those of each contrast's own robust error (`satterthwaite`:
    HC2 with Bell and McCaffrey's); the covariance is that of `least_squares`. Adjusted means hold factors at the
    shares seen among those analysed, not at equal shares.

    Raises AnalysisImpossible when the data cannot carry the model: an arm of the contrast without
    participants, too few participants, values that are not finite, columns that depend on one another, no
    residual variation, or leverage 1 under HC2 or HC3. Raises ValueError when the arguments do not fit
    together.
    """
    labels = tuple(str(label) for label in arm)
    columns = names_of(covariates, names)
    check_shapes(outcome, labels, covariates, columns)
    check_options(level, covariance, degrees)
    check_contrast(labels, contrast)
    check_values(outcome, covariates, columns)
    design = build_design(labels, covariates, columns)
    fit = least_squares(design, outcome, covariance)
    difference = judged(fit, arm_difference(design, contrast), level, degrees, f"{contrast[0]!r} and {contrast[1]!r}")
    return AncovaResult(
        contrast=contrast,
        estimate=difference.estimate,
        se=difference.se,
        df=difference.df,
        t=difference.t,
        p=difference.p,
        ci=difference.ci,
        level=level,
        covariance=covariance,
        degrees=degrees,
        n={each: labels.count(each) for each in design.arms},
        adjusted_means=adjusted_means(design, fit, level, degrees),
        covariates=design.covariates,
        dropped=design.dropped,
    )


def arm_difference(design: Design, contrast: tuple[str, str]) -> FloatArray:
    """The weights (p,) of the first arm less the second in the coefficients of `design`."""
    return arm_weights(design, {contrast[0]: 1, contrast[1]: -1})


def arm_weights(design: Design, combination: Mapping[str, float]) -> FloatArray:
    """The weights (p,) of a combination of the arms' means in the coefficients of `design`."""
    weights = np.zeros(design.matrix.shape[1])
    for arm, weight in combination.items():
        weights[design.arms.index(arm)] = weight
    return weights


def adjusted_means(design: Design, fit: Fit, level: float, degrees: Degrees) -> dict[str, AdjustedMean]:
    """Every arm's mean with the covariates at their means among those analysed."""
    means = {}
    for index, each in enumerate(design.arms):
        mean, se = float(fit.coefficients[index]), math.sqrt(max(float(fit.covariance[index, index]), 0))
        df = degrees_of(fit, np.eye(len(fit.coefficients))[index], degrees)
        half = half_width(se, df, level)
        means[each] = AdjustedMean(mean, se, (mean - half, mean + half), df)
    return means
