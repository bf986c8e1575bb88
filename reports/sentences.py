"""What an estimate lets us say in words: never more than its interval supports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reports import factors, margins, ordinal, proportions
from reports.claims import weight_of
from reports.final_look import counted
from reports.keys import of_protocol
from reports.labels import Labels
from reports.numbers import (
    NONE,
    count,
    decimals_for,
    declared,
    distance,
    enough_decimals,
    interval,
    number,
    p_phrase,
    percent,
)
from reports.proportions import is_proportion, measured
from trial.core.protocol.analysis import RATIOS

_USUALLY, _ENOUGH = 0.5, 0.8


def decimals_of(one: Mapping[str, Any]) -> int:
    """Decimals for an estimate and its interval, from the spread of the outcome in the arms compared."""
    values = [one["estimate"], *one["ci"]] if one["ci"] else []
    return enough_decimals(_by_spread(one), *values)


def _by_spread(one: Mapping[str, Any]) -> int:
    spread = one["g"]["standardiser_value"] if one["g"] else None
    if spread is None and (one.get("factors") or len(one["contrast"]) == 1):
        spread = one["arms"][one["contrast"][0]]["sd"]
    return decimals_for(spread)


def decimals_by_outcome(estimates: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The decimals of each outcome down a table: as many as its spread asks for, and more where an end would be lost.

    An estimate that rounds to zero is printed as zero here; the sentence about it has a decimal more.
    """
    found: dict[str, int] = {}
    for one in estimates:
        if one["ci"]:
            its = enough_decimals(_by_spread(one), *one["ci"])
            found[one["outcome"]] = max(its, found.get(one["outcome"], 0))
    return found


def estimate_text(one: Mapping[str, Any], decimals: int | None = None) -> str:
    """`-3.2 (-5.9 to -0.5)`, or a dash where there is no estimate; with its own decimals, or those of its table."""
    if one["estimate"] is None:
        return NONE
    if is_proportion(one) or ordinal.is_ordinal(one):
        return measured(one)
    decimals = decimals_of(one) if decimals is None else decimals
    return f"{number(one['estimate'], decimals)} ({interval(one['ci'], decimals)})"


def level(one: Mapping[str, Any]) -> str:
    """`95%`."""
    return f"{declared(100 * one['level'])}%"


def result(one: Mapping[str, Any], labels: Labels) -> str:
    """The estimate in one sentence, with its unit, direction, interval and p."""
    what, when = labels.outcome(one["outcome"]), labels.at(one["timepoint"])
    if labels.single:
        return _change(one, f"{what} {when}")
    if one["estimate"] is not None and is_proportion(one):
        return proportions.result(one, labels)
    if one["estimate"] is not None and ordinal.is_ordinal(one):
        return ordinal.result(one, labels)
    if factors.is_interaction(one):
        if one["estimate"] is None:
            return f"{what} {when}: the interaction could not be estimated. {one['problem']}"
        return f"{what} {when}: {factors.interaction(one, labels, decimals_of(one))}"
    arm, reference = labels.pair(one)
    if one["estimate"] is None:
        return f"{what} {when}: the difference between {arm} and {reference} could not be estimated. {one['problem']}"
    decimals = decimals_of(one)
    change = "change since the baseline " if one["metric"] == "change" else ""
    of = "difference of mean changes" if change else "mean difference"
    return (
        f"{what} {when}: an estimated {change}{distance(one['estimate'], decimals)} with {arm} than with "
        f"{reference} (adjusted {of} {number(one['estimate'], decimals)}, {level(one)} confidence interval "
        f"{interval(one['ci'], decimals)}{proportions.p_of(one)}{_clusters(one)}). "
        f"{one['better'].capitalize()} scores are better."
    )


def _clusters(one: Mapping[str, Any]) -> str:
    if not one["clusters"]:
        return ""
    return f"; {factors.sizes(one, one['clusters']['n']).replace(' v. ', ' and ')} clusters"


def _change(one: Mapping[str, Any], where: str) -> str:
    if one["estimate"] is None:
        return f"{where}: the change since the start could not be estimated. {one['problem']}"
    decimals = decimals_of(one)
    return (
        f"{where}: on average {distance(one['estimate'], decimals)} than at the start (mean change "
        f"{number(one['estimate'], decimals)}, {level(one)} confidence interval {interval(one['ci'], decimals)}, "
        f"{p_phrase(one['p'])}). {one['better'].capitalize()} scores are better."
    )


