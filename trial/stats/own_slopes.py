"""The linear model in which every arm has covariate slopes of its own, and what its variance is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.design import Design, refuse_dependence, refuse_too_few
from trial.stats.least_squares import Covariance, Fit, least_squares

About = Literal["population", "sample"]
ABOUT: tuple[About, ...] = ("population", "sample")
_FLAT = 1e-10


def with_own_slopes(design: Design) -> Design:
    """The design with each covariate once per arm; an arm's coefficient stays its mean where everyone is on average.

    Raises AnalysisImpossible when an arm has nobody who differs in a covariate, or too few people for its slopes.
    """
    indicators = design.matrix[:, : len(design.arms)]
    shared = design.matrix[:, len(design.arms) :]
    for arm, inside in zip(design.arms, indicators.T, strict=True):
        for name, column in zip(design.covariates, shared.T, strict=True):
            if np.ptp(column[inside > 0]) <= _FLAT:
                raise AnalysisImpossible(
                    f"In arm {arm!r} everyone has the same {name!r}: its slope there cannot be known. "
                    "Plan the model with common slopes."
                )
    matrix = np.hstack([indicators, *(shared * inside[:, None] for inside in indicators.T)])
    names = tuple(f"{name} in arm {arm}" for arm in design.arms for name in design.covariates)
    refuse_too_few(matrix)
    refuse_dependence(matrix, design.arms, names)
    return replace(design, matrix=matrix, covariates=names)


def fit_own_slopes(design: Design, outcome: FloatArray, covariance: Covariance, about: About) -> tuple[Design, Fit]:
    """The model of `with_own_slopes` by least squares; `design` is the one with common slopes.

    The covariance of `least_squares` takes the covariates as given: it is about the effect at the mean of these very
    people. About a population, of which they are a sample, that mean is itself uncertain: with slopes B (arms, k) and S
    the covariance (k, k) of the covariates, B S B' / n is added to the covariance of the arms' means. Raises
    AnalysisImpossible as `with_own_slopes` and `least_squares` do, ValueError for another `about`.
    """
    if about not in ABOUT:
        raise ValueError(f"an effect is about one of {', '.join(ABOUT)}")
    arms, shared = len(design.arms), design.matrix[:, len(design.arms) :]
    wide = with_own_slopes(design)
    fit = least_squares(wide, outcome, covariance)
    if about == "sample" or shared.shape[1] == 0:
        return wide, fit
    slopes = fit.coefficients[arms:].reshape(arms, -1)
    wider = fit.covariance.copy()
    wider[:arms, :arms] += slopes @ (shared.T @ shared) @ slopes.T / (len(outcome) * (len(outcome) - 1))
    return wide, replace(fit, covariance=wider)
