"""One interim look: how much of the information is there, the bound that the plan gives it, and what may still come.

Information is the share of the planned number of people whose primary outcome is known. The statistic is the z with
the p-value of the primary estimate, so that the bounds act as nominal levels. A trial that is not to be worse by a
margin is tested from one side: its z is that of the one-sided p against the margin, its bounds are of one side, and the
estimate at the end is taken from the margin on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scipy import special

from reports.numbers import number, p_phrase
from trial.core.errors import AnalysisImpossible
from trial.core.planned_size import tested_alpha
from trial.core.protocol import TrialProtocol
from trial.core.protocol.analysis import RATIOS
from trial.stats.plan.margin import tested_p
from trial.stats.sequential.design import SequentialDesign
from trial.stats.sequential.final import final_estimate
from trial.stats.sequential.interim import outlook
from trial.stats.sequential.monitoring import monitored
from trial.stats.sequential.planned import planned_design
from trial.stats.sequential.stopping import drift_for_power

POWER = 0.8
CLOSEST = 2e-3  # two looks closer than this are one
NAMES = {"obrien_fleming": "O'Brien-Fleming", "pocock": "Pocock"}
_SMALLEST_P, _LARGEST_P = 1e-200, 1 - 1e-15


def of_look(protocol: TrialProtocol, primary: Mapping[str, Any], earlier: Sequence[float]) -> dict[str, Any]:
    """The look after those with the shares `earlier`; `why_not` says why there is no bound, where there is none."""
    watching = protocol.monitoring
    planned = watching.interim_analyses if watching else 0
    share = primary["n_with_data"] / protocol.sample_size.target
    found: dict[str, Any] = {"look": len(earlier) + 1, "planned_looks": planned, "information": share}
    why = _why_not(protocol, primary, earlier, planned, share)
    if why is not None or watching is None or watching.bounds is None:
        return found | {"why_not": why, "bounds": None}
    plan = _plan(protocol)
    assert plan is not None  # it has bounds
    later = [at for at in plan.information[len(earlier) + 1 : -1] if at > share + CLOSEST]
    made = monitored(plan, [*earlier, share, *later, 1.0], final=True)
    look, z = len(earlier) + 1, _z(primary)
    towards = z if plan.sides == 1 else abs(z)
    ahead = outlook(made, look, towards, drift_for_power(plan, POWER))
    return found | {
        "why_not": None,
        "bounds": watching.bounds,
        "margin": protocol.design.margin,
        "z": z,
        "critical": made.critical[look - 1],
        "nominal_p": made.nominal_p[look - 1],
        "crossed": towards >= made.critical[look - 1],
        "conditional_power": {"planned": ahead.planned, "trend": ahead.trend, "nothing": ahead.nothing},
        "predictive_power": ahead.predictive,
        "power": POWER,
    }


def _why_not(
    protocol: TrialProtocol, primary: Mapping[str, Any], earlier: Sequence[float], planned: int, share: float
) -> str | None:
    watching = protocol.monitoring
    if watching is None or watching.bounds is None:
        return "The protocol registers no stopping bounds: no look can end the trial for its effect."
    if len(earlier) >= planned:
        return f"The protocol registers {planned} interim looks, and this is one more: it has no bound."
    if protocol.design.framework == "equivalence":
        return "Bounds are worked out for one test, and equivalence has two margins to be held at one look."
    if tested_p(primary) is None:
        problem: str | None = primary["margin"] and primary["margin"]["problem"]
        return problem or "The primary analysis cannot be fitted yet."
    if not max(earlier, default=0.0) + CLOSEST < share < 1 - CLOSEST:
        return "The information has not grown since the look before, or all of it is there: this is no interim look."
    return None


def _plan(protocol: TrialProtocol) -> SequentialDesign | None:
    return planned_design(protocol.monitoring, tested_alpha(protocol), 2 if protocol.design.margin is None else 1)


def _z(primary: Mapping[str, Any]) -> float:
    """The z with the p-value of the primary estimate, and its sign: what the bounds are held against. Of a margin that
    of its one-sided p, above 0 where the estimate lies on the better side of the margin."""
    if primary["margin"] is not None:
        return -float(special.ndtri(min(max(primary["margin"]["p"], _SMALLEST_P), _LARGEST_P)))
    size = -float(special.ndtri(max(primary["p"], _SMALLEST_P) / 2))
    return math.copysign(size, _effect(primary))


def _effect(primary: Mapping[str, Any]) -> float:
    """The estimate on the scale of its error: 0 is no difference, of a ratio the logarithm, of a margin the margin."""
    if primary["margin"] is not None:
        return _gain(primary) * float(primary["estimate"]) + float(primary["margin"]["margin"])
    return math.log(primary["estimate"]) if primary.get("measure") in RATIOS else primary["estimate"]


def _gain(primary: Mapping[str, Any]) -> float:
    return 1.0 if primary["better"] == "higher" else -1.0


def _own_scale(primary: Mapping[str, Any], effect: float) -> float:
    """An effect back on the scale that is printed."""
    if primary["margin"] is not None:
        return _gain(primary) * (effect - float(primary["margin"]["margin"]))
    return math.exp(effect) if primary.get("measure") in RATIOS else effect


def terms(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The look in words."""
    planned = f"{found['look']} of {found['planned_looks']} registered"
    yield "Look", planned if found["planned_looks"] else f"{found['look']}; the protocol registers none"
    yield "Information", f"{100 * found['information']:.1f}% (primary outcomes known, of the number sought)"
    if found["why_not"] is not None:
        yield "Bound", found["why_not"]
        return
    way = "either way" if found["margin"] is None else "against the margin, from one side"
    yield "Bound", f"z of {number(found['critical'], 3)} or more {way} ({NAMES[found['bounds']]} spending)"
    yield "Nominal p at the bound", f"{found['nominal_p']:.5f}"
    yield "Statistic", f"z = {number(found['z'], 3)}: the bound is {'' if found['crossed'] else 'not '}crossed"
    power = found["conditional_power"]
    direction, nothing = (
        (", in the direction seen", "none") if found["margin"] is None else ("", "a difference that lies on the margin")
    )
    yield (
        "Conditional power",
        f"{100 * power['planned']:.0f}% with the effect that gave the plan {100 * found['power']:.0f}% power"
        f"{direction}; {100 * power['trend']:.0f}% with the effect seen; {100 * power['nothing']:.0f}% with {nothing}",
    )
    yield "Predictive power", f"{100 * found['predictive_power']:.0f}%"


