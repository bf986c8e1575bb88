"""From what a paper prints to an effect with its sampling variance, ready to be pooled."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.effect_size import small_sample_correction


@dataclass(frozen=True, slots=True)
class Effect:
    """An estimate with its sampling variance; `measure` says of what, and by which formula."""

    estimate: float
    variance: float
    measure: str


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """People, mean and standard deviation of one arm."""

    n: int
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class PrePost:
    """One arm before and after: people with both, means, the standard deviation before, and the correlation of both."""

    n: int
    mean_pre: float
    mean_post: float
    sd_pre: float
    r: float


def from_interval(low: float, high: float, level: float = 0.95) -> Effect:
    """The middle of a confidence interval, and its variance ((high - low) / (2 z))^2 with z of the normal distribution.

    For a ratio give the logarithms of its ends. An interval by t of a small study is a little wider, and its variance
    here a little too large. Raises AnalysisImpossible for ends that are infinite or the wrong way round, ValueError
    for a level outside 0 to 1.
    """
    if not 0 < level < 1:
        raise ValueError("a confidence level lies between 0 and 1")
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise AnalysisImpossible("An interval needs two finite ends, the lower below the upper.")
    error = (high - low) / (2 * float(special.ndtri((1 + level) / 2)))
    return Effect((low + high) / 2, error**2, "estimate from its interval")


def mean_difference(first: ArmSummary, second: ArmSummary) -> Effect:
    """Mean of `first` less that of `second`, variance sd1^2 / n1 + sd2^2 / n2. `metafor::escalc`, measure MD."""
    _check_arms(first, second)
    variance = first.sd**2 / first.n + second.sd**2 / second.n
    return Effect(first.mean - second.mean, variance, "mean difference")


def standardized_difference(first: ArmSummary, second: ArmSummary) -> Effect:
    """Hedges g of `first` less `second`: g = J d, d over the pooled standard deviation, df = n1 + n2 - 2.

    Variance 1/n1 + 1/n2 + g^2 / (2 (n1 + n2)), the large-sample one of Hedges LV, Olkin I (1985), Statistical methods
    for meta-analysis; `metafor::escalc`, measure SMD, whose default it is.
    """
    _check_arms(first, second)
    df = first.n + second.n - 2
    pooled = math.sqrt(((first.n - 1) * first.sd**2 + (second.n - 1) * second.sd**2) / df)
    g = small_sample_correction(df) * (first.mean - second.mean) / pooled
    variance = 1 / first.n + 1 / second.n + g**2 / (2 * (first.n + second.n))
    return Effect(g, variance, "standardised mean difference, Hedges g")


def standardized_adjusted(g: float, se: float, sd: float, n1: int, n2: int) -> Effect:
    """Hedges g of an adjusted difference with standard error `se`, standardised by a raw `sd`.

    Variance (se / sd)^2 + g^2 / (2 (n1 + n2)): the first term of the unadjusted variance, 1/n1 + 1/n2, is what
    (se / sd)^2 is without covariates, and smaller by what the covariates explain. With two arms, no covariates and the
    pooled error it is that of `standardized_difference`. Raises AnalysisImpossible for an error or a standard deviation
    that is not above zero, and for arms without people.
    """
    if not (math.isfinite(g) and se > 0 and math.isfinite(se) and sd > 0 and math.isfinite(sd) and min(n1, n2) >= 1):
        raise AnalysisImpossible("An adjusted g needs an error and a standard deviation above zero, and people.")
    variance = (se / sd) ** 2 + g**2 / (2 * (n1 + n2))
    return Effect(g, variance, "standardised mean difference, Hedges g, adjusted")


def pre_post_control(treated: PrePost, control: PrePost) -> Effect:
    """The change of `treated` less that of `control`, over the standard deviation of both before: Morris's d_ppc2.

    d = J ((post - pre)_T - (post - pre)_C) / SD_pre, SD_pre pooled over the arms, df = nT + nC - 2: Morris SB (2008),
    Organizational Research Methods 11, 364-386, who prefers it for its bias and precision. J is the exact correction
    (Morris has its approximation). Variance: the large-sample 2 (1 - r_T) / nT + 2 (1 - r_C) / nC + d^2 / (2 (nT +
    nC)), as in the worked analysis of that paper in metafor's documentation, with the correlation of each arm; not
    Morris's exact one. It takes the standard deviations before and after to be alike.

    Raises AnalysisImpossible for an arm of fewer than two, a standard deviation that is not above zero, means that are
    missing, and a correlation of -1 or 1 or beyond.
    """
    for one in (treated, control):
        _check_arm(one.n, one.sd_pre)
        if not (math.isfinite(one.mean_pre) and math.isfinite(one.mean_post)):
            raise AnalysisImpossible("A mean is missing or infinite.")
        if not -1 < one.r < 1:
            raise AnalysisImpossible("The correlation between before and after lies between -1 and 1, both left out.")
    df = treated.n + control.n - 2
    pooled = math.sqrt(((treated.n - 1) * treated.sd_pre**2 + (control.n - 1) * control.sd_pre**2) / df)
    change = (treated.mean_post - treated.mean_pre) - (control.mean_post - control.mean_pre)
    d = small_sample_correction(df) * change / pooled
    variance = 2 * (1 - treated.r) / treated.n + 2 * (1 - control.r) / control.n + d**2 / (2 * (treated.n + control.n))
    return Effect(d, variance, "standardised pre-post-control difference, d_ppc2")


def fisher_z(r: float, n: int, reliability_x: float = 1.0, reliability_y: float = 1.0) -> Effect:
    """A correlation as z = artanh(r), variance 1 / (n - 3); back by tanh. `metafor::escalc`, measure ZCOR.

    With reliabilities below 1 the correlation is first corrected for attenuation, R = r / a with a = sqrt(rel_x rel_y)
    (Spearman C (1904), American Journal of Psychology 15, 72-101), and the variance of artanh(R) is that of z times
    ((1 - r^2) / (a (1 - R^2)))^2, by the delta method. The reliabilities are taken for known, so the variance is on the
    small side.

    Raises AnalysisImpossible for fewer than four people, a correlation or a reliability out of its range, and where
    the corrected correlation is 1 or beyond.
    """
    if n < 4:
        raise AnalysisImpossible("A correlation needs at least four people to have an error.")
    if not -1 < r < 1:
        raise AnalysisImpossible("A correlation lies between -1 and 1, both left out.")
    if not (0 < reliability_x <= 1 and 0 < reliability_y <= 1):
        raise AnalysisImpossible("A reliability is above 0 and at most 1.")
    attenuation = math.sqrt(reliability_x * reliability_y)
    corrected = r / attenuation
    if not -1 < corrected < 1:
        raise AnalysisImpossible(f"Corrected for attenuation the correlation of {r:g} would be {corrected:.2f}.")
    if attenuation == 1:
        return Effect(math.atanh(r), 1 / (n - 3), "correlation, Fisher z")
    stretch = (1 - r**2) / (attenuation * (1 - corrected**2))
    return Effect(math.atanh(corrected), stretch**2 / (n - 3), "correlation corrected for attenuation, Fisher z")


def _check_arms(first: ArmSummary, second: ArmSummary) -> None:
    for one in (first, second):
        _check_arm(one.n, one.sd)
        if not math.isfinite(one.mean):
            raise AnalysisImpossible("A mean is missing or infinite.")


def _check_arm(n: int, sd: float) -> None:
    if n < 2:
        raise AnalysisImpossible("An arm needs at least two people to have a standard deviation.")
    if not (math.isfinite(sd) and sd > 0):
        raise AnalysisImpossible("A standard deviation is above zero.")
