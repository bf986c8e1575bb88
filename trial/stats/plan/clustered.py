"""A planned comparison where clusters were allocated: a linear model that allows people of a cluster to be alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.factor_effects import sides
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.arrays import FloatArray
from trial.stats.cluster_ancova import ClusterAncovaResult, cluster_ancova
from trial.stats.effect_size import pooled_sd
from trial.stats.plan.covariates import Model
from trial.stats.plan.effect import where_pooled
from trial.stats.plan.table import AnalysisTable, Seen
from trial.stats.random_intercept import RandomInterceptResult, random_intercept

Clustered = ClusterAncovaResult | RandomInterceptResult
COVARIANCES = {"robust": "CR2", "random_intercept": "Kenward-Roger"}


@dataclass(frozen=True, slots=True, eq=False)
class Among:
    """What a linear model is fitted to, of those analysed (n,): outcome, arm, covariates; cluster where allocated."""

    values: FloatArray
    arms: Sequence[str]
    model: Model
    clusters: Sequence[str]


def fit_clusters(
    protocol: TrialProtocol,
    planned: PlannedAnalysis,
    among: Among,
    combinations: Sequence[Mapping[str, float]] = (),
) -> Clustered:
    """The planned model by the plan's way with clusters; raises AnalysisImpossible.

    `combinations` of the arms' means are judged in place of the difference of two: effects of factors.
    """
    its: dict[str, Any] = {"level": protocol.analysis.level, "names": among.model.names, "combinations": combinations}
    if protocol.analysis.clusters_by == "random_intercept":
        return random_intercept(*_given(planned, among), **its)
    return cluster_ancova(*_given(planned, among), **its)


def _with_intercepts(protocol: TrialProtocol, planned: PlannedAnalysis, among: Among) -> RandomInterceptResult:
    return random_intercept(*_given(planned, among), level=protocol.analysis.level, names=among.model.names)


def _given(
    planned: PlannedAnalysis, among: Among
) -> tuple[FloatArray, Sequence[str], Sequence[str], FloatArray, tuple[str, str]]:
    arm, reference = planned.contrast
    return among.values, among.arms, among.clusters, among.model.columns, (arm, reference)


def clusters_among(protocol: TrialProtocol, table: AnalysisTable, seen: Seen) -> list[str]:
    """The cluster of each of those `seen`; raises AnalysisImpossible where somebody's is not known."""
    unit = protocol.allocation.cluster
    assert unit is not None
    known = table.factors.get(unit.question, (None,) * len(table.participants))
    its = [one for one, has in zip(known, seen, strict=True) if has]
    missing = sum(one is None for one in its)
    if missing:
        raise AnalysisImpossible(
            f"The cluster of {missing} of the {len(its)} people analysed is not known: {unit.question!r} is empty."
        )
    return [str(one) for one in its]


def about_clusters(
    protocol: TrialProtocol, planned: PlannedAnalysis, result: Clustered, among: Among
) -> dict[str, Any]:
    """What an estimate says beside its numbers: clusters by arm, how alike their people are, what to know of them.

    The intraclass correlation is that of the random intercept, given arm and covariates, whatever the error is; where
    the data do not tell it, `icc_problem` says why.
    """
    found: RandomInterceptResult | None = None
    why = None
    try:
        found = result if isinstance(result, RandomInterceptResult) else _with_intercepts(protocol, planned, among)
    except AnalysisImpossible as error:
        why = str(error)
    return {
        "by": protocol.analysis.clusters_by,
        "n": dict(result.clusters),
        "icc": found and {"estimate": found.icc.estimate, "ci": list(found.icc.ci), "method": found.icc.method},
        "icc_problem": why,
        "design_effect": found and found.design_effect,
        "warnings": list(result.warnings),
    }


def in_standard_deviations(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, estimate: float, ci: tuple[float, float]
) -> dict[str, Any] | None:
    """The difference and its interval over the raw pooled SD of people: both of the model, the SD taken as known.

    Hedges' interval is one of independent people, and too narrow here. None without a spread.
    """
    score = protocol.outcome(planned.outcome).score
    scores, labels = table.outcome(score, planned.timepoint), np.array(table.arms, dtype=object)
    spread = pooled_sd(*(scores[np.isin(labels, side) & np.isfinite(scores)] for side in sides(protocol, planned)))
    if not spread > 0:
        return None
    return {
        "estimate": estimate / spread,
        "ci": [end / spread for end in ci],
        "standardiser": f"pooled standard deviation of {score} at {planned.timepoint} {where_pooled(planned)}",
        "standardiser_value": spread,
        "method": "difference and interval of the model over the standardiser",
    }
