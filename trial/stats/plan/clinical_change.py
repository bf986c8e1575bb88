"""The plan's clinically significant changes: what became of each person, by arm, and how many more in one arm."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import ClinicalChange, PlannedAnalysis, TrialProtocol
from trial.stats.clinical_significance import OUTCOMES, Better, cut_off, responded, significant_changes
from trial.stats.filling import Gaps
from trial.stats.multiple_imputation import completed_outcomes
from trial.stats.number_needed import number_needed
from trial.stats.plan.covariates import Model, model_of
from trial.stats.plan.gaps import gaps_of
from trial.stats.plan.limits import refuse_unusable, undone
from trial.stats.plan.proportions import needed_values
from trial.stats.plan.run import refuse_clusters
from trial.stats.plan.table import AnalysisTable, Estimate
from trial.stats.responders import ResponderAnalysis, analyse_responders
from trial.stats.two_proportions import newcombe

Kind = Literal["recovered", "reliably_better", "reliably_worse"]
KINDS: tuple[Kind, ...] = ("recovered", "reliably_better", "reliably_worse")
_OTHER: dict[Better, Better] = {"lower": "higher", "higher": "lower"}


def run_clinical_change(protocol: TrialProtocol, table: AnalysisTable) -> list[Estimate]:
    """Every clinically significant change that the plan names, in its order.

    Counts are of those with both scores, as Jacobson and Truax (1991) name what became of them; comparisons are of
    everyone randomised to the two arms, whose missing scores are imputed and then cut. `fallback` and `problem` say why
    one was made without a model, or could not be had.
    """
    return [_entry(protocol, table, one) for one in protocol.analysis.clinical_change]


def cut_of(protocol: TrialProtocol, declared: ClinicalChange) -> float:
    """The cut-off that a planned change names, on the scale of its score; raises ValueError as `cut_off` does."""
    its = declared.cut_off
    if its.at is not None:
        return its.at
    assert its.kind is not None  # the model sees to it
    clinical, general = ((one.mean, one.sd) if one else None for one in (its.clinical, its.general))
    return cut_off(its.kind, protocol.outcome(declared.outcome).better, clinical=clinical, general=general)


def _entry(protocol: TrialProtocol, table: AnalysisTable, declared: ClinicalChange) -> Estimate:
    outcome = protocol.outcome(declared.outcome)
    entry: Estimate = {
        "outcome": declared.outcome,
        "timepoint": declared.timepoint,
        "contrast": list(declared.contrast),
        "better": outcome.better,
        "level": protocol.analysis.level,
        "cut_off": cut_of(protocol, declared),
        "kind": declared.cut_off.kind,
        "threshold": table.reliable_change.get(outcome.score),
        "arms": {},
        "comparisons": [],
        "imputation": None,
        "problem": None,
    }
    try:
        refuse_unusable(table)
        if entry["threshold"] is None:
            raise AnalysisImpossible(
                f"The instrument of {outcome.score!r} has no figures that reliable change is worked out from."
            )
        entry["arms"] = _counted(protocol, table, declared, entry)
        return entry | (_compared(protocol, table, declared, entry) if len(declared.contrast) == 2 else {})
    except (AnalysisImpossible, np.linalg.LinAlgError) as error:
        return undone(entry, error)


def _counted(
    protocol: TrialProtocol, table: AnalysisTable, declared: ClinicalChange, entry: Estimate
) -> dict[str, dict[str, Any]]:
    """Of each arm, everyone randomised by what became of them; `unknown` lacks a score."""
    outcome = protocol.outcome(declared.outcome)
    before = table.outcome(outcome.score, protocol.baseline.id)
    after = table.outcome(outcome.score, declared.timepoint)
    named = significant_changes(before, after, entry["threshold"], entry["cut_off"], outcome.better)
    found = {}
    for arm in protocol.arms:
        its = Counter(one for one, whose in zip(named, table.arms, strict=True) if whose == arm.id)
        known: dict[str, Any] = {kind: its[kind] for kind in OUTCOMES}
        found[arm.id] = {"n_randomised": its.total(), "n_known": its.total() - its[None], "unknown": its[None]} | known
    return found


def _compared(
    protocol: TrialProtocol, table: AnalysisTable, declared: ClinicalChange, entry: Estimate
) -> dict[str, Any]:
    """Each kind of change, from scores imputed once for all of them; raises AnalysisImpossible."""
    refuse_clusters(protocol, "clinical_change")
    planned = PlannedAnalysis(outcome=declared.outcome, timepoint=declared.timepoint, contrast=declared.contrast)
    gaps, contrast = gaps_of(protocol, table, planned)
    labels = np.array(table.arms, dtype=object)
    score = protocol.outcome(declared.outcome).score
    who = np.isin(labels, contrast) | np.isfinite(table.outcome(score, declared.timepoint))
    model = model_of(protocol, table, planned, who)
    scores, filled = completed_outcomes(gaps, (protocol.id, "clinical change", declared.outcome, declared.timepoint))
    people = [str(each) for each in labels[who]]
    threshold, better, cut = entry["threshold"], entry["better"], entry["cut_off"]
    which: dict[Kind, npt.NDArray[np.bool_]] = {
        "recovered": responded(model.baseline, scores, threshold, better, cut),
        "reliably_better": responded(model.baseline, scores, threshold, better),
        "reliably_worse": responded(model.baseline, scores, threshold, _OTHER[better]),
    }
    arms = {arm: entry["arms"][arm] for arm in contrast}
    compared = [_comparison(protocol, kind, which[kind], people, model, arms) for kind in KINDS]
    return {"comparisons": compared, "imputation": _basis(gaps, len(scores), dict(zip(contrast, filled, strict=True)))}


def _basis(gaps: Gaps, imputations: int, filled: dict[str, int]) -> dict[str, Any]:
    about = {"timepoints": list(gaps.timepoints), "left_out": list(gaps.left_out)}
    return about | {"imputations": imputations, "filled": filled}


def _seen(arm: dict[str, Any]) -> dict[Kind, int]:
    """Of those of an arm with both scores, how many there are of each kind."""
    return {
        "recovered": arm["recovered"],
        "reliably_better": arm["recovered"] + arm["improved"],
        "reliably_worse": arm["deteriorated"],
    }


def _comparison(
    protocol: TrialProtocol,
    kind: Kind,
    who: npt.NDArray[np.bool_],
    people: list[str],
    model: Model,
    arms: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    """One kind compared; where the model has no estimate, without one over those with both scores: see `fallback`."""
    plan, contrast = protocol.analysis, (next(iter(arms)), next(reversed(arms)))
    empty = dict.fromkeys(("difference", "ratio", "number_needed", "missing_information", "monte_carlo_error"))
    entry: dict[str, Any] = {"kind": kind, "shares": {}, "n": {}, "fallback": None, "problem": None} | empty
    try:
        found = analyse_responders(
            who, people, model.columns, contrast, level=plan.level, covariance=plan.covariance, names=model.names
        )
        return entry | _numbers(found, kind)
    except (AnalysisImpossible, np.linalg.LinAlgError) as why:
        try:
            return entry | _without_model(kind, arms, plan.level) | {"fallback": str(why)}
        except AnalysisImpossible as error:
            return undone(entry, error)


def _without_model(kind: Kind, arms: dict[str, dict[str, Any]], level: float) -> dict[str, Any]:
    """The shares of those with both scores as they are, with Newcombe's interval; raises AnalysisImpossible."""
    (e1, e2), (n1, n2) = zip(*((_seen(its)[kind], its["n_known"]) for its in arms.values()), strict=True)
    found = newcombe((e1, e2), (n1, n2), level)
    low, high = found.ci
    return {
        "shares": {arm: _seen(its)[kind] / its["n_known"] for arm, its in arms.items()},
        "n": {arm: its["n_known"] for arm, its in arms.items()},
        "difference": {"estimate": found.estimate, "se": None, "df": None, "ci": [low, high]},
        "number_needed": _needed(kind, found.estimate, low, high, level),
    }


def _needed(kind: Kind, difference: float, low: float, high: float, level: float) -> dict[str, Any]:
    event: Literal["wanted", "unwanted"] = "unwanted" if kind == "reliably_worse" else "wanted"
    return needed_values(number_needed(difference, (max(low, -1.0), min(high, 1.0)), level, event=event))


def _numbers(found: ResponderAnalysis, kind: Kind) -> dict[str, Any]:
    one, low, high = found.difference, *found.difference.ci
    if not all(map(math.isfinite, (one.estimate, low, high))):
        raise AnalysisImpossible("The model has no finite estimate of this difference.")
    return {
        "shares": dict(found.shares),
        "n": {arm: found.n[arm] for arm in found.contrast},
        "difference": {"estimate": one.estimate, "se": one.se, "df": found.pooled_difference.df, "ci": [low, high]},
        "ratio": {"estimate": found.ratio.estimate, "ci": list(found.ratio.ci)},
        "number_needed": _needed(kind, one.estimate, low, high, found.level),
        "missing_information": found.pooled_difference.missing,
        "monte_carlo_error": found.pooled_difference.noise,
    }
