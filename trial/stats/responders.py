"""How many respond in either arm, from scores imputed many times: risk difference and ratio by Rubin's rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.intervals import t_interval
from trial.stats.logistic import BinaryCovariance
from trial.stats.rubin import Pooled, pool
from trial.stats.standardization import RiskContrast, StandardizedRisks, standardize


@dataclass(frozen=True, slots=True)
class ResponderAnalysis:
    """First arm of `contrast` against the second. Of the ratio, `se` and `pooled_ratio` are those of its logarithm, and
    so of the odds ratio.

    `shares` are the mean shares of responders over the imputed sets, adjusted as the comparison is.
    """

    contrast: tuple[str, str]
    difference: RiskContrast
    ratio: RiskContrast
    odds: RiskContrast
    pooled_difference: Pooled
    pooled_ratio: Pooled
    pooled_odds: Pooled
    shares: dict[str, float]
    level: float
    covariance: BinaryCovariance
    imputations: int
    n: dict[str, int]


def analyse_responders(
    completed: npt.NDArray[np.bool_],
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    level: float = 0.95,
    covariance: BinaryCovariance = "HC3",
    names: Sequence[str] | None = None,
) -> ResponderAnalysis:
    """Pool risk differences and logarithms of risk ratios of `completed` (imputations, n): who responded in each set.

    The scores are imputed (`multiple_imputation.completed_outcomes`) and then cut (`clinical_significance.responded`),
    never the other way round: what is known of a person's score tells more than a yes or no. Each set is compared by
    `standardize`, and the results pooled by `rubin.pool` with its residual degrees of freedom. `arm`, `covariates` and
    `names` as for `standardize`, of everyone. Dichotomising loses information: the comparison of scores comes first.

    Raises AnalysisImpossible where the model has no estimate in some set, and says in how many.
    """
    if completed.ndim != 2:
        raise ValueError("completed is a table, one row for each imputed set")
    found: list[StandardizedRisks] = []
    failed: list[AnalysisImpossible] = []
    for row in completed:
        try:
            risks = standardize(
                row.astype(np.float64), arm, covariates, contrast, level=level, covariance=covariance, names=names
            )
        except AnalysisImpossible as why:
            failed.append(why)
            continue
        found.append(risks)
    if failed:
        raise AnalysisImpossible(f"In {len(failed)} of {len(completed)} imputed sets: {failed[0]}") from failed[0]
    differences = _pooled([each.difference for each in found], [each.difference.estimate for each in found], found)
    logarithms = _pooled([each.ratio for each in found], [math.log(each.ratio.estimate) for each in found], found)
    logits = _pooled([each.odds for each in found], [math.log(each.odds.estimate) for each in found], found)
    return ResponderAnalysis(
        contrast,
        RiskContrast(
            differences.estimate,
            differences.se,
            *t_interval(differences.estimate, differences.se, differences.df, level),
        ),
        _raised(logarithms, level),
        _raised(logits, level),
        differences,
        logarithms,
        logits,
        {each: float(np.mean([one.risks[each].estimate for one in found])) for each in contrast},
        level,
        covariance,
        len(found),
        found[0].n,
    )


def _raised(pooled: Pooled, level: float) -> RiskContrast:
    (low, high), p = t_interval(pooled.estimate, pooled.se, pooled.df, level)
    return RiskContrast(math.exp(pooled.estimate), pooled.se, (math.exp(low), math.exp(high)), p)


def _pooled(contrasts: list[RiskContrast], estimates: list[float], found: list[StandardizedRisks]) -> Pooled:
    variances = np.array([each.se**2 for each in contrasts])
    return pool(np.array(estimates), variances, float(found[0].df))
