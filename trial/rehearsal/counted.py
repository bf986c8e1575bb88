"""Which analysis of the plan is counted over simulated trials: the primary, or a sensitivity analysis in its place.

A sensitivity analysis that fills in the missing has a power of its own: a plan whose conclusion has to stand under jump
to reference or multiple imputation is planned by that, and not by the primary alone.
"""

from __future__ import annotations

from trial.core.errors import BadInput
from trial.core.protocol import Sensitivity, TrialProtocol
from trial.rehearsal.looks import looked_at
from trial.stats.plan.table import AnalysisTable, Estimate
from trial.stats.sensitivity import run_declared

PRIMARY = ""
# those with one estimate and one p over people of whom the lost alone are missing
COUNTED = ("complete_case", "multiple_imputation", "jump_to_reference", "copy_reference", "copy_increments")


def declared(protocol: TrialProtocol, analysis: str) -> Sensitivity | None:
    """The sensitivity analysis of this id, None for the primary; raises BadInput where it cannot be counted."""
    if analysis == PRIMARY:
        return None
    planned = {one.id: one for one in protocol.analysis.sensitivity}
    able = [name for name, one in planned.items() if one.method in COUNTED]
    mend = (
        f"Those that can be counted: {', '.join(able)}." if able else "Leave it out: the primary analysis is counted."
    )
    if analysis not in planned:
        raise BadInput.at("--analysis", f"the plan has no sensitivity analysis {analysis[:40]!r}.", mend)
    if analysis not in able:
        what = (
            f"{planned[analysis].method} has no one estimate and p-value, or needs the doses that are not played here."
        )
        raise BadInput.at("--analysis", what, mend)
    if protocol.monitoring is not None and protocol.monitoring.bounds is not None:
        what = "looks with `bounds` judge the primary analysis, and so end each trial by that."
        raise BadInput.at("--analysis", what, "Leave it out, or ask a copy of the protocol without `bounds`.")
    return planned[analysis]


def analysed(
    protocol: TrialProtocol, table: AnalysisTable, one: Sensitivity | None
) -> tuple[Estimate, AnalysisTable, bool | None]:
    """As `looked_at` says it: the estimate, the people in it, and the verdict of stopping bounds, if any."""
    return looked_at(protocol, table) if one is None else (run_declared(protocol, table, one), table, None)
