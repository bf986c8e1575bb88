"""A single arm beside its own baseline: what changed, with nobody to tell what would have changed anyway."""

from __future__ import annotations

from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.mean_change import mean_change
from trial.stats.plan.table import AnalysisTable, Estimate


def by_mean_change(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, entry: Estimate
) -> Estimate:
    """The entry with its numbers; raises AnalysisImpossible."""
    entry |= {"measure": "mean_change", "covariance": None, "analysis_set": "enrolled_with_both_values"}
    score = protocol.outcome(planned.outcome).score
    before, after = table.outcome(score, protocol.baseline.id), table.outcome(score, planned.timepoint)
    result = mean_change(before, after, protocol.analysis.level)
    return entry | {
        "estimate": result.estimate,
        "se": result.se,
        "df": result.df,
        "ci": list(result.ci),
        "p": result.p,
        "n": {planned.contrast[0]: result.n},
    }
