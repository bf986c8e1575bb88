"""Whether small studies show larger effects: Egger's regression."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.intervals import half_width, two_sided
from trial.stats.meta_heterogeneity import check_studies

ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Egger:
    """`bias` is how much the estimate grows with one unit of standard error; `limit` the estimate at error 0."""

    bias: float
    se: float
    df: int
    t: float
    p: float
    limit: float
    limit_ci: tuple[float, float]
    level: float
    notes: tuple[str, ...]


def egger(estimates: FloatArray, variances: FloatArray, level: float = 0.95) -> Egger:
    """Regress the k estimates on their standard errors with weights 1/v; t on k - 2 degrees of freedom.

    The same as estimate / se on 1 / se, whose intercept is the bias: Egger M, Davey Smith G, Schneider M, Minder C
    (1997), BMJ 315, 629-634. `metafor::regtest(model = "lm")`. A slope has many reasons besides studies that were not
    published: smaller studies may differ in people or in dose, and the standard error of a standardised difference
    grows with the difference itself, so that the test rejects too often there.

    Raises AnalysisImpossible for fewer than three studies, for studies of equal precision, and where nothing is left
    over from the line.
    """
    check_studies(estimates, variances, level)
    k = len(estimates)
    if k < 3:
        raise AnalysisImpossible("Egger's regression needs at least three studies.")
    errors = np.sqrt(variances)
    if np.ptp(errors) <= 1e-8 * np.max(errors):
        raise AnalysisImpossible("All studies are equally precise: Egger's regression has nothing to go by.")
    weights = 1 / variances
    total = np.sum(weights)
    middle, mean = np.sum(weights * errors) / total, np.sum(weights * estimates) / total
    across = float(np.sum(weights * (errors - middle) ** 2))
    bias = float(np.sum(weights * (errors - middle) * (estimates - mean))) / across
    left = float(np.sum(weights * (estimates - mean - bias * (errors - middle)) ** 2)) / (k - 2)
    around = float(np.sum(weights * (estimates - mean) ** 2)) / (k - 2)
    if left <= 1e-20 * max(around, 1.0):
        raise AnalysisImpossible("The studies lie on a line without any scatter: Egger's regression has no error.")
    se = math.sqrt(left / across)
    limit, limit_se = float(mean - bias * middle), math.sqrt(left * (1 / total + middle**2 / across))
    half = half_width(limit_se, k - 2, level)
    few = f"{k} studies are too few to tell a lopsided funnel from chance; ten or more are advised."
    return Egger(
        bias=bias,
        se=se,
        df=k - 2,
        t=bias / se,
        p=two_sided(bias / se, k - 2),
        limit=limit,
        limit_ci=(limit - half, limit + half),
        level=level,
        notes=(few,) if k < ENOUGH else (),
    )
