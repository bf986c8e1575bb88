"""The protocol's analysis plan, run over a table of everyone randomised: one estimate for each planned analysis.

Everyone is in the arm that they were allocated to. Each method stands in a file of its own and fills in the same keys.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.factor_effects import METHODS as OF_EFFECTS
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.core.protocol.analysis import OF_CLUSTERS, REPEATED
from trial.stats.plan.cautions import cautions
from trial.stats.plan.compliers import by_complier_effect
from trial.stats.plan.entry import arms_of, identity
from trial.stats.plan.families import adjust
from trial.stats.plan.limits import refuse_unfinished, refuse_unusable, undone
from trial.stats.plan.linear import by_ancova
from trial.stats.plan.margin import held
from trial.stats.plan.ordinal import by_proportional_odds
from trial.stats.plan.outcome import known_of, outcome_of
from trial.stats.plan.proportions import by_g_computation
from trial.stats.plan.repeated import by_repeated, in_likelihood
from trial.stats.plan.single_arm import by_mean_change
from trial.stats.plan.table import AnalysisTable, Estimate

Method = Callable[[TrialProtocol, AnalysisTable, PlannedAnalysis, Estimate], Estimate]
# each method that a plan can name: from the entry without numbers to the entry with them, or AnalysisImpossible
_METHODS: dict[str, Method] = {
    "ancova": by_ancova,
    "anhecova": by_ancova,
    "mean_change": by_mean_change,
    "mmrm": by_repeated,
    "clda": by_repeated,
    "g_computation": by_g_computation,
    "proportional_odds": by_proportional_odds,
    "complier_effect": by_complier_effect,
}


def run_plan(protocol: TrialProtocol, table: AnalysisTable) -> list[Estimate]:
    """Every planned estimate, the primary first; a family under a multiplicity rule gets adjusted p-values.

    The primary is held against the design's margin. An analysis that the data cannot carry has the estimate None and
    says why in `problem`; it still counts in the size of its family, as if its p were 1. Exploratory analyses come last
    and belong to no family.
    """
    plan = protocol.analysis
    estimates = [run_primary(protocol, table)]
    if plan.secondary is not None:
        family = [_estimate(protocol, table, one, "secondary") for one in plan.secondary.analyses]
        adjust(plan.secondary, estimates[0], family)
        estimates += family
    if plan.exploratory is not None:
        estimates += [_estimate(protocol, table, one, "exploratory") for one in plan.exploratory.analyses]
    return estimates


def run_primary(protocol: TrialProtocol, table: AnalysisTable) -> Estimate:
    """The primary estimate alone, held against the design's margin: the same numbers as in the whole plan."""
    found = _estimate(protocol, table, protocol.analysis.primary, "primary")
    return found | {"margin": held(protocol, found)}


def with_outcome(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> list[bool]:
    """Who has what a planned analysis is about, in the table's order: the outcome; for a change, both values."""
    seen = np.isfinite(known_of(protocol, table, planned))
    if len(planned.contrast) == 1:
        seen &= np.isfinite(table.outcome(protocol.outcome(planned.outcome).score, protocol.baseline.id))
    return [bool(one) for one in seen]


def in_model(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> list[bool]:
    """Who a planned analysis takes in, in the table's order: a model of repeated outcomes learns from every visit."""
    if protocol.analysis.method_of(planned) in REPEATED:
        return [bool(one) for one in in_likelihood(protocol, table, planned)]
    return with_outcome(protocol, table, planned)


def _estimate(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, kind: str) -> Estimate:
    entry = identity(protocol, planned, kind)
    entry |= {"n_randomised": len(table.participants), "n_with_data": 0, "arms": {}}
    try:
        refuse_unusable(table)
        values = np.where(with_outcome(protocol, table, planned), known_of(protocol, table, planned), np.nan)
        entry["n_with_data"] = int(np.isfinite(values).sum())
        entry["arms"] = arms_of(protocol, table, values, outcome_of(protocol, table, planned))
        method = protocol.analysis.method_of(planned)
        refuse_clusters(protocol, method)
        if planned.factors and method not in OF_EFFECTS:
            raise AnalysisImpossible(f"Effects of factors are not worked out by {method}: plan ancova, mmrm or clda.")
        found = _METHODS[method](protocol, table, planned, entry)
        refuse_unfinished(found)
        return found | {"warnings": cautions(found)}
    except (AnalysisImpossible, np.linalg.LinAlgError) as error:
        return undone(entry, error)


def refuse_clusters(protocol: TrialProtocol, method: str) -> None:
    """Raise AnalysisImpossible where clusters were allocated and `method` takes people for independent."""
    if protocol.allocation.cluster and method not in OF_CLUSTERS:
        raise AnalysisImpossible(
            f"Clusters were allocated, and {method} takes people for independent: it would claim more than it knows."
        )