def meaning(one: Mapping[str, Any], labels: Labels) -> str:
    """What the interval leaves open: whom it favours, from how little to how much."""
    if one["ci"] is None:
        return ""
    if labels.single:
        return "There was nobody to compare with: what would have changed without the exercises is not known."
    if one["margin"]:
        return margins.sentence(one, labels)
    if is_proportion(one) or ordinal.is_ordinal(one):
        return proportions.meaning(one, labels)
    decimals = decimals_of(one)
    if factors.is_interaction(one):
        return factors.meaning_of_interaction(one, decimals)
    arm, reference = labels.pair(one)
    worst, best = _in_favour(one)
    if worst > 0:
        return _favours(arm, worst, best, decimals)
    if best < 0:
        return _favours(reference, -best, -worst, decimals)
    return (
        f"A difference of zero lies inside the interval. The data agree with up to {number(best, decimals)} points in "
        f"favour of {arm} and up to {number(-worst, decimals)} points in favour of {reference}. That is not evidence "
        "that the two do equally well."
    )


def _favours(arm: str, least: float, most: float, decimals: int) -> str:
    return (
        f"The whole interval favours {arm}: the data agree with an advantage as small as {number(least, decimals)} and "
        f"as large as {number(most, decimals)} points."
    )


def importance(one: Mapping[str, Any], labels: Labels) -> str:
    """Where the interval lies to the difference that the protocol calls important; empty where it names none.

    Empty beside a margin too, which is what the size of the difference is held against.
    """
    named = labels.folder.protocol.outcome(one["outcome"]).important_difference
    if named is None or one["margin"] or factors.is_interaction(one) or one["ci"] is None or one["measure"] in RATIOS:
        return ""
    important = of_protocol(named.value, f"outcomes.{one['outcome']}.important_difference", beside=one)
    points = f"{number(important, decimals_of(one))} points that the protocol calls important"
    if is_proportion(one):
        points = f"{number(100 * important, 1)} percentage points that the protocol calls important"
    weight = weight_of(one, important)
    if weight == "all":
        return f"Every difference in the interval reaches the {points}."
    if weight == "none":
        return f"No difference in the interval reaches the {points}."
    return f"The interval does not settle whether the difference reaches the {points}."


def _in_favour(one: Mapping[str, Any]) -> tuple[float, float]:
    """The interval as points in favour of the first arm, least first."""
    low, high = one["ci"]
    return (-high, -low) if one["better"] == "lower" else (low, high)


def truth(results: Mapping[str, Any], labels: Labels) -> list[str]:
    """In a rehearsal, the true effect, whether a trial of this size could find it, and the estimate beside it."""
    rehearsal, primary = results["rehearsal"], counted(results)
    same = ("outcome", "timepoint", "contrast", "factors")
    known = rehearsal["truth"] if rehearsal else ()
    for one in known:
        if all(list(one.get(key, ())) == list(primary.get(key, ())) for key in same):
            true = _true_change if labels.single else _true_effect
            return list(filter(None, (true(primary, one["effect"], rehearsal), _beside(primary, one["effect"]))))
    return []


def _true_change(primary: Mapping[str, Any], effect: float, rehearsal: Mapping[str, Any]) -> str:
    true = number(effect, decimals_of(primary) if primary["ci"] else 2)
    return (
        f"Pretend people carry every answer, so here the true mean change of everyone enrolled is known: {true} points."
    )


def _true_effect(primary: Mapping[str, Any], effect: float, rehearsal: Mapping[str, Any]) -> str:
    true = f"{number(effect, decimals_of(primary) if primary['ci'] else 2)} points"
    if is_proportion(primary):
        true = proportions.plain(primary["measure"], effect)
    said = (
        "Pretend people carry the outcome that they would have in each arm, so here the true effect on everyone "
        f"randomised is known: {true}."
    )
    power, needed = rehearsal["power"], rehearsal["participants_needed"]
    if power is None or power >= _ENOUGH:
        return said
    missed = (
        "usually miss it" if power < _USUALLY else f"miss it {percent(round((1 - power) * 1000), 1000)} of the time"
    )
    said += f" A trial of this size would {missed}: its power is {percent(round(power * 1000), 1000)}."
    return f"{said} For 80% it would have to randomise about {count(needed)} people." if needed else said


def _beside(primary: Mapping[str, Any], effect: float) -> str:
    if primary["ci"] is None:
        return ""
    holds = primary["ci"][0] <= effect <= primary["ci"][1]
    found = number(primary["estimate"], decimals_of(primary))
    if is_proportion(primary):
        found = proportions.plain(primary["measure"], primary["estimate"])
    return (
        f"The estimate is {found}; its interval "
        f"{'holds' if holds else 'does not hold'} the truth. One estimate, near the truth or far from it, says nothing "
        "of the method."
    )
