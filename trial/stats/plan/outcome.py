"""The outcome of a planned analysis as one number for each person: the score, or its change since the baseline."""

from __future__ import annotations

from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.arrays import FloatArray
from trial.stats.plan.table import AnalysisTable


def scores_of(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> FloatArray:
    """The score at the timepoint of everyone randomised, (n,), NaN for missing."""
    return table.outcome(protocol.outcome(planned.outcome).score, planned.timepoint)


def outcome_of(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> FloatArray:
    """What each arm's own result describes, (n,): scores, or what changed in those who have both values."""
    values = scores_of(protocol, table, planned)
    if protocol.outcome(planned.outcome).metric == "change":
        return values - table.outcome(protocol.outcome(planned.outcome).score, protocol.baseline.id)
    return values


def modelled(protocol: TrialProtocol, planned: PlannedAnalysis, values: FloatArray, baseline: FloatArray) -> FloatArray:
    """What the planned model explains, (n,): `values`, or their change from the `baseline` as the model has it.

    The baseline is in the model too, so the arms differ in the change by just what they differ in the values; the
    adjusted means are those of the change.
    """
    return values - baseline if protocol.outcome(planned.outcome).metric == "change" else values
