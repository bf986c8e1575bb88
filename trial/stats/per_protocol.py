"""The planned model over those alone who did what their arm asked for: biased, and reported as that."""

from __future__ import annotations

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.plan.linear import Linear, fit_linear
from trial.stats.plan.outcome import known_of
from trial.stats.plan.table import AnalysisTable, Seen


def per_protocol(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> Linear:
    """The planned model over people with the outcome who reached the `minimum_dose` of their arm.

    Who does so is not left to chance, so that arms differ in more than what they were given: Hernan MA, Hernandez-Diaz
    S (2012), Beyond the intention-to-treat in comparative effectiveness research, Clinical Trials 9, 48-55. Raises
    AnalysisImpossible, also where the data do not tell who reached it.
    """
    return fit_linear(protocol, table, planned, followed(protocol, table, planned))


def followed(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> Seen:
    """Who has the outcome and reached the minimum dose of their arm, (n,)."""
    return np.isfinite(known_of(protocol, table, planned)) & reached(table)


def reached(table: AnalysisTable) -> Seen:
    """Who reached the minimum dose of their arm, (n,); AnalysisImpossible where the data do not tell."""
    if table.minimum_dose is None:
        raise AnalysisImpossible("The data do not tell who reached the minimum dose of their arm.")
    return np.array(table.minimum_dose, dtype=np.bool_)
