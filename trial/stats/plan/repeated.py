"""One estimate by a model of repeated outcomes, `mmrm` or `clda`: every visit of everyone who has any of them.

The model takes in the outcome's score at each timepoint after the baseline, up to the last at which the plan analyses
that outcome, so that all its planned timepoints are read off one model. With `mmrm` the score at baseline is a
covariate with a line of its own at each timepoint; with `clda` it is one of the outcomes. The stratification factors
and further covariates have lines of their own at each timepoint too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.arrays import FloatArray
from trial.stats.factorial import effects_of
from trial.stats.mmrm.model import MmrmResult, clda, mmrm
from trial.stats.mmrm.structures import Structure
from trial.stats.plan.covariates import Model, model_of
from trial.stats.plan.effect import standardized
from trial.stats.plan.factors import combinations, levels_of, names_of, numbers_of, told
from trial.stats.plan.table import AnalysisTable, Estimate, Seen

ANALYSIS_SETS = {"mmrm": "randomised_with_any_outcome", "clda": "randomised_with_any_outcome_or_baseline"}


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """The outcome at each timepoint of the model (n, T), of everyone randomised; `left_out` are those that some arm
    has nobody at, and that the plan does not ask about."""

    timepoints: tuple[str, ...]
    values: FloatArray
    left_out: tuple[str, ...]


def by_repeated(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, entry: Estimate) -> Estimate:
    """The entry with its numbers; raises AnalysisImpossible."""
    method = protocol.analysis.method_of(planned)
    entry |= {"covariance": None, "analysis_set": ANALYSIS_SETS[method]}
    result, model, visits = fit_repeated(protocol, table, planned, in_likelihood(protocol, table, planned))
    for arm, means in result.means.items():
        adjusted = means[planned.timepoint]
        entry["arms"][arm] |= {"adjusted_mean": adjusted.estimate, "adjusted_ci": list(adjusted.ci)}
    found = result.differences[planned.timepoint]
    if planned.factors:
        levels = levels_of(protocol, planned)
        whole = effects_of(result.combined[planned.timepoint][1:], levels)
        entry["factorial"] = told(names_of(protocol), levels, whole)
    return entry | {
        "estimate": found.estimate,
        "se": found.se,
        "df": found.df,
        "ci": list(found.ci),
        "p": found.p,
        "n": dict(result.n),
        "covariance": result.structure,
        "covariates": list(result.covariates),
        "covariates_dropped": [*result.dropped, *model.alike],
        "imputed": model.filled,
        "g": standardized(protocol, table, planned, found.estimate) if len(planned.factors) < 2 else None,
        "repeated": _course(result, visits),
    }


def in_likelihood(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> Seen:
    """Whose values enter the likelihood: people with the outcome at any visit; for `clda`, or at the baseline."""
    seen: Seen = np.any(np.isfinite(visits_of(protocol, table, planned).values), axis=1)
    if protocol.analysis.method_of(planned) == "clda":
        seen |= np.isfinite(_baseline(protocol, table, planned))
    return seen


def visits_of(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> Visits:
    """What the model takes in: in time, from the first visit to the last one that the plan asks about."""
    score = protocol.outcome(planned.outcome).score
    # an exploratory analysis adds no visit to the model of a registered one
    asked = {one.timepoint for one in protocol.analysis.registered if one.outcome == planned.outcome}
    asked.add(planned.timepoint)
    after = [point.id for point in protocol.in_time if point.id != protocol.baseline.id]
    last = max(after.index(point) for point in asked)
    seen = {point: table.outcome(score, point) for point in after[: last + 1]}
    arms = {point: _arms_with(table, values) for point, values in seen.items()}
    everyone = set().union(*arms.values())
    kept, left_out = [], []
    for point, values in seen.items():
        if point == planned.timepoint or (everyone and arms[point] == everyone):
            kept.append((point, values))
        elif arms[point]:
            left_out.append(point)
    columns = np.column_stack([values for _, values in kept])
    return Visits(tuple(point for point, _ in kept), columns, tuple(left_out))


def _arms_with(table: AnalysisTable, values: FloatArray) -> set[str]:
    return {arm for arm, has in zip(table.arms, np.isfinite(values), strict=True) if has}


def fit_repeated(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, seen: Seen
) -> tuple[MmrmResult, Model, Visits]:
    """The planned model over those `seen` (n,), whose values enter the likelihood; raises AnalysisImpossible."""
    plan, visits = protocol.analysis, visits_of(protocol, table, planned)
    constrained = plan.method_of(planned) == "clda"
    model = model_of(protocol, table, planned, seen, with_baseline=not constrained)
    people: list[str] = [arm for arm, has in zip(table.arms, seen, strict=True) if has]
    arm, reference = planned.contrast
    structures: Sequence[Structure] = ("unstructured", *plan.repeated.fallbacks)
    settings: dict[str, Any] = {
        "timepoints": visits.timepoints,
        "names": model.names,
        "level": plan.level,
        "method": plan.repeated.degrees_of_freedom,
        "structures": structures,
        "combinations": combinations(protocol, planned, people) if planned.factors else (),
    }
    among = (visits.values[seen], people, model.columns, (arm, reference))
    try:
        if constrained:
            return clda(_baseline(protocol, table, planned)[seen], *among, **settings), model, visits
        return mmrm(*among, **settings), model, visits
    except np.linalg.LinAlgError as error:
        raise AnalysisImpossible(f"The model of repeated outcomes cannot be computed: {error}.") from error


def _baseline(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> FloatArray:
    return table.outcome(protocol.outcome(planned.outcome).score, protocol.baseline.id)


def _course(result: MmrmResult, visits: Visits) -> dict[str, Any]:
    """How the model was fitted, and the same contrast at each visit: one of them is the estimate."""
    return {
        "timepoints": list(result.timepoints),
        "left_out": list(visits.left_out),
        "degrees_of_freedom": result.method,
        "structure": result.structure,
        "fell_back": [{"structure": one, "why": why} for one, why in result.fell_back],
        "average": numbers_of(result.average),
        "visits": [_visit(result, at, point) for at, point in enumerate(result.timepoints)],
    }


def _visit(result: MmrmResult, at: int, point: str) -> dict[str, Any]:
    means = {arm: {"mean": its[point].estimate, "ci": list(its[point].ci)} for arm, its in result.means.items()}
    numbers = {arm: its[at] for arm, its in result.with_outcome.items()}
    return {"timepoint": point, **numbers_of(result.differences[point]), "n_with_outcome": numbers, "means": means}
