"""The short scripts of a capsule: the primary analysis of its plan for R and for Python, filled in from templates."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

from reports.data_file import TrialData
from trial.core.protocol import TrialProtocol
from trial.stats.plan.covariates import covariates_of
from trial.stats.plan.proportions import measure_of

# methods of a plan that a short script is written for
METHODS = ("ancova", "mean_change", "mmrm", "clda", "g_computation", "proportional_odds")
AGGREGATIONS = {"g_computation": "proportion", "proportional_odds": "ordinal"}  # all others compare means
TEMPLATES = {"clda": "mmrm"}  # the same script, with the baseline among the visits
DEGREES = ("satterthwaite", "kenward_roger")
VERIFY = "verify_allocation.py"


def scripts(
    protocol: TrialProtocol, data: TrialData, path: str, found: Mapping[str, Any] | None = None
) -> dict[str, bytes]:
    """The scripts by file name; none where the primary analysis is of another kind. `path` is that of dataset.csv.

    `found` is the primary estimate of the results: of a model of visits it says which visits it took in.
    """
    plan, outcome = protocol.analysis, protocol.outcome(protocol.analysis.primary.outcome)
    method = plan.method_of(plan.primary)
    more = _of_method(protocol, method, found)
    if more is None or protocol.allocation.cluster or plan.primary.factors:
        return {}
    covariates = covariates_of(protocol, plan.primary, with_baseline=method != "clda")
    factors = [name for name in covariates if name in data.table.factors]
    contrast = [*plan.primary.contrast, ""]
    given = more | {
        "score": outcome.score,
        "metric": outcome.metric,
        "timepoint": plan.primary.timepoint,
        "baseline": protocol.baseline.id,
        "arm": contrast[0],
        "reference": contrast[1],
        "numbers": '", "'.join(name for name in covariates if name not in factors),
        "factors": '", "'.join(factors),
        "level": f"{plan.level:g}",
        "covariance": plan.covariance,
        "data": path,
    }
    name = TEMPLATES.get(method, method)
    return {f"primary_analysis.{kind}": filled(f"{name}.{kind}", given) for kind in ("R", "py")}


def _of_method(protocol: TrialProtocol, method: str, found: Mapping[str, Any] | None) -> dict[str, str] | None:
    """What a template needs beside what all need; None where no script makes this analysis again."""
    plan = protocol.analysis
    outcome = protocol.outcome(plan.primary.outcome)
    if method not in METHODS or outcome.aggregation != AGGREGATIONS.get(method, "mean"):
        return None
    if method in ("mmrm", "clda"):
        return _of_visits(protocol, found)
    if method != "g_computation":
        return {}
    rule = outcome.responder
    # reliable change needs figures that stand in no table of the capsule; a comparison without a model stood in
    if (rule and rule.reliable_change) or plan.covariance not in ("HC2", "HC3") or (found and found["fallback"]):
        return None
    return {
        "measure": measure_of(protocol, plan.primary),
        "side": "1" if outcome.better == "higher" else "-1",
        "reaches": _or_na(rule.reaches if rule else None),
        "improves_by": _or_na(rule.improves_by if rule else None),
    }


def _of_visits(protocol: TrialProtocol, found: Mapping[str, Any] | None) -> dict[str, str] | None:
    """The visits of the model, where its covariance is free."""
    its = found["repeated"] if found else None
    if found is None or not its:
        return None
    constrained = protocol.analysis.method_of(protocol.analysis.primary) == "clda"
    first = [protocol.baseline.id] if constrained else []
    visits = [*first, *(one for one in its["timepoints"] if one not in first)]
    plain = its["structure"] == "unstructured" and its["degrees_of_freedom"] in DEGREES
    if not plain or len(visits) < 2 or protocol.outcome(found["outcome"]).metric == "change":
        return None
    return {"visits": '", "'.join(visits), "degrees": its["degrees_of_freedom"]}


def _or_na(value: float | None) -> str:
    return "NA" if value is None else f"{value:.15g}"


def filled(name: str, given: Mapping[str, str]) -> bytes:
    """A template with each @key@ given its value."""
    text = script(name).decode()
    for key, value in given.items():
        text = text.replace(f"@{key}@", value)
    return text.encode()


def script(name: str) -> bytes:
    """A file of this package's folder of scripts."""
    return (resources.files("reports.capsule") / "scripts" / name).read_bytes()
