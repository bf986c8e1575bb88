"""What every linear model of a trial asks of its arrays before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.least_squares import COVARIANCES, Covariance
from trial.stats.satterthwaite import DEGREES, Degrees


def names_of(covariates: FloatArray, names: Sequence[str] | None) -> tuple[str, ...]:
    """The names given, or "covariate 1" and so on."""
    if names is not None:
        return tuple(names)
    return tuple(f"covariate {number}" for number in range(1, covariates.shape[-1] + 1))


def check_shapes(outcome: FloatArray, labels: Sequence[str], covariates: FloatArray, names: Sequence[str]) -> None:
    """Raise ValueError when outcome (n,), n labels, covariates (n, k) and k names do not fit together."""
    if outcome.ndim != 1 or covariates.ndim != 2:
        raise ValueError("the outcome is one column, the covariates are a table")
    if not len(outcome) == len(labels) == len(covariates):
        raise ValueError("outcome, arm and covariates differ in their number of participants")
    if covariates.shape[1] != len(names):
        raise ValueError("covariates and names differ in number")


def check_options(level: float, covariance: Covariance, degrees: Degrees) -> None:
    """Raise ValueError for a level, a covariance or degrees of freedom that there are not."""
    check_level(level)
    if covariance not in COVARIANCES:
        raise ValueError(f"the covariance is one of {', '.join(COVARIANCES)}")
    if degrees not in DEGREES:
        raise ValueError(f"the degrees of freedom are one of {', '.join(DEGREES)}")


def check_level(level: float) -> None:
    """Raise ValueError for a confidence level that is not between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError("a confidence level lies between 0 and 1")


def check_contrast(labels: Sequence[str], contrast: tuple[str, str]) -> None:
    """Raise ValueError for an arm against itself, AnalysisImpossible for an arm that nobody is in."""
    if contrast[0] == contrast[1]:
        raise ValueError("a contrast is between two different arms")
    for each in contrast:
        if each not in labels:
            raise AnalysisImpossible(f"Arm {each!r} has no participant with an outcome to analyse.")


def check_values(outcome: FloatArray, covariates: FloatArray, names: Sequence[str]) -> None:
    """Raise AnalysisImpossible for values that are not finite, by name."""
    if not np.all(np.isfinite(outcome)):
        raise AnalysisImpossible("The outcome has missing or infinite values among those to be analysed.")
    for name, column in zip(names, covariates.T, strict=True):
        if not np.all(np.isfinite(column)):
            raise AnalysisImpossible(f"Covariate {name!r} has missing or infinite values: impute it first.")
