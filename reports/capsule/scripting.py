"""The short scripts of a capsule: the primary analysis of its plan for R and for Python, filled in from templates."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from reports.data_file import TrialData
from trial.core.protocol import TrialProtocol
from trial.stats.plan.covariates import covariates_of

# methods of a plan that a short script is written for
METHODS = ("ancova", "mean_change")
VERIFY = "verify_allocation.py"


def scripts(protocol: TrialProtocol, data: TrialData, path: str) -> dict[str, bytes]:
    """The scripts by file name; none where the primary analysis is of another kind. `path` is that of dataset.csv."""
    plan = protocol.analysis
    method = plan.method_of(plan.primary)
    if method not in METHODS or protocol.allocation.cluster or _is_proportion(protocol):
        return {}
    covariates = covariates_of(protocol, plan.primary)
    factors = [name for name in covariates if name in data.table.factors]
    contrast = [*plan.primary.contrast, ""]
    outcome = protocol.outcome(plan.primary.outcome)
    given = {
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
    return {f"primary_analysis.{kind}": filled(f"{method}.{kind}", given) for kind in ("R", "py")}


def _is_proportion(protocol: TrialProtocol) -> bool:
    return protocol.outcome(protocol.analysis.primary.outcome).aggregation == "proportion"


def filled(name: str, given: Mapping[str, str]) -> bytes:
    """A template with each @key@ given its value."""
    text = script(name).decode()
    for key, value in given.items():
        text = text.replace(f"@{key}@", value)
    return text.encode()


def script(name: str) -> bytes:
    """A file of this package's folder of scripts."""
    return (resources.files("reports.capsule") / "scripts" / name).read_bytes()
