"""What interim looks leave at the end of a trial: the primary estimate that counts, and its words.

The last look gets all of the error that the looks left. Of a difference, or of one margin, estimate, interval and p are
those of the stage-wise ordering (`trial.stats.sequential.final`), with the standard error that gives the p-value of the
model. Of equivalence the estimate stays as it is and the interval is the repeated one
(`trial.stats.sequential.equivalence`). Where nothing new came after a look whose bound was crossed, the trial ended
there, and that look is its last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.interim import (
    CLOSEST,
    NAMES,
    counted_on,
    effect_of,
    in_equivalence,
    likeness_of,
    own_scale,
    plan_of,
    shares,
    z_of,
)
from reports.numbers import declared, number, p_phrase
from trial.core.errors import AnalysisImpossible
from trial.core.protocol import TrialProtocol
from trial.stats.margins import to_margin, to_margins
from trial.stats.plan.margin import SHOWN, gate_p, tested_p
from trial.stats.sequential.design import SequentialDesign
from trial.stats.sequential.final import final_estimate
from trial.stats.sequential.monitoring import monitored
from trial.stats.sequential.planned import planned_design

One = Mapping[str, Any]

COUNTED = "The arms were looked at while the trial ran; the estimate, its interval and p count these looks in."
OTHERS = "Every other estimate of this report ignores the looks."


def at_the_end(protocol: TrialProtocol, primary: One, looks: Sequence[float]) -> dict[str, Any] | None:
    """The primary estimate, judged with the looks that were made; None where no look could have ended the trial.

    `ci` is at `level`, by which is decided; `ci_reported` at that of the other intervals of the report.
    """
    watching = protocol.monitoring
    if watching is None or watching.bounds is None or not looks:
        return None
    found: dict[str, Any] = {"looks": list(looks), "bounds": watching.bounds, "problem": None}
    if tested_p(primary) is None or not effect_of(primary):
        return found | {"problem": "There is no test of a difference here that the looks could be counted in."}
    plan = plan_of(protocol)
    assert plan is not None  # it has bounds
    try:
        made, ended_at_bound = _as_made(protocol, plan, primary, looks)
        alike = in_equivalence(primary)
        told = _alike(protocol, made, primary, not ended_at_bound) if alike else _towards(made, primary)
    except AnalysisImpossible as reason:
        return found | {"problem": str(reason)}
    return found | {
        "framework": protocol.design.framework,
        "margin": protocol.design.margin,
        "information": made.information[-1],
        "critical": made.critical[-1],
        "ended_at_bound": ended_at_bound,
        **told,
    }


def _as_made(
    protocol: TrialProtocol, plan: SequentialDesign, primary: One, looks: Sequence[float]
) -> tuple[SequentialDesign, bool]:
    """The design as it was carried out, and whether it ended at the bound of the last interim look."""
    share = primary["n_with_data"] / counted_on(protocol)
    if share <= looks[-1] + CLOSEST:
        stopped = monitored(plan, looks, final=False)
        if _reaches(stopped, primary):
            return stopped, True
    return monitored(plan, [*looks, max(share, looks[-1] + CLOSEST)], final=True), False


def _reaches(made: SequentialDesign, primary: One) -> bool:
    if in_equivalence(primary):
        return likeness_of(made, made.looks, primary).shown
    z = z_of(primary)
    return (z if made.sides == 1 else abs(z)) >= made.critical[-1]


def _towards(made: SequentialDesign, primary: One) -> dict[str, Any]:
    z, effect = z_of(primary), effect_of(primary)
    level = primary["level"] if primary["margin"] is None else primary["margin"]["level"]
    final = final_estimate(made, made.looks, effect, effect / z, level)
    reported = final_estimate(made, made.looks, effect, effect / z, primary["level"])
    ends = sorted(own_scale(primary, end) for end in final.ci)
    told = {
        "z": z,
        "rejected": _reaches(made, primary),
        "estimate": own_scale(primary, final.estimate),
        "ci": ends,
        "ci_reported": sorted(own_scale(primary, end) for end in reported.ci),
        "level": final.level,
        "p": final.p,
        "method": final.method,
    }
    if primary["margin"] is None:
        return told
    low, high = ends if primary["better"] == "higher" else (-ends[1], -ends[0])
    return told | {"picture": to_margin(low, high, primary["margin"]["margin"]), "worse": high < 0}


def _alike(protocol: TrialProtocol, made: SequentialDesign, primary: One, final: bool) -> dict[str, Any]:
    held, margin = likeness_of(made, made.looks, primary), primary["margin"]["margin"]
    # the same looks with as much error as goes with the other intervals of the report
    other = planned_design(protocol.monitoring, round((1 - primary["level"]) / 2, 12), 1)
    assert other is not None  # it has bounds
    reported = likeness_of(monitored(other, made.information, final=final), made.looks, primary)
    return {
        "z": held.z,
        "z_low": held.z_low,
        "z_high": held.z_high,
        "rejected": held.shown,
        "estimate": held.estimate,
        "ci": list(held.ci),
        "ci_reported": list(reported.ci),
        "level": primary["margin"]["level"],
        "p": held.p,
        "method": held.method,
        "picture": to_margins(*held.ci, (-margin, margin)),
        "worse": None,
    }


def counted(results: Mapping[str, Any]) -> One:
    """The primary estimate that counts: with the looks in it where some could have ended the trial, else as it is."""
    primary: One = results["estimates"][0]
    found = results.get("interim")
    if not found or found["problem"] is not None:
        return primary
    its = {"estimate": found["estimate"], "ci": found["ci_reported"]}
    if primary["margin"] is None:
        return {**primary, **its, "p": found["p"]}
    same = {key: found[key] for key in ("ci", "p", "picture", "worse")}
    return {**primary, **its, "margin": {**primary["margin"], **same, "shown": found["picture"] in SHOWN}}


def gate(protocol: TrialProtocol, estimates: Sequence[dict[str, Any]], found: One | None) -> None:
    """Where the primary is the gate of the secondary family, it opens by the p that counts."""
    family = protocol.analysis.secondary
    if family is None or not family.gate:
        return
    floor = gate_p(counted({"estimates": estimates, "interim": found}))
    for one in estimates:
        if one["analysis"] == "secondary" and one["p_adjusted"] is not None:
            one["p_adjusted"] = max(one["p_adjusted"], floor)


def in_words(found: One | None) -> list[str]:
    """What the report says of the looks beside the primary estimate."""
    if found is None:
        return []
    said = (
        f"The arms were looked at while the trial ran, at {shares(found['looks'])} of the information, with the bounds "
        f"of {NAMES[found['bounds']]} spending."
    )
    if found["problem"] is not None:
        return [f"{said} {found['problem']}"]
    ends = " to ".join(number(one, 2) for one in found["ci"])
    alike, p = found["framework"] == "equivalence", p_phrase(found["p"])
    how = "the interval is the repeated one" if alike else "by the order of stages"
    reached = f"was {'' if found['rejected'] else 'not '}reached"
    if found["margin"] is not None:
        which = "the larger of the one-sided ones against both margins" if alike else "one-sided against the margin"
        p += f"{',' if alike else ''} {which} of {number(found['margin'], 2)}"
        aim = "equivalence" if alike else "non-inferiority"
        by = " by both tests" if alike and not found["rejected"] else ""
        reached += f"{by}, so that {aim} is {'' if found['rejected'] else 'not '}shown"
    last = "the bound of the last look" if found["ended_at_bound"] else "the last bound"
    whole = (
        f"{said} With these looks the primary estimate is {number(found['estimate'], 2)} "
        f"({declared(100 * found['level'])}% CI {ends}), {p}; {how}. {last.capitalize()} is z = "
        f"{number(found['critical'], 3)} and {reached}. This is what counts and what the sentences of this report say; "
        f"the table holds the estimate that ignores the looks. {OTHERS}"
    )
    if found["ended_at_bound"]:
        return [f"{whole} Nothing new came after that look: the trial ended there."]
    return [f"{whole} Where a bound had ended the trial before, the report of that look counts."]
