"""One interim look: how much of the information is there, the bound that the plan gives it, and what may still come.

Information is the share of the planned number of people whose primary outcome is known. The statistic is the z with
the p-value of the primary estimate, so that the bounds act as nominal levels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scipy import special

from reports.numbers import number, p_phrase
from trial.core.errors import AnalysisImpossible
from trial.core.protocol import TrialProtocol
from trial.core.protocol.analysis import RATIOS
from trial.stats.sequential.final import final_estimate
from trial.stats.sequential.interim import outlook
from trial.stats.sequential.monitoring import monitored
from trial.stats.sequential.planned import planned_design
from trial.stats.sequential.stopping import drift_for_power

POWER = 0.8
CLOSEST = 2e-3  # two looks closer than this are one
NAMES = {"obrien_fleming": "O'Brien-Fleming", "pocock": "Pocock"}
_SMALLEST_P = 1e-200


def of_look(protocol: TrialProtocol, primary: Mapping[str, Any], earlier: Sequence[float]) -> dict[str, Any]:
    """The look after those with the shares `earlier`; `why_not` says why there is no bound, where there is none."""
    watching = protocol.monitoring
    planned = watching.interim_analyses if watching else 0
    share = primary["n_with_data"] / protocol.sample_size.target
    found: dict[str, Any] = {"look": len(earlier) + 1, "planned_looks": planned, "information": share}
    why = _why_not(protocol, primary, earlier, planned, share)
    if why is not None or watching is None or watching.bounds is None:
        return found | {"why_not": why, "bounds": None}
    plan = planned_design(watching, 1 - protocol.analysis.level)
    assert plan is not None  # it has bounds
    later = [at for at in plan.information[len(earlier) + 1 : -1] if at > share + CLOSEST]
    made = monitored(plan, [*earlier, share, *later, 1.0], final=True)
    look, z = len(earlier) + 1, _z(primary)
    ahead = outlook(made, look, abs(z), drift_for_power(plan, POWER))
    return found | {
        "why_not": None,
        "bounds": watching.bounds,
        "z": z,
        "critical": made.critical[look - 1],
        "nominal_p": made.nominal_p[look - 1],
        "crossed": abs(z) >= made.critical[look - 1],
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
    if protocol.design.framework != "superiority":
        return "Bounds are worked out for a test of a difference, and this trial tests against a margin."
    if primary["p"] is None:
        return "The primary analysis cannot be fitted yet."
    if not max(earlier, default=0.0) + CLOSEST < share < 1 - CLOSEST:
        return "The information has not grown since the look before, or all of it is there: this is no interim look."
    return None


def _z(primary: Mapping[str, Any]) -> float:
    """The z with the p-value of the primary estimate, and its sign: what the bounds are held against."""
    size = -float(special.ndtri(max(primary["p"], _SMALLEST_P) / 2))
    return math.copysign(size, _effect(primary))


def _effect(primary: Mapping[str, Any]) -> float:
    """The estimate on the scale of its error: 0 is no difference, of a ratio the logarithm."""
    return math.log(primary["estimate"]) if primary.get("measure") in RATIOS else primary["estimate"]


def terms(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The look in words."""
    yield "Look", f"{found['look']} of {found['planned_looks']} registered"
    yield "Information", f"{100 * found['information']:.1f}% (primary outcomes known, of the number sought)"
    if found["why_not"] is not None:
        yield "Bound", found["why_not"]
        return
    yield "Bound", f"z of {number(found['critical'], 3)} or more either way ({NAMES[found['bounds']]} spending)"
    yield "Nominal p at the bound", f"{found['nominal_p']:.5f}"
    yield "Statistic", f"z = {number(found['z'], 3)}: the bound is {'' if found['crossed'] else 'not '}crossed"
    power = found["conditional_power"]
    yield (
        "Conditional power",
        f"{100 * power['planned']:.0f}% with the effect that gave the plan {100 * found['power']:.0f}% power, in the "
        f"direction seen; {100 * power['trend']:.0f}% with the effect seen; {100 * power['nothing']:.0f}% with none",
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
    if primary["p"] is None or protocol.design.framework != "superiority" or not _effect(primary):
        return found | {"problem": "There is no test of a difference here that the looks could be counted in."}
    plan = planned_design(watching, 1 - protocol.analysis.level)
    assert plan is not None  # it has bounds
    share = max(primary["n_with_data"] / protocol.sample_size.target, looks[-1] + CLOSEST)
    z, effect = _z(primary), _effect(primary)
    back = math.exp if primary.get("measure") in RATIOS else float
    try:
        made = monitored(plan, [*looks, share], final=True)
        final = final_estimate(made, made.looks, effect, effect / z, primary["level"])
    except AnalysisImpossible as reason:
        return found | {"problem": str(reason)}
    return found | {
        "information": share,
        "critical": made.critical[-1],
        "z": z,
        "rejected": abs(z) >= made.critical[-1],
        "estimate": back(final.estimate),
        "ci": [back(end) for end in final.ci],
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
    return [
        f"{said} With these looks the primary estimate is {number(found['estimate'], 2)} "
        f"({100 * found['level']:g}% CI {ends}), {p_phrase(found['p'])}, by the order of stages; the last bound is z = "
        f"{number(found['critical'], 3)} and was {'' if found['rejected'] else 'not '}reached. These count, not the "
        "estimate above, which ignores the looks. Where a bound ended the trial, the report of that look counts."
    ]
