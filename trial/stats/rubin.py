"""Several completed data sets to one estimate: Rubin's rules with small-sample degrees of freedom."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray

_ROUNDING = 1e-24


@dataclass(frozen=True, slots=True)
class Pooled:
    """The pooled estimate; `missing` is the fraction of information that is missing, `noise` the Monte Carlo error."""

    estimate: float
    se: float
    df: float
    missing: float
    noise: float


def pool(estimates: FloatArray, variances: FloatArray, df_complete: float = math.inf) -> Pooled:
    """Pool m estimates (m,) with their variances (m,), each on `df_complete` degrees of freedom.

    With U the mean variance and B the variance between estimates: T = U + (1 + 1/m) B, r = (1 + 1/m) B / U,
    lambda = (1 + 1/m) B / T. The degrees of freedom are 1 / (1/a + 1/b), a = (m - 1) / lambda^2 and
    b = (v + 1) / (v + 3) v (1 - lambda) for v = `df_complete`; b is infinite where v is. `missing` is
    (r + 2 / (df + 3)) / (1 + r), `noise` is sqrt(B / m). Rubin DB (1987), Multiple imputation for nonresponse in
    surveys; Barnard J, Rubin DB (1999), Biometrika 86, 948-955. With no difference between estimates, nothing is
    missing and the degrees of freedom are b.

    Raises AnalysisImpossible for fewer than two estimates, or variances that are not above 0.
    """
    m = len(estimates)
    if m < 2 or not np.all(np.isfinite(estimates)) or not np.all(variances > 0):
        raise AnalysisImpossible("Rubin's rules need at least two estimates, each with an error above zero.")
    within, between = float(np.mean(variances)), float(np.var(estimates, ddof=1))
    if between <= _ROUNDING * within:
        between = 0.0  # estimates that are one number but for the last digits of a sum
    extra = (1 + 1 / m) * between
    total = within + extra
    share = extra / total
    complete = (
        df_complete if math.isinf(df_complete) else (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
    )
    df = 1 / (share**2 / (m - 1) + 1 / complete) if share > 0 or not math.isinf(complete) else math.inf
    missing = (extra / within + 2 / (df + 3)) / (1 + extra / within) if share > 0 else 0.0
    return Pooled(float(np.mean(estimates)), math.sqrt(total), df, missing, math.sqrt(between / m))
