"""The planned model over those alone who lack nothing in it."""

from __future__ import annotations

import numpy as np

from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.ancova import AncovaResult
from trial.stats.plan.covariates import has_covariates
from trial.stats.plan.linear import fit_among
from trial.stats.plan.table import AnalysisTable


def complete_case(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> AncovaResult:
    """`ancova` over people with the outcome and every covariate: nothing is filled in, not even a baseline value.

    Right where those left out are, given arm and covariates, like those kept. White IR, Thompson SG (2005), Adjusting
    for partially missing baseline measurements in randomized trials, Statistics in Medicine 24, 993-1007, say what is
    lost against filling baseline values with their mean. Raises AnalysisImpossible.
    """
    values = table.outcome(protocol.outcome(planned.outcome).score, planned.timepoint)
    return fit_among(protocol, table, planned, np.isfinite(values) & has_covariates(protocol, table, planned))[0]
