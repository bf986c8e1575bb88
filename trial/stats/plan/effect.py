"""The difference of a planned analysis in standard deviations."""

from __future__ import annotations

from typing import Any

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.factor_effects import sides
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.effect_size import hedges_g, pooled_sd
from trial.stats.plan.table import AnalysisTable


def standardized(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, difference: float
) -> dict[str, Any] | None:
    """Hedges g of an adjusted difference over the raw pooled SD of those who have the outcome; None without one."""
    score = protocol.outcome(planned.outcome).score
    values, labels = table.outcome(score, planned.timepoint), np.array(table.arms, dtype=object)
    one, other = (values[np.isin(labels, side) & np.isfinite(values)] for side in sides(protocol, planned))
    standardizer = f"pooled standard deviation of {score} at {planned.timepoint} {where_pooled(planned)}"
    try:
        spread = pooled_sd(one, other)
        g = hedges_g(difference, spread, len(one), len(other), protocol.analysis.level, standardizer=standardizer)
    except AnalysisImpossible:
        return None
    return {
        "estimate": g.estimate,
        "ci": list(g.ci),
        "standardiser": g.standardizer,
        "standardiser_value": spread,
        "method": g.method,
    }


def where_pooled(planned: PlannedAnalysis) -> str:
    """Whose standard deviations are pooled."""
    return "on both sides" if planned.factors else "in the two arms"
