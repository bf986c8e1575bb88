"""Analysis of heterogeneous covariance: two arms compared by a model in which each arm has slopes of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trial.stats.ancova import AdjustedMean, adjusted_means, arm_difference
from trial.stats.arrays import FloatArray
from trial.stats.contrasts import contrast as judged
from trial.stats.design import build_design
from trial.stats.least_squares import Covariance
from trial.stats.model_input import check_contrast, check_options, check_shapes, check_values, names_of
from trial.stats.own_slopes import About, fit_own_slopes
from trial.stats.satterthwaite import Degrees


@dataclass(frozen=True, slots=True)
class AnhecovaResult:
    """The average effect, first arm of `contrast` minus the second; the other fields are those of `AncovaResult`.

    `about` says whose average: that of the population the participants come from, or of these very participants.
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
    about: About
    n: dict[str, int]
    adjusted_means: dict[str, AdjustedMean]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]


def anhecova(
    outcome: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    level: float = 0.95,
    covariance: Covariance = "HC3",
    degrees: Degrees = "residual",
    about: About = "population",
    names: Sequence[str] | None = None,
) -> AnhecovaResult:
    """Estimate the average effect with treatment by centred covariates: every arm has its own slopes.

    The arguments are those of `ancova`. Covariates are centred over everyone analysed, so that the difference of two
    arms' coefficients is the effect at the mean of the covariates, which by linearity is the mean of everyone's
    effects. Lin W (2013), Annals of Applied Statistics 7(1), 295-318; Ye T, Shao J, Yi Y, Zhao Q (2023), Journal of the
    American Statistical Association 118(544), 2370-2382, who name it so. In large trials it is never less precise than
    no adjustment or than common slopes, whatever the allocation ratio; in small ones it spends arms x covariates
    parameters.

    What the variance conditions on. `about` sample: the covariates of these people are taken as given, as in
    `estimatr::lm_lin`; where slopes differ it is too small for a population. `about` population (as in Ye and others)
    adds what is unknown of the population's mean covariates: `own_slopes.fit_own_slopes`. The degrees of freedom are
    those of the first part in both cases. Neither is narrowed for a restricted allocation (strata, minimisation).

    Raises AnalysisImpossible and ValueError as `ancova` does, and AnalysisImpossible when an arm has nobody who differs
    in a covariate.
    """
    labels = tuple(str(label) for label in arm)
    columns = names_of(covariates, names)
    check_shapes(outcome, labels, covariates, columns)
    check_options(level, covariance, degrees)
    check_contrast(labels, contrast)
    check_values(outcome, covariates, columns)
    common = build_design(labels, covariates, columns)
    design, fit = fit_own_slopes(common, outcome, covariance, about)
    difference = judged(fit, arm_difference(design, contrast), level, degrees, f"{contrast[0]!r} and {contrast[1]!r}")
    return AnhecovaResult(
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
        about=about,
        n={each: labels.count(each) for each in design.arms},
        adjusted_means=adjusted_means(design, fit, level, degrees),
        covariates=common.covariates,
        dropped=common.dropped,
    )