def at_the_end(protocol: TrialProtocol, primary: Mapping[str, Any], looks: Sequence[float]) -> dict[str, Any] | None:
    """The primary estimate, judged with the looks that were made; None where no look could have ended the trial.

    The last look gets all of the error that the looks left. Estimate, interval and p-value are those of the stage-wise
    ordering (`trial.stats.sequential.final`), with the standard error that gives the p-value of the model.
    """
    watching = protocol.monitoring
    if watching is None or watching.bounds is None or not looks:
        return None
    found: dict[str, Any] = {"looks": list(looks), "bounds": watching.bounds, "problem": None}
    if tested_p(primary) is None or protocol.design.framework == "equivalence" or not _effect(primary):
        return found | {"problem": "There is no test of a difference here that the looks could be counted in."}
    plan = _plan(protocol)
    assert plan is not None  # it has bounds
    share = max(primary["n_with_data"] / protocol.sample_size.target, looks[-1] + CLOSEST)
    z, effect = _z(primary), _effect(primary)
    level = primary["level"] if primary["margin"] is None else primary["margin"]["level"]
    try:
        made = monitored(plan, [*looks, share], final=True)
        final = final_estimate(made, made.looks, effect, effect / z, level)
    except AnalysisImpossible as reason:
        return found | {"problem": str(reason)}
    return found | {
        "information": share,
        "margin": protocol.design.margin,
        "critical": made.critical[-1],
        "z": z,
        "rejected": (z if plan.sides == 1 else abs(z)) >= made.critical[-1],
        "estimate": _own_scale(primary, final.estimate),
        "ci": sorted(_own_scale(primary, end) for end in final.ci),
        "level": final.level,
        "p": final.p,
        "method": final.method,
    }


def shares(looks: Sequence[float]) -> str:
    """`33%, 67%`."""
    return ", ".join(f"{100 * one:.0f}%" for one in looks)


def in_words(found: Mapping[str, Any] | None) -> list[str]:
    """What the report at the end says of the looks."""
    if found is None:
        return []
    said = (
        f"The arms were looked at while the trial ran, at {shares(found['looks'])} of the information, with the bounds "
        f"of {NAMES[found['bounds']]} spending."
    )
    if found["problem"] is not None:
        return [f"{said} {found['problem']}"]
    ends = " to ".join(number(one, 2) for one in found["ci"])
    p, reached = p_phrase(found["p"]), f"was {'' if found['rejected'] else 'not '}reached"
    if found["margin"] is not None:
        p += f" one-sided against the margin of {number(found['margin'], 2)}"
        reached += f", so that non-inferiority is {'' if found['rejected'] else 'not '}shown"
    return [
        f"{said} With these looks the primary estimate is {number(found['estimate'], 2)} "
        f"({100 * found['level']:g}% CI {ends}), {p}, by the order of stages; the last bound is z = "
        f"{number(found['critical'], 3)} and {reached}. These count, not the "
        "estimate above, which ignores the looks. Where a bound ended the trial, the report of that look counts."
    ]
