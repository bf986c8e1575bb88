"""One estimate of a proportion: a logistic model of who has the outcome, and what it foretells for each arm."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.number_needed import NumberNeeded, number_needed
from trial.stats.plan.covariates import Model, model_of
from trial.stats.plan.outcome import known_of
from trial.stats.plan.table import AnalysisTable, Estimate, Seen
from trial.stats.standardization import RiskContrast, StandardizedRisks, standardize
from trial.stats.two_proportions import TwoProportions, miettinen_nurminen, miettinen_nurminen_ratio, newcombe

Measure = Literal["risk_difference", "risk_ratio", "odds_ratio"]


def measure_of(protocol: TrialProtocol, planned: PlannedAnalysis) -> Measure:
    """What the analysis's estimand asks for; a difference where it names none."""
    asked = next((one.summary for one in protocol.estimands if one.id == planned.estimand), None)
    return asked if asked == "risk_ratio" or asked == "odds_ratio" else "risk_difference"


def by_g_computation(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, entry: Estimate
) -> Estimate:
    """The entry with its numbers; raises AnalysisImpossible.

    Where the model has no finite estimate, the comparison without a model stands in, and `fallback` says why; an odds
    ratio has none. Without a model a difference has Newcombe's interval and the p of Miettinen and Nurminen's score
    test, a ratio their interval and p.
    """
    values, measure = known_of(protocol, table, planned), measure_of(protocol, planned)
    seen = np.isfinite(values)
    if not np.all(np.isin(values[seen], (0, 1))):
        raise AnalysisImpossible("The outcome is not 0 or 1 for everyone analysed: say who counts under `responder`.")
    counts = _counts(protocol, table, values, seen)
    for arm, (events, _) in counts.items():
        entry["arms"][arm] |= {"events": events, "sd": None}
    plain = _without_model(measure, counts, planned, protocol.analysis.level)
    entry |= {"measure": measure, "unadjusted": plain}
    try:
        result, model = standardize_among(protocol, table, planned, seen)
    except AnalysisImpossible as why:
        entry |= _instead(measure, plain, counts, why)
    else:
        for arm, risk in result.risks.items():
            entry["arms"][arm]["adjusted_mean"] = risk.estimate
        entry |= numbers_of(result, measure) | {
            "covariates": list(result.covariates),
            "covariates_dropped": [*result.dropped, *model.alike],
            "imputed": model.filled,
        }
    if measure == "risk_difference":
        wanted = protocol.outcome(planned.outcome).more_is == "higher"
        low, high = entry["ci"]
        needed = number_needed(
            entry["estimate"],
            (max(low, -1.0), min(high, 1.0)),
            entry["level"],
            event="wanted" if wanted else "unwanted",
        )
        entry["number_needed"] = needed_values(needed)
    return entry


def standardize_among(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, seen: Seen
) -> tuple[StandardizedRisks, Model]:
    """The planned model over those `seen` (n,), of whom it is known who responds; raises AnalysisImpossible."""
    values = known_of(protocol, table, planned)[seen]
    arms = [arm for arm, has in zip(table.arms, seen, strict=True) if has]
    model = model_of(protocol, table, planned, seen)
    arm, reference = planned.contrast
    plan = protocol.analysis
    result = standardize(
        values, arms, model.columns, (arm, reference), level=plan.level, covariance=plan.covariance, names=model.names
    )
    return result, model


def numbers_of(result: StandardizedRisks, measure: Measure) -> Estimate:
    """Estimate, error, interval, p and people of a comparison; of a ratio the error is that of its logarithm.

    Raises AnalysisImpossible where the model has no finite estimate of it.
    """
    one = contrast_of(result, measure)
    its = {"estimate": one.estimate, "se": one.se, "df": result.df, "ci": list(one.ci), "p": one.p, "n": result.n}
    if not all(map(math.isfinite, (one.estimate, *one.ci))):
        raise AnalysisImpossible("The model has no finite estimate of this measure.")
    return its


def contrast_of(result: StandardizedRisks, measure: Measure) -> RiskContrast:
    """The comparison that a measure names."""
    return {"risk_difference": result.difference, "risk_ratio": result.ratio, "odds_ratio": result.odds}[measure]


def _counts(protocol: TrialProtocol, table: AnalysisTable, values: Any, seen: Seen) -> dict[str, tuple[int, int]]:
    """(with the outcome, analysed) of each arm."""
    labels = np.array(table.arms, dtype=object)
    found = {}
    for arm in protocol.arms:
        its = values[seen & (labels == arm.id)]
        found[arm.id] = (int(its.sum()), len(its))
    return found


def _without_model(
    measure: Measure, counts: dict[str, tuple[int, int]], planned: PlannedAnalysis, level: float
) -> dict[str, Any] | None:
    """The two arms' proportions compared as they are: a ratio for a ratio, else a difference; None without a number."""
    (e1, n1), (e2, n2) = (counts[arm] for arm in planned.contrast)
    events, n = (e1, e2), (n1, n2)
    try:
        score = (
            miettinen_nurminen_ratio(events, n, level)
            if measure == "risk_ratio"
            else miettinen_nurminen(events, n, level)
        )
        shown: TwoProportions = score if measure == "risk_ratio" else newcombe(events, n, level)
    except AnalysisImpossible:
        return None
    if not all(map(math.isfinite, (shown.estimate, *shown.ci))):
        return None
    kind = "risk_ratio" if measure == "risk_ratio" else "risk_difference"
    return {"measure": kind, "estimate": shown.estimate, "ci": list(shown.ci), "p": score.p, "method": shown.method}


def _instead(
    measure: Measure, plain: dict[str, Any] | None, counts: dict[str, tuple[int, int]], why: AnalysisImpossible
) -> Estimate:
    if plain is None or plain["measure"] != measure:
        raise why
    its = {key: plain[key] for key in ("estimate", "ci", "p")}
    n = {arm: people for arm, (_, people) in counts.items() if people}
    return its | {"covariance": None, "n": n, "fallback": str(why)}


def needed_values(one: NumberNeeded) -> dict[str, Any]:
    """As plain values; None for a number without end."""
    ends = {
        side: None if its is None else [_finite(end) for end in its]
        for side, its in (("benefit", one.benefit), ("harm", one.harm))
    }
    return {"number": _finite(one.number), "towards": one.towards, **ends}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
