"""The outcome of a planned analysis as one number for each person: the score, its change, or who responds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import Outcome, PlannedAnalysis, TrialProtocol
from trial.stats.arrays import FloatArray
from trial.stats.plan.table import AnalysisTable

_AS_GOOD = 1e-9  # scores that are means of items miss a round number in their last digits


def scores_of(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> FloatArray:
    """The score at the timepoint of everyone randomised, (n,), NaN for missing."""
    return table.outcome(protocol.outcome(planned.outcome).score, planned.timepoint)


def known_of(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> FloatArray:
    """What has to be known of a person to be analysed, (n,): the score, or of a proportion whether they respond."""
    outcome = protocol.outcome(planned.outcome)
    values = scores_of(protocol, table, planned)
    if outcome.aggregation == "proportion":
        return responses(outcome, table.outcome(outcome.score, protocol.baseline.id), values, table.reliable_change)
    return values


def outcome_of(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> FloatArray:
    """What each arm's own result describes, (n,): scores, what changed in those with both values, who responds."""
    outcome = protocol.outcome(planned.outcome)
    values = known_of(protocol, table, planned)
    if outcome.aggregation == "mean" and outcome.metric == "change":
        return values - table.outcome(outcome.score, protocol.baseline.id)
    return values


def modelled(protocol: TrialProtocol, planned: PlannedAnalysis, values: FloatArray, baseline: FloatArray) -> FloatArray:
    """What the planned model explains, (n,): `values`, or their change from the `baseline` as the model has it.

    The baseline is in the model too, so the arms differ in the change by just what they differ in the values; the
    adjusted means are those of the change.
    """
    return values - baseline if protocol.outcome(planned.outcome).metric == "change" else values


def responses(
    outcome: Outcome, before: FloatArray, after: FloatArray, reliable_change: Mapping[str, float]
) -> FloatArray:
    """1 for who responds and 0 for who does not, from `before` (n,) and `after` (n,) or (imputations, n).

    NaN where a score is missing that the rule asks for. Without a rule the score itself, which is 0 or 1. Raises
    AnalysisImpossible where reliable change is asked for and the instrument has no figures for it.
    """
    rule = outcome.responder
    if rule is None:
        return after
    side = 1.0 if outcome.better == "higher" else -1.0
    gain = side * (after - before)
    holds = np.ones_like(after, dtype=np.bool_)
    if rule.reaches is not None:
        holds &= side * (after - rule.reaches) >= -_AS_GOOD
    if rule.improves_by is not None:
        holds &= gain >= rule.improves_by - _AS_GOOD
    if rule.reliable_change:
        holds &= gain > _threshold(outcome.score, reliable_change) + _AS_GOOD
    known = np.isfinite(gain) if rule.since_baseline else np.isfinite(after)
    return np.where(known, holds.astype(np.float64), np.nan)


def _threshold(score: str, reliable_change: Mapping[str, float]) -> float:
    if score not in reliable_change:
        raise AnalysisImpossible(f"The instrument of {score!r} has no figures that reliable change is worked out from.")
    return reliable_change[score]
