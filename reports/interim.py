"""One interim look: how much of the information is there, the bound that the plan gives it, and what may still come.

Information is the number of people whose primary outcome is known, as a share of those of whom the plan counts on it:
the people sought, less the share that the sample size takes to be lost. What may still come is counted up to what can:
who has not been due yet and who has not joined yet. The statistic is the z with
the p-value of the primary estimate, so that the bounds act as nominal levels. A trial that is not to be worse by a
margin is tested from one side: its z is that of the one-sided p against the margin, its bounds are of one side. One of
equivalence has two such tests, and both have to reach the bound at the same look.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scipy import special

from reports.numbers import count, number
from trial.core.planned_size import tested_alpha
from trial.core.protocol import TrialProtocol
from trial.core.protocol.analysis import RATIOS
from trial.stats.plan.margin import tested_p
from trial.stats.sequential.design import SequentialDesign
from trial.stats.sequential.equivalence import Likeness, likeness, likeness_ahead
from trial.stats.sequential.interim import outlook
from trial.stats.sequential.monitoring import monitored
from trial.stats.sequential.planned import planned_design
from trial.stats.sequential.stopping import drift_for_power

POWER = 0.8
CLOSEST = 2e-3  # two looks closer than this are one
NAMES = {"obrien_fleming": "O'Brien-Fleming", "pocock": "Pocock"}
LEAST_P = 1e-5  # a smaller nominal p is said to be below it
_SMALLEST_P, _LARGEST_P = 1e-200, 1 - 1e-15


def counted_on(protocol: TrialProtocol) -> float:
    """How many primary outcomes the plan counts on: of the people sought, those whom it does not take to be lost."""
    size = protocol.sample_size
    return size.target * (1 - size.assumptions.attrition if size.assumptions else 1)


def of_look(
    protocol: TrialProtocol, primary: Mapping[str, Any], earlier: Sequence[float], to_come: int | None = None
) -> dict[str, Any]:
    """The look after those with the shares `earlier`; `why_not` says why there is no bound, where there is none.

    `to_come`: of how many more people the primary outcome may yet be known; None where nobody counted.
    """
    watching = protocol.monitoring
    planned = watching.interim_analyses if watching else 0
    known, expected = primary["n_with_data"], counted_on(protocol)
    share = known / expected
    end = 1.0 if to_come is None else min((known + to_come) / expected, 1.0)
    found: dict[str, Any] = {
        "look": len(earlier) + 1,
        "planned_looks": planned,
        "information": share,
        "known": known,
        "expected": expected,
        "to_come": to_come,
    }
    why = _why_not(protocol, primary, earlier, planned, share)
    if why is not None or watching is None or watching.bounds is None:
        return found | {"why_not": why, "bounds": None}
    plan = plan_of(protocol)
    assert plan is not None  # it has bounds
    over = end <= share + CLOSEST  # nothing more can come
    later = [at for at in plan.information[len(earlier) + 1 : -1] if share + CLOSEST < at < end - CLOSEST]
    made = monitored(plan, [*earlier, share, *later, 1.0 if over else end], final=True)
    look = len(earlier) + 1
    found |= {
        "why_not": None,
        "bounds": watching.bounds,
        "framework": protocol.design.framework,
        "margin": protocol.design.margin,
        # none so early that the function leaves nothing of the error for it
        "critical": made.critical[look - 1] if math.isfinite(made.critical[look - 1]) else None,
        "nominal_p": made.nominal_p[look - 1],
    }
    found |= _alike(made, look, primary) if in_equivalence(primary) else _towards(plan, made, look, primary)
    return found | ({"conditional_power": None, "predictive_power": None} if over else {})


def _towards(plan: SequentialDesign, made: SequentialDesign, look: int, primary: Mapping[str, Any]) -> dict[str, Any]:
    z = z_of(primary)
    towards = z if plan.sides == 1 else abs(z)
    ahead = outlook(made, look, towards, drift_for_power(plan, POWER))
    return {
        "z": z,
        "crossed": towards >= made.critical[look - 1],
        "conditional_power": {"planned": ahead.planned, "trend": ahead.trend, "nothing": ahead.nothing},
        "predictive_power": ahead.predictive,
        "power": POWER,
    }


def _alike(made: SequentialDesign, look: int, primary: Mapping[str, Any]) -> dict[str, Any]:
    held = likeness_of(made, look, primary)
    ahead = likeness_ahead(made, look, held)
    return {
        "z": held.z,
        "z_low": held.z_low,
        "z_high": held.z_high,
        "crossed": held.shown,
        "conditional_power": {"alike": ahead.alike, "trend": ahead.trend, "nothing": ahead.margin},
        "predictive_power": ahead.predictive,
    }


def in_equivalence(primary: Mapping[str, Any]) -> bool:
    """Whether the primary estimate is held against two margins."""
    return primary["margin"] is not None and primary["margin"]["framework"] == "equivalence"


def likeness_of(made: SequentialDesign, look: int, primary: Mapping[str, Any]) -> Likeness:
    """The primary estimate of such a trial at a look, held against both margins."""
    estimate, se, df = (float(primary[key]) for key in ("estimate", "se", "df"))
    return likeness(made, look, estimate, se, df, float(primary["margin"]["margin"]))


def _why_not(
    protocol: TrialProtocol, primary: Mapping[str, Any], earlier: Sequence[float], planned: int, share: float
) -> str | None:
    watching = protocol.monitoring
    if watching is None or watching.bounds is None:
        return "The protocol registers no stopping bounds: no look can end the trial for its effect."
    if len(earlier) >= planned:
        return f"The protocol registers {planned} interim looks, and this is one more: it has no bound."
    if tested_p(primary) is None:
        problem: str | None = primary["margin"] and primary["margin"]["problem"]
        return problem or "The primary analysis cannot be fitted yet."
    if not max(earlier, default=0.0) + CLOSEST < share < 1 - CLOSEST:
        return "The information has not grown since the look before, or all of it is there: this is no interim look."
    return None


def plan_of(protocol: TrialProtocol) -> SequentialDesign | None:
    """The registered design; None where no look can end the trial."""
    return planned_design(protocol.monitoring, tested_alpha(protocol), 2 if protocol.design.margin is None else 1)


def z_of(primary: Mapping[str, Any]) -> float:
    """The z with the p-value of the primary estimate, and its sign: what the bounds are held against. Of a margin that
    of its one-sided p, above 0 where the estimate lies on the better side of the margin."""
    if primary["margin"] is not None:
        return -float(special.ndtri(min(max(primary["margin"]["p"], _SMALLEST_P), _LARGEST_P)))
    size = -float(special.ndtri(max(primary["p"], _SMALLEST_P) / 2))
    return math.copysign(size, effect_of(primary))


def effect_of(primary: Mapping[str, Any]) -> float:
    """The estimate on the scale of its error: 0 is no difference, of a ratio the logarithm, of a margin the margin."""
    if primary["margin"] is not None:
        return _gain(primary) * float(primary["estimate"]) + float(primary["margin"]["margin"])
    return math.log(primary["estimate"]) if primary.get("measure") in RATIOS else primary["estimate"]


def _gain(primary: Mapping[str, Any]) -> float:
    return 1.0 if primary["better"] == "higher" else -1.0


def own_scale(primary: Mapping[str, Any], effect: float) -> float:
    """An effect back on the scale that is printed."""
    if primary["margin"] is not None:
        return _gain(primary) * (effect - float(primary["margin"]["margin"]))
    return math.exp(effect) if primary.get("measure") in RATIOS else effect


_WAYS = {
    "superiority": "either way",
    "non_inferiority": "against the margin, from one side",
    "equivalence": "against both margins at once, each from its own side",
}


def terms(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The look in words."""
    planned = f"{found['look']} of {found['planned_looks']} registered"
    yield "Look", planned if found["planned_looks"] else f"{found['look']}; the protocol registers none"
    yield (
        "Information",
        f"{100 * found['information']:.1f}%: the primary outcome is known of {count(found['known'])} people, and the "
        f"plan counts on {count(round(found['expected']))}",
    )
    if found["why_not"] is not None:
        yield "Bound", found["why_not"]
        return
    way = _WAYS[found["framework"]]
    if found["critical"] is None:
        yield "Bound", f"none that could be crossed: so early {NAMES[found['bounds']]} spending leaves no error for it"
    else:
        yield "Bound", f"z of {number(found['critical'], 3)} or more {way} ({NAMES[found['bounds']]} spending)"
        nominal = found["nominal_p"]
        yield "Nominal p at the bound", f"{nominal:.5f}" if nominal >= LEAST_P else f"below {LEAST_P:.5f}"
    crossed = f"the bound is {'' if found['crossed'] else 'not '}crossed"
    if found["framework"] == "equivalence":
        both = f"z = {number(found['z_low'], 3)} from the lower margin and {number(found['z_high'], 3)} from the upper"
        yield "Statistic", f"{both}: {crossed}{'' if found['crossed'] else ' by both'}"
    else:
        yield "Statistic", f"z = {number(found['z'], 3)}: {crossed}"
    if found["conditional_power"] is None:
        yield "Conditional power", "Nothing more can come: this is all that will be known."
        return
    yield from _ahead_of_likeness(found) if found["framework"] == "equivalence" else _ahead_of_difference(found)
    if found["to_come"] is not None:
        most = min(found["known"] + found["to_come"], round(found["expected"]))
        yield (
            "Both powers count on",
            f"{count(most)} primary outcomes at the end. It may yet be known of {count(found['to_come'])} more people, "
            "if all who are in or still sought answer; with fewer both are lower.",
        )


def _ahead_of_difference(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
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


def _ahead_of_likeness(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    power = found["conditional_power"]
    yield (
        "Conditional power",
        f"{100 * power['alike']:.0f}% with no difference; {100 * power['trend']:.0f}% with the difference seen; "
        f"{100 * power['nothing']:.0f}% with one that lies on the margin",
    )
    yield "Predictive power", f"{100 * found['predictive_power']:.0f}%"


def shares(looks: Sequence[float]) -> str:
    """`33% and 67%`."""
    *others, last = (f"{100 * one:.0f}%" for one in looks)
    return f"{', '.join(others)} and {last}" if others else last
