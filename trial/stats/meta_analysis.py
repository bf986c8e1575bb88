"""Several studies to one estimate: a common effect, or the mean of effects that differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.intervals import quantile, two_sided
from trial.stats.meta_heterogeneity import METHODS, Heterogeneity, Method, check_studies, heterogeneity

SAFEGUARD = "Knapp-Hartung, error never below that of the normal approximation"
UNGUARDED = "Knapp-Hartung without a safeguard"
NORMAL = "normal approximation"
FEWEST_TO_PREDICT = 3
_FEW, _TO_PREDICT_WELL, _MOST_OF_ALL, _UNEQUAL = 5, 20, 0.5, 1e7


@dataclass(frozen=True, slots=True)
class Pooled:
    """The effect of all studies together; `df` is infinite where the test goes by the normal distribution.

    `factor` is Knapp and Hartung's q (None without them), `guarded` whether the safeguard put 1 in its place.
    `weights` are shares of the studies, in their order. `prediction` is where the true effect of one more study of
    the kind lies; None under a common effect and for two studies. `notes` say what a reader has to know.
    """

    method: Method
    interval: str
    k: int
    estimate: float
    se: float
    df: float
    statistic: float
    p: float
    ci: tuple[float, float]
    level: float
    factor: float | None
    guarded: bool
    prediction: tuple[float, float] | None
    weights: tuple[float, ...]
    heterogeneity: Heterogeneity
    notes: tuple[str, ...]


def pool_studies(
    estimates: FloatArray,
    variances: FloatArray,
    method: Method = "reml",
    *,
    knapp_hartung: bool = True,
    safeguard: bool = True,
    level: float = 0.95,
) -> Pooled:
    """Pool k independent studies, `estimates` (k,) with sampling `variances` (k,) that are taken for known.

    m = sum w y / sum w with w = 1 / (v + tau^2), tau^2 by `method` (0 for `common`), error 1 / sqrt(sum w) and normal
    quantiles. With `knapp_hartung`, for methods other than `common`, the squared error is multiplied by
    q = sum w (y - m)^2 / (k - 1) and goes with t on k - 1 degrees of freedom: Knapp G, Hartung J (2003), Statistics in
    Medicine 22, 2693-2710. Where studies happen to agree closely q is far below 1 and the interval narrower than that
    of a common effect; the `safeguard`, their own, is not to let it below 1: Roever C, Knapp G, Friede T (2015), BMC
    Medical Research Methodology 15, 99. The prediction interval is `prediction_interval` with the error printed.

    Raises AnalysisImpossible for fewer than two studies, for variances that are not above zero or differ beyond
    reason, and where all estimates are the same and nothing guards Knapp-Hartung.
    """
    if method not in METHODS:
        raise ValueError(f"the method is one of {', '.join(METHODS)}")
    check_studies(estimates, variances, level)
    k, spread = len(estimates), heterogeneity(estimates, variances, method, level)
    weights = 1 / (variances + spread.tau2)
    total = float(np.sum(weights))
    mean = float(np.sum(weights * estimates)) / total
    by_t = knapp_hartung and method != "common"
    factor = float(np.sum(weights * (estimates - mean) ** 2)) / (k - 1) if by_t else None
    guarded = factor is not None and safeguard and factor < 1
    inflation = 1.0 if factor is None or guarded else factor
    se, df = math.sqrt(inflation / total), float(k - 1) if by_t else math.inf
    if se <= 0:
        raise AnalysisImpossible("All studies have the same estimate: Knapp-Hartung gives no error without its guard.")
    predicted = method != "common" and k >= FEWEST_TO_PREDICT
    half = quantile(df, (1 + level) / 2) * se
    shares = tuple(float(one) for one in weights / total)
    return Pooled(
        method=method,
        interval=NORMAL if not by_t else SAFEGUARD if safeguard else UNGUARDED,
        k=k,
        estimate=mean,
        se=se,
        df=df,
        statistic=mean / se,
        p=two_sided(mean / se, df),
        ci=(mean - half, mean + half),
        level=level,
        factor=factor,
        guarded=guarded,
        prediction=prediction_interval(mean, se, spread.tau2, k - 2.0, level) if predicted else None,
        weights=shares,
        heterogeneity=spread,
        notes=tuple(_notes(method, spread, shares, variances, guarded=guarded)),
    )


def prediction_interval(mean: float, se: float, tau2: float, df: float, level: float = 0.95) -> tuple[float, float]:
    """Where the true effect of one more study lies: m -+ t sqrt(tau^2 + se^2), t on `df` degrees of freedom.

    With df = k - 2 this is Higgins JPT, Thompson SG, Spiegelhalter DJ (2009), Journal of the Royal Statistical
    Society A 172, 137-159. An infinite df gives normal quantiles, as metafor has it beside a normal interval.
    """
    half = quantile(df, (1 + level) / 2) * math.sqrt(tau2 + se**2)
    return mean - half, mean + half


def _notes(
    method: Method, spread: Heterogeneity, shares: tuple[float, ...], variances: FloatArray, *, guarded: bool
) -> list[str]:
    k, said = len(shares), []
    if method == "common" and spread.p < 0.1:
        said.append("The studies differ more than chance would have it: a common effect is not what they show.")
    if method != "common" and k < _FEW:
        said.append(f"From {k} studies the variance between studies is as good as unknown.")
    if method != "common" and spread.tau2 == 0:
        said.append("The variance between studies is estimated at 0, which does not show that their effects are equal.")
    if guarded:
        said.append("The studies lie closer together than their variances allow for: the safeguard set the interval.")
    if method != "common" and k < FEWEST_TO_PREDICT:
        said.append("A prediction interval needs at least three studies.")
    elif method != "common" and k < _TO_PREDICT_WELL:
        said.append("From fewer than 20 studies a prediction interval may hold less often than it says.")
    if k > 2 and max(shares) > _MOST_OF_ALL:
        said.append(f"One study carries {100 * max(shares):.0f}% of the weight: the result is mostly its own.")
    if float(np.max(variances)) > _UNEQUAL * float(np.min(variances)):
        said.append("The largest variance is over ten million times the smallest: check the units of the errors.")
    return said
