"""Missing baseline covariates filled with a mean, so that nobody randomised is lost for lack of a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ImputedCovariates:
    """Covariates (n, k) without gaps; per name the number of values filled in and the mean they were given."""

    values: FloatArray
    filled: dict[str, int]
    means: dict[str, float]


def impute_means(covariates: FloatArray, names: Sequence[str]) -> ImputedCovariates:
    """Fill each gap (NaN) of `covariates` (n, k) with that covariate's mean over everyone who has it.

    The mean is over all arms together and looks at neither allocation nor outcome, so the same value is filled in
    whatever arm the participant was given. White IR, Thompson SG (2005), Adjusting for partially missing baseline
    measurements in randomized trials, Statistics in Medicine 24, 993-1007.
    Give it everyone randomised, not only those analysed. For baseline covariates only, never for an outcome.
    Raises AnalysisImpossible for a covariate that nobody has; ValueError when names and columns differ.
    """
    if covariates.ndim != 2 or covariates.shape[1] != len(names):
        raise ValueError("covariates are a table with one name for each column")
    gaps = np.isnan(covariates)
    values = covariates.copy()
    filled: dict[str, int] = {}
    means: dict[str, float] = {}
    for index, name in enumerate(names):
        seen = covariates[~gaps[:, index], index]
        if len(seen) == 0:
            raise AnalysisImpossible(f"Covariate {name!r} is missing for everyone.")
        means[name] = float(np.mean(seen))
        filled[name] = int(gaps[:, index].sum())
        values[gaps[:, index], index] = means[name]
    return ImputedCovariates(values, filled, means)
