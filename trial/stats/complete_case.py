"""The planned model over those alone who lack nothing in it."""

from __future__ import annotations

import numpy as np

from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.plan.covariates import has_covariates
from trial.stats.plan.linear import Linear, fit_linear
from trial.stats.plan.outcome import known_of
from trial.stats.plan.table import AnalysisTable, Seen


def complete_case(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> Linear:
    """The planned model over people with the outcome and every covariate: nothing is filled in, not even a baseline.

    Right where those left out are, given arm and covariates, like those kept. White IR, Thompson SG (2005), Adjusting
    for partially missing baseline measurements in randomized trials, Statistics in Medicine 24, 993-1007, say what is
    lost against filling baseline values with their mean. Raises AnalysisImpossible.
    """
    return fit_linear(protocol, table, planned, complete(protocol, table, planned))


def complete(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> Seen:
    """Who lacks nothing, (n,)."""
    return np.isfinite(known_of(protocol, table, planned)) & has_covariates(protocol, table, planned)
