"""One estimate by ANCOVA: outcome at the timepoint ~ every arm + the covariates, for everyone who has the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.ancova import AncovaResult, ancova
from trial.stats.arrays import FloatArray
from trial.stats.plan.covariates import Model, model_of
from trial.stats.plan.effect import standardized
from trial.stats.plan.outcome import modelled, scores_of
from trial.stats.plan.table import AnalysisTable, Estimate, Seen


def by_ancova(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, entry: Estimate) -> Estimate:
    """The entry with its numbers; raises AnalysisImpossible."""
    seen = np.isfinite(scores_of(protocol, table, planned))
    result, model = fit_among(protocol, table, planned, seen)
    for arm, adjusted in result.adjusted_means.items():
        entry["arms"][arm] |= {"adjusted_mean": adjusted.mean, "adjusted_ci": list(adjusted.ci)}
    return entry | _numbers(result, model) | {"g": standardized(protocol, table, planned, result.estimate)}


def fit_among(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, seen: Seen
) -> tuple[AncovaResult, Model]:
    """The planned model over those `seen` (n,), who have the outcome; raises AnalysisImpossible."""
    arms = [arm for arm, has in zip(table.arms, seen, strict=True) if has]
    model = model_of(protocol, table, planned, seen)
    values = modelled(protocol, planned, scores_of(protocol, table, planned)[seen], model.baseline)
    return _fit(protocol, planned, values, arms, model), model


def _fit(
    protocol: TrialProtocol, planned: PlannedAnalysis, values: FloatArray, arms: Sequence[str], model: Model
) -> AncovaResult:
    plan = protocol.analysis
    settings: dict[str, Any] = {"level": plan.level, "covariance": plan.covariance, "names": model.names}
    arm, reference = planned.contrast
    return ancova(values, arms, model.columns, (arm, reference), **settings)


def _numbers(result: AncovaResult, model: Model) -> Estimate:
    return {
        "estimate": result.estimate,
        "se": result.se,
        "df": result.df,
        "ci": list(result.ci),
        "p": result.p,
        "n": result.n,
        "covariates": list(result.covariates),
        "covariates_dropped": list(result.dropped),
        "imputed": model.filled,
    }
