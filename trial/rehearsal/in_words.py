"""What a rehearsed power stands on, in the words of the page: outcome, comparison, method, allocation, assumptions."""

from __future__ import annotations

from reports.allocating import allocation
from reports.labels import Labels
from reports.power import PRIMARY, Assumed, Rehearsed
from reports.sensitivity import NAMES
from reports.variables import LANGUAGE
from trial.core.factor_effects import sides
from trial.core.planned_size import tested_alpha
from trial.core.protocol import Monitoring, Sensitivity
from trial.core.texts import say
from trial.rehearsal.joint_model import JointModel
from trial.stats.power_of_plan import ClosedPower

_METHODS = {
    "ancova": "ANCOVA",
    "mmrm": "a mixed model for repeated measures",
    "clda": "constrained longitudinal data analysis",
    "g_computation": "g-computation from a logistic model",
    "mean_change": "the mean change from baseline",
}

_BOUNDS = {"obrien_fleming": "O'Brien-Fleming", "pocock": "Pocock"}


def rehearsed(
    model: JointModel,
    planned: Sensitivity | None,
    nothing: float,
    closed: ClosedPower,
    about: tuple[int, int, str],
) -> Rehearsed:
    """`planned` is the sensitivity analysis that is counted, None where it is the primary; `about` are seed, replicates
    and the command that gives the same again.
    """
    protocol, primary, profile = model.protocol, model.primary, model.profile
    labels, point = Labels(model.folder), protocol.timepoint(primary.timepoint)
    seed, replicates, command = about
    method = protocol.analysis.method_of(primary)
    words = _METHODS.get(method, method) if planned is None else NAMES[planned.method].lower()
    alpha = tested_alpha(protocol)
    asked = {
        "superiority": f"two-sided at {alpha:g}",
        "non_inferiority": f"non-inferiority by {protocol.design.margin} points, one-sided at {alpha:g}",
        "equivalence": f"equivalence within {protocol.design.margin} points, one-sided at {alpha:g} each",
    }
    return Rehearsed(
        protocol=protocol.id,
        outcome=labels.outcome(primary.outcome),
        timepoint=labels.timepoint(primary.timepoint),
        compared=labels.compared(primary.model_dump(), than="against"),
        analysis=PRIMARY if planned is None else f"sensitivity analysis “{planned.id}”",
        method=words,
        question=asked[protocol.design.framework],
        allocation=allocation(protocol),
        level=alpha,
        nothing=nothing,
        lost=tuple(
            (say(protocol.arm(arm).label, LANGUAGE), model.lost(arm, point))
            for side in sides(protocol, primary)
            for arm in side
        ),
        r=model.alike,
        sd=model.outcome.sd,
        profile=profile.id,
        about=profile.about.strip(),
        figures=tuple(Assumed(where, one.value, one.tag, one.source) for where, one in profile.figures_of_scores),
        seed=seed,
        replicates=replicates,
        command=command,
        formula=closed.formula,
        no_formula=closed.reason,
        notes=closed.notes,
        looks=_looks(protocol.monitoring),
    )


def _looks(watching: Monitoring | None) -> str:
    if watching is None or watching.bounds is None:
        return ""
    number, shares = watching.interim_analyses, "half" if watching.interim_analyses == 1 else "even shares"
    return (
        f"Each trial is looked at {number} time{'' if number == 1 else 's'} before its end, after {shares} of its "
        f"people, and ends at the first look that crosses the {_BOUNDS[watching.bounds]} bounds; estimate and interval "
        "are those of that look as they come."
    )
