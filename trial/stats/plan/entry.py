"""What every estimate says of itself, whatever its method: who was compared in what, and each arm's own result."""

from __future__ import annotations

from typing import Any

import numpy as np

from trial.core.factor_effects import sides
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.arrays import FloatArray
from trial.stats.plan.table import AnalysisTable, Estimate


def identity(protocol: TrialProtocol, planned: PlannedAnalysis, kind: str) -> Estimate:
    """The estimate before anything was computed: every key that there is, most of them None."""
    outcome = protocol.outcome(planned.outcome)
    return {
        "outcome": planned.outcome,
        "estimand": "treatment_policy",
        "analysis": kind,
        "prespecified": True,
        "method": protocol.analysis.method_of(planned),
        "covariance": protocol.analysis.covariance,
        "analysis_set": "randomised_with_outcome",
        "timepoint": planned.timepoint,
        "contrast": list(planned.contrast),
        "factors": list(planned.factors),
        "sides": [list(side) for side in sides(protocol, planned)],
        "metric": outcome.metric,
        "aggregation": outcome.aggregation,
        "measure": "mean_difference",
        "better": outcome.more_is,
        "level": protocol.analysis.level,
        "estimate": None,
        "se": None,
        "df": None,
        "ci": None,
        "p": None,
        "p_adjusted": None,
        "adjusted_by": None,
        "n": {},
        "g": None,
        "unadjusted": None,
        "number_needed": None,
        "fallback": None,
        "covariates": [],
        "covariates_dropped": [],
        "imputed": {},
        "repeated": None,
        "clusters": None,
        "margin": None,
        "factorial": None,
        "ordinal": None,
        "complier": None,
        "warnings": [],
        "problem": None,
    }


def arms_of(protocol: TrialProtocol, table: AnalysisTable, values: FloatArray, described: FloatArray) -> dict[str, Any]:
    """Each arm's own result: randomised, with `values`, raw mean and standard deviation of what is `described`."""
    labels = np.array(table.arms, dtype=object)
    found = {}
    for arm in protocol.arms:
        its = values[labels == arm.id]
        seen = described[labels == arm.id]
        seen = seen[np.isfinite(seen)]
        found[arm.id] = {
            "n_randomised": len(its),
            "n_with_data": int(np.isfinite(its).sum()),
            "mean": float(np.mean(seen)) if len(seen) else None,
            "sd": float(np.std(seen, ddof=1)) if len(seen) > 1 else None,
            "events": None,
            "adjusted_mean": None,
            "adjusted_ci": None,
        }
    return found
