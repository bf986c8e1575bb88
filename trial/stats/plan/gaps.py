"""Who is missing the outcome of a planned comparison, and what is known of them: where filling in starts from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import Auxiliary, PlannedAnalysis, TrialProtocol
from trial.stats.arrays import FloatArray
from trial.stats.filling import Gaps, find_gaps
from trial.stats.plan.covariates import model_of
from trial.stats.plan.table import AnalysisTable, Seen


def gaps_of(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, auxiliaries: Sequence[Auxiliary] = ()
) -> tuple[Gaps, tuple[str, str]]:
    """Everyone of the two arms compared, and of other arms those with the outcome, as in the planned model.

    Raises AnalysisImpossible for a single arm, an arm without people, an auxiliary that is in the models anyway or that
    does not vary, and as `find_gaps` does.
    """
    if len(planned.contrast) == 1:
        raise AnalysisImpossible("A single arm is compared with nothing: this analysis needs two arms.")
    arm, reference = planned.contrast
    score = protocol.outcome(planned.outcome).score
    labels = np.array(table.arms, dtype=object)
    who = np.isin(labels, [arm, reference]) | np.isfinite(table.outcome(score, planned.timepoint))
    for each in (arm, reference):
        if each not in table.arms:
            raise AnalysisImpossible(f"Arm {each!r} has no participant to analyse.")
    model = model_of(protocol, table, planned, who)
    after = [point.id for point in protocol.in_time if point.id != protocol.baseline.id]
    outcomes = [
        (point, values[who])
        for point in after
        if np.isfinite(values := table.outcome(score, point)).any() or point == planned.timepoint
    ]
    people = [str(each) for each in labels[who]]
    more = [_auxiliary(protocol, table, one, score, model.names, who) for one in auxiliaries]
    gaps = find_gaps(people, outcomes, planned.timepoint, model.columns, model.names, (arm, reference), more)
    return gaps, (arm, reference)


def _auxiliary(
    protocol: TrialProtocol, table: AnalysisTable, one: Auxiliary, score: str, names: Sequence[str], who: Seen
) -> tuple[str, FloatArray]:
    name = f"{one.score} at {one.timepoint}"
    at_baseline = one.timepoint == protocol.baseline.id
    if f"{one.score} at baseline" in names if at_baseline else one.score == score:
        raise AnalysisImpossible(f"The auxiliary {name} is in the models anyway: name what they do not have.")
    values = table.outcome(one.score, one.timepoint)[who]
    known = values[np.isfinite(values)]
    if not len(known) or np.ptp(known) == 0:
        raise AnalysisImpossible(f"The auxiliary {name} is known of nobody, or the same for everyone: leave it out.")
    return name, values
