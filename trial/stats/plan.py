"""The protocol's analysis plan, run over a table of everyone randomised: one estimate for each planned analysis.

Model: outcome at the timepoint ~ every arm + the same score at baseline + levels of each stratification factor
(+ further planned covariates), for everyone randomised who has the outcome, in the arm they were allocated to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import Outcome, PlannedAnalysis, TrialProtocol
from trial.core.published_list import AllocatedPeople
from trial.stats.ancova import AncovaResult, ancova
from trial.stats.arrays import FloatArray
from trial.stats.effect_size import hedges_g, pooled_sd
from trial.stats.imputation import impute_means
from trial.stats.mean_change import mean_change
from trial.stats.multiplicity import holm

Estimate = dict[str, Any]
Seen = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class AnalysisTable:
    """Everyone randomised, one position each, in the order of their codes.

    `scores` maps (score, timepoint) to values (n,), NaN for missing; `numbers` maps a baseline variable to values
    (n,), NaN for missing; `factors` maps a baseline variable to its level per person, None for missing. `minimum_dose`
    says who reached the minimum dose of their arm, `allocated` in which order and by which rule chance allocated; None
    where the data do not tell.
    """

    participants: tuple[str, ...]
    arms: tuple[str, ...]
    scores: Mapping[tuple[str, str], FloatArray]
    numbers: Mapping[str, FloatArray]
    factors: Mapping[str, tuple[str | None, ...]]
    minimum_dose: tuple[bool, ...] | None = None
    allocated: AllocatedPeople | None = None

    def outcome(self, score: str, timepoint: str) -> FloatArray:
        """A score at a timepoint; all missing where nobody has it."""
        return self.scores.get((score, timepoint), np.full(len(self.participants), np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What goes into the model: columns without gaps for those analysed, and how many values were filled in."""

    columns: FloatArray
    names: tuple[str, ...]
    filled: dict[str, int]


def run_plan(protocol: TrialProtocol, table: AnalysisTable) -> list[Estimate]:
    """Every planned estimate, the primary first; a family under Holm gets adjusted p-values.

    An analysis that the data cannot carry has the estimate None and says why in `problem`; it still counts in the
    size of its family, as if its p were 1.
    """
    plan = protocol.analysis
    estimates = [_estimate(protocol, table, plan.primary, "primary")]
    if plan.secondary is not None:
        family = [_estimate(protocol, table, one, "secondary") for one in plan.secondary.analyses]
        if plan.secondary.multiplicity == "holm":
            adjusted = holm([1.0 if one["p"] is None else one["p"] for one in family])
            for one, p in zip(family, adjusted, strict=True):
                one["p_adjusted"] = None if one["p"] is None else p
        estimates += family
    return estimates


