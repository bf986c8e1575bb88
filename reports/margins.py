"""What a report says of a margin: where the interval lies to it, in words that claim no more than the interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports import figures, narrow_forest
from reports.document import Block, Figure, Paragraph
from reports.final_look import counted
from reports.labels import Labels
from reports.numbers import NONE, decimals_for, declared, interval, number, p_phrase, p_value
from trial.core.planned_size import tested_alpha
from trial.core.protocol import TrialProtocol

One = Mapping[str, Any]

AIMS = {"non_inferiority": "non-inferiority", "equivalence": "equivalence"}
BOTH = (
    "Where likeness is to be shown, the analysis of everyone randomised and that per protocol count together: people "
    "who stop make the arms alike, and those who do enough are no longer those whom chance put there."
)
ALIKE = "The assumption makes the arms more alike, which is not the careful side where likeness is to be shown."
_MOST_DECIMALS = 6


def planned(protocol: TrialProtocol) -> str:
    """The margin, its source and the rule, in sentences; empty for a trial of superiority."""
    design = protocol.design
    if design.margin is None:
        return ""
    primary = protocol.outcome(protocol.analysis.primary.outcome)
    share = primary.aggregation == "proportion"
    size, alpha = _size(design.margin, share=share), tested_alpha(protocol)
    source = f" ({design.margin_source})" if design.margin_source else ""
    shown = f"{declared(100 * (1 - 2 * alpha))}% interval"
    if design.framework == "equivalence":
        rule = (
            f"Equivalence is shown where the whole {shown} of the primary difference lies within it in either "
            f"direction: two one-sided tests at {declared(alpha)} each."
        )
    else:
        rule = (
            f"Non-inferiority is shown where the whole {shown} of the primary difference leaves out that the first arm "
            f"is worse by as much: a one-sided test at {declared(alpha)}."
        )
    if protocol.monitoring is not None and protocol.monitoring.bounds is not None:
        rule += " Where the arms were looked at before the end, it is the interval that counts the looks."
    return f"{size}{source}. {rule} It is the primary analysis alone that is held against it."


def sentence(one: One, labels: Labels) -> str:
    """Whether the aim is shown, and what the interval leaves open."""
    found = one["margin"]
    if found["problem"]:
        return f"{aim(one).capitalize()} could not be judged. {found['problem']}"
    arm, reference = labels.pair(one)
    said = _alike(found, one) if found["framework"] == "equivalence" else _no_worse(found, one, arm, reference)
    return f"{aim(one).capitalize()} {'is' if found['shown'] else 'is not'} shown: {said}"


def _no_worse(found: One, one: One, arm: str, reference: str) -> str:
    size = _size(found["margin"], share=_is_share(one))
    worst, best = _gains(one)
    span, p = f"the {_level(found)} interval", f"one-sided {p_phrase(found['p'])}"
    if found["shown"]:
        said = f"the whole of {span} leaves out that {arm} is worse than {reference} by the margin of {size} ({p})."
        if found["worse"]:
            return f"{said} It leaves out no difference too: {arm} is worse, by less than the margin."
        if found["picture"] == "superior":
            return (
                f"{said} It holds only values in favour of {arm}, from {_points(worst, one)} to {_points(best, one)}."
            )
        return f"{said} At the worst, the data agree with {arm} doing {_points(-worst, one)} worse."
    if found["picture"] == "inferior":
        return f"the whole of {span} says that {arm} is worse than {reference} by more than the margin of {size} ({p})."
    return (
        f"{span} reaches to {arm} being worse than {reference} by {_points(-worst, one)}, and the margin is {size} "
        f"({p}). That is not evidence that it is worse by so much."
    )


def _alike(found: One, one: One) -> str:
    size = _size(found["margin"], share=_is_share(one))
    span, p = f"the {_level(found)} interval", f"the larger one-sided {p_phrase(found['p'])}"
    if found["shown"]:
        return f"the whole of {span}, {ends(one)}, lies within {size} in either direction ({p})."
    if found["picture"] == "not equivalent":
        return f"the whole of {span}, {ends(one)}, lies beyond the margin of {size} ({p}): the two differ by more."
    said = f"{span}, {ends(one)}, reaches beyond the margin of {size} ({p})."
    if found["picture"].endswith("no difference shown"):
        return f"{said} Nor is a difference shown."
    return f"{said} It leaves out no difference; whether the difference is within the margin is open."


def aim(one: One) -> str:
    """`non-inferiority` or `equivalence`."""
    return AIMS[one["margin"]["framework"]]


def rests_on(one: One) -> str:
    """By which interval it is decided, where the table prints another one."""
    found = one["margin"]
    if found["level"] == one["level"]:
        return ""
    return f"{aim(one).capitalize()} is decided by {_level(found)} intervals, which the figure of the primary draws."


def head(one: One) -> str:
    """What stands above the p of a margin."""
    return f"p, {aim(one)}"


def p_cell(one: One) -> str:
    """The one-sided p where there is a margin, else the p of no difference."""
    return p_value(one["margin"]["p"] if one["margin"] else one["p"])


def short(one: One) -> str:
    """`shown` or `not shown`."""
    found = one["margin"]
    if not found or found["problem"]:
        return NONE
    return "shown" if found["shown"] else "not shown"


def note(one: One) -> str:
    """Beneath a table: what its p is, and the interval of the one-sided tests where it is another one."""
    found = one["margin"]
    if not found or found["problem"]:
        return ""
    what = "the larger of the two one-sided ones" if found["framework"] == "equivalence" else "one-sided"
    size = _size(found["margin"], share=_is_share(one))
    said = f"p is {what}, of the margin of {size}, held against {declared(found['alpha'])}."
    if found["level"] != one["level"]:
        said += f" The {_level(found)} interval, which goes with it, is {ends(one)}."
    return said


def together(primary: One, found: Sequence[One]) -> list[Block]:
    """What the analysis of everyone randomised and that per protocol say together, where both are there."""
    followed = next((one for one in found if one["method"] == "per_protocol" and one["margin"]), None)
    if followed is None or not primary["margin"] or primary["margin"]["problem"] or followed["margin"]["problem"]:
        return []
    what = aim(primary)
    both = (primary["margin"]["shown"], followed["margin"]["shown"])
    said = {
        (True, True): f"Here both show {what}.",
        (False, False): f"Here neither shows {what}.",
        (True, False): f"Here the analysis of everyone randomised shows {what} and that per protocol does not.",
        (False, True): f"Here the analysis per protocol shows {what} and that of everyone randomised does not.",
    }[both]
    return [Paragraph(f"{BOTH} {said}", "key")]


def figure(results: Mapping[str, Any], labels: Labels, names: Mapping[str, str]) -> list[Block]:
    """The primary and what was tried beside it, each interval to the margin; `names` are those of the latter by id."""
    primary = counted(results)
    if not primary["margin"] or primary["margin"]["problem"]:
        return []
    first = "Primary analysis" if primary is results["estimates"][0] else "Primary analysis, with the looks"
    rows = [_row(first, primary, first=True)]
    others = [one for one in results["sensitivity"] if one["margin"] and not one["margin"]["problem"]]
    rows += [_row(names[one["id"]], {**primary, **one}, first=False) for one in others]
    arm, reference = labels.pair(primary)
    found, share = primary["margin"], _is_share(primary)
    scale = 100 if share else 1
    lines = [-scale * found["margin"]] + ([scale * found["margin"]] if found["framework"] == "equivalence" else [])
    caption = (
        f"{arm} and {reference}, with {_level(found)} intervals, against the margin (dotted). Right of the broken "
        f"line, which is no difference, {arm} does better; signs are turned where lower is better."
    )
    unit = "percentage points" if share else "points"
    title = f"The margin of {_size(found['margin'], share=share)}, and the intervals"
    drawings = narrow_forest.both("margin", title, f"Difference in {unit}", rows, lines)
    return [Figure("margin-figure", caption, *drawings)]


def _row(name: str, one: One, *, first: bool) -> figures.ForestRow:
    turned = (-1 if one["better"] == "lower" else 1) * (100 if _is_share(one) else 1)
    low, high = sorted(turned * end for end in one["margin"]["ci"])
    return figures.ForestRow(name, first, turned * one["estimate"], (low, high), decimals=_decimals(one))


def ends(one: One) -> str:
    """The interval of the one-sided tests, with as many decimals as show on which side of the margin it ends."""
    scale = 100 if _is_share(one) else 1
    return interval([scale * end for end in one["margin"]["ci"]], _decimals(one))


def _gains(one: One) -> tuple[float, float]:
    """The interval as gains of the first arm, the worst first."""
    low, high = one["margin"]["ci"]
    return (-high, -low) if one["better"] == "lower" else (low, high)


def _decimals(one: One) -> int:
    scale = 100 if _is_share(one) else 1
    spread = one["g"]["standardiser_value"] if one.get("g") else None
    margin, decimals = (
        round(scale * one["margin"]["margin"], _MOST_DECIMALS),
        1 if scale == 100 else decimals_for(spread),
    )
    values = [scale * end for end in one["margin"]["ci"]]
    while decimals < _MOST_DECIMALS and any(round(abs(end), decimals) == margin != abs(end) for end in values):
        decimals += 1
    return decimals


def _points(value: float, one: One) -> str:
    share = _is_share(one)
    return f"{number(100 * value if share else value, _decimals(one))} {'percentage points' if share else 'points'}"


def _size(margin: float, *, share: bool) -> str:
    return f"{declared(100 * margin)} percentage points" if share else f"{declared(margin)} points"


def _is_share(one: One) -> bool:
    return bool(one["measure"] == "risk_difference")


def _level(found: One) -> str:
    return f"{declared(100 * found['level'])}%"
