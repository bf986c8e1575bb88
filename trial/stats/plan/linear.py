"""One estimate by ANCOVA: outcome at the timepoint ~ every arm + the covariates, for everyone who has the outcome.

By `anhecova` each arm has slopes of its own on the covariates (ANHECOVA), and the effect is that of a population.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.ancova import AncovaResult, ancova
from trial.stats.anhecova import AnhecovaResult, anhecova
from trial.stats.arrays import FloatArray
from trial.stats.plan.clustered import (
    COVARIANCES,
    Among,
    Clustered,
    about_clusters,
    clusters_among,
    fit_clusters,
    in_standard_deviations,
)
from trial.stats.plan.covariates import Model, model_of
from trial.stats.plan.effect import standardized
from trial.stats.plan.factors import FactorEffect, about_factors, fit_factors
from trial.stats.plan.outcome import modelled, scores_of
from trial.stats.plan.table import AnalysisTable, Estimate, Seen

OfPeople = AncovaResult | AnhecovaResult
Linear = OfPeople | Clustered | FactorEffect


def by_ancova(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, entry: Estimate) -> Estimate:
    """The entry with its numbers; raises AnalysisImpossible."""
    among = _among(protocol, table, planned, np.isfinite(scores_of(protocol, table, planned)))
    result = _linear(protocol, planned, among)
    for arm, adjusted in result.adjusted_means.items():
        entry["arms"][arm] |= {"adjusted_mean": adjusted.mean, "adjusted_ci": list(adjusted.ci)}
    entry |= _numbers(result, among.model)
    if isinstance(result, OfPeople):
        return entry | {"g": standardized(protocol, table, planned, result.estimate)}
    clustered = result.clustered if isinstance(result, FactorEffect) else result
    if isinstance(result, FactorEffect):
        entry["factorial"] = about_factors(result)
    if clustered is not None:
        entry["covariance"] = COVARIANCES[protocol.analysis.clusters_by]
        entry["clusters"] = about_clusters(protocol, planned, clustered, among)
    if len(planned.factors) > 1:
        return entry
    if clustered is None:
        return entry | {"g": standardized(protocol, table, planned, result.estimate)}
    return entry | {"g": in_standard_deviations(protocol, table, planned, result.estimate, result.ci)}


def fit_linear(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, seen: Seen) -> Linear:
    """The planned model over those `seen` (n,), who have the outcome, with clusters where they were allocated.

    Raises AnalysisImpossible.
    """
    return _linear(protocol, planned, _among(protocol, table, planned, seen))


def fit_among(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, seen: Seen
) -> tuple[AncovaResult, Model]:
    """The same where people were allocated one by one, with slopes in common."""
    among = _among(protocol, table, planned, seen)
    return ancova(*_given(planned, among), **_settings(protocol, among)), among.model


def _among(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, seen: Seen) -> Among:
    arms = [arm for arm, has in zip(table.arms, seen, strict=True) if has]
    model = model_of(protocol, table, planned, seen)
    values = modelled(protocol, planned, scores_of(protocol, table, planned)[seen], model.baseline)
    clusters = clusters_among(protocol, table, seen) if protocol.allocation.cluster else ()
    return Among(values, arms, model, clusters)


def _linear(protocol: TrialProtocol, planned: PlannedAnalysis, among: Among) -> Linear:
    if planned.factors:
        return fit_factors(protocol, planned, among)
    clustered = protocol.allocation.cluster is not None
    return fit_clusters(protocol, planned, among) if clustered else _fit(protocol, planned, among)


def _fit(protocol: TrialProtocol, planned: PlannedAnalysis, among: Among) -> OfPeople:
    fit = anhecova if protocol.analysis.method_of(planned) == "anhecova" else ancova
    return fit(*_given(planned, among), **_settings(protocol, among))


def _given(planned: PlannedAnalysis, among: Among) -> tuple[FloatArray, Sequence[str], FloatArray, tuple[str, str]]:
    arm, reference = planned.contrast
    return among.values, among.arms, among.model.columns, (arm, reference)


def _settings(protocol: TrialProtocol, among: Among) -> dict[str, Any]:
    plan = protocol.analysis
    return {"level": plan.level, "covariance": plan.covariance, "names": among.model.names}


def _numbers(result: Linear, model: Model) -> Estimate:
    return {
        "estimate": result.estimate,
        "se": result.se,
        "df": result.df,
        "ci": list(result.ci),
        "p": result.p,
        "n": result.n,
        "covariates": list(result.covariates),
        "covariates_dropped": [*result.dropped, *model.alike],
        "imputed": model.filled,
    }