def with_outcome(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> list[bool]:
    """Who a planned analysis takes in, in the table's order: those with the outcome; for a change, with both values."""
    score = protocol.outcome(planned.outcome).score
    seen = np.isfinite(table.outcome(score, planned.timepoint))
    if len(planned.contrast) == 1:
        seen &= np.isfinite(table.outcome(score, protocol.baseline.id))
    return [bool(one) for one in seen]


def covariates_of(protocol: TrialProtocol, planned: PlannedAnalysis) -> list[str]:
    """The baseline variables of a planned model, each once: the score itself, the factors, then the further ones."""
    names = [protocol.outcome(planned.outcome).score]
    names += [factor.id for factor in protocol.allocation.strata]
    return list(dict.fromkeys([*names, *protocol.analysis.covariates]))


def _estimate(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, kind: str) -> Estimate:
    outcome = protocol.outcome(planned.outcome)
    values = table.outcome(outcome.score, planned.timepoint)
    seen = np.isfinite(values)
    entry = _identity(protocol, planned, outcome, kind)
    entry["n_randomised"] = len(values)
    entry["n_with_data"] = int(seen.sum())
    entry["arms"] = _arms(protocol, table, values)
    if len(planned.contrast) == 1:
        return entry | _change(protocol, table, planned, values)
    try:
        refuse_clusters(protocol)
        result, model = fit_among(protocol, table, planned, seen)
    except AnalysisImpossible as error:
        return entry | {"problem": str(error)}
    _add_adjusted_means(entry, result)
    arms = [arm for arm, has in zip(table.arms, seen, strict=True) if has]
    return entry | _numbers(result, model) | {"g": _standardized(result, values[seen], arms, outcome, planned)}


def refuse_clusters(protocol: TrialProtocol) -> None:
    """Raise AnalysisImpossible where clusters were allocated: people of one are not independent."""
    if protocol.allocation.cluster:
        raise AnalysisImpossible(
            "Clusters were allocated, and the planned model takes people for independent: it would claim more than it "
            "knows. An analysis that takes clusters into account is not part of this version."
        )


def fit_among(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, seen: Seen
) -> tuple[AncovaResult, Model]:
    """The planned model over those `seen` (n,), who have the outcome; raises AnalysisImpossible."""
    values = table.outcome(protocol.outcome(planned.outcome).score, planned.timepoint)[seen]
    arms = [arm for arm, has in zip(table.arms, seen, strict=True) if has]
    model = model_of(protocol, table, planned, seen)
    return _fit(protocol, planned, values, arms, model), model


def _change(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, values: FloatArray) -> Estimate:
    """A single arm beside its own baseline: what changed, with nobody to tell what would have changed anyway."""
    before = table.outcome(protocol.outcome(planned.outcome).score, protocol.baseline.id)
    found: Estimate = {"measure": "mean_change", "covariance": None, "analysis_set": "enrolled_with_both_values"}
    try:
        result = mean_change(before, values, protocol.analysis.level)
    except AnalysisImpossible as error:
        return found | {"problem": str(error)}
    return found | {
        "estimate": result.estimate,
        "se": result.se,
        "df": result.df,
        "ci": list(result.ci),
        "p": result.p,
        "n": {planned.contrast[0]: result.n},
    }


def _fit(
    protocol: TrialProtocol, planned: PlannedAnalysis, values: FloatArray, arms: Sequence[str], model: Model
) -> AncovaResult:
    plan = protocol.analysis
    settings: dict[str, Any] = {"level": plan.level, "covariance": plan.covariance, "names": model.names}
    arm, reference = planned.contrast
    return ancova(values, arms, model.columns, (arm, reference), **settings)


def _identity(protocol: TrialProtocol, planned: PlannedAnalysis, outcome: Outcome, kind: str) -> Estimate:
    return {
        "outcome": planned.outcome,
        "estimand": "treatment_policy",
        "analysis": kind,
        "prespecified": True,
        "method": protocol.analysis.method,
        "covariance": protocol.analysis.covariance,
        "analysis_set": "randomised_with_outcome",
        "timepoint": planned.timepoint,
        "contrast": list(planned.contrast),
        "measure": "mean_difference",
        "better": outcome.better,
        "level": protocol.analysis.level,
        "estimate": None,
        "se": None,
        "df": None,
        "ci": None,
        "p": None,
        "p_adjusted": None,
        "n": {},
        "g": None,
        "covariates": [],
        "covariates_dropped": [],
        "imputed": {},
        "problem": None,
    }


def _arms(protocol: TrialProtocol, table: AnalysisTable, values: FloatArray) -> dict[str, Any]:
    """Each arm's own result: randomised, with data, raw mean and standard deviation."""
    labels = np.array(table.arms, dtype=object)
    found = {}
    for arm in protocol.arms:
        its = values[labels == arm.id]
        seen = its[np.isfinite(its)]
        found[arm.id] = {
            "n_randomised": len(its),
            "n_with_data": len(seen),
            "mean": float(np.mean(seen)) if len(seen) else None,
            "sd": float(np.std(seen, ddof=1)) if len(seen) > 1 else None,
            "adjusted_mean": None,
            "adjusted_ci": None,
        }
    return found


def _add_adjusted_means(entry: Estimate, result: AncovaResult) -> None:
    for arm, adjusted in result.adjusted_means.items():
        entry["arms"][arm] |= {"adjusted_mean": adjusted.mean, "adjusted_ci": list(adjusted.ci)}


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


def _standardized(
    result: AncovaResult, values: FloatArray, arms: Sequence[str], outcome: Outcome, planned: PlannedAnalysis
) -> dict[str, Any] | None:
    """Hedges g of the adjusted difference over the raw pooled SD of those analysed; None where there is none."""
    labels = np.array(arms, dtype=object)
    one, other = (values[labels == arm] for arm in planned.contrast)
    standardizer = f"pooled standard deviation of {outcome.score} at {planned.timepoint} in the two arms"
    try:
        spread = pooled_sd(one, other)
        g = hedges_g(result.estimate, spread, len(one), len(other), result.level, standardizer=standardizer)
    except AnalysisImpossible:
        return None
    return {
        "estimate": g.estimate,
        "ci": list(g.ci),
        "standardiser": g.standardizer,
        "standardiser_value": spread,
        "method": g.method,
    }


def has_covariates(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> Seen:
    """Who has every covariate of a planned model, (n,)."""
    has = np.ones(len(table.participants), dtype=np.bool_)
    for covariate in covariates_of(protocol, planned):
        block, _ = _columns(protocol, table, covariate, has)
        has &= np.isfinite(block).all(axis=1)
    return has


def model_of(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, seen: Seen) -> Model:
    """The covariates of a planned model for those `seen`, gaps at the mean of everyone randomised."""
    columns: list[FloatArray] = []
    names: list[str] = []
    filled: dict[str, int] = {}
    for covariate in covariates_of(protocol, planned):
        block, its_names = _columns(protocol, table, covariate, seen)
        filled[covariate] = int(np.isnan(block[seen]).any(axis=1).sum())
        complete = impute_means(block, its_names).values[seen] if block.shape[1] else block[seen]
        columns.append(complete)
        names += its_names
    return Model(np.hstack(columns), tuple(names), filled)


def _columns(protocol: TrialProtocol, table: AnalysisTable, covariate: str, seen: Seen) -> tuple[FloatArray, list[str]]:
    """One covariate of everyone randomised as columns, NaN where missing: a number, or a factor's levels as 0/1."""
    if covariate in table.factors:
        return _factor(table.factors[covariate], covariate, seen)
    values = table.numbers.get(covariate)
    if values is None:
        values = table.outcome(covariate, protocol.baseline.id)
    return values.reshape(-1, 1), [f"{covariate} at baseline"]


def _factor(levels: tuple[str | None, ...], name: str, seen: Seen) -> tuple[FloatArray, list[str]]:
    """Columns for each level that someone analysed has, but the first: it is what the others are compared with."""
    present = sorted({level for level, has in zip(levels, seen, strict=True) if has and level is not None})
    if not present and any(seen):
        raise AnalysisImpossible(f"Covariate {name!r} is missing for everyone.")
    rows = [[np.nan if level is None else float(level == kept) for kept in present[1:]] for level in levels]
    return np.array(rows, dtype=np.float64).reshape(len(levels), -1 + max(len(present), 1)), [
        f"{name}: {level}" for level in present[1:]
    ]
