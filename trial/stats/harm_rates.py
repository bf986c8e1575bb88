"""What harm was seen, as numbers: people and events of each arm, and the difference in risk between arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import special

from trial.stats.two_proportions import TwoProportions, miettinen_nurminen

Collection = Literal["systematic", "non-systematic"]


@dataclass(frozen=True, slots=True)
class Harmed:
    """One arm: `people` with at least one event, `events` in all, out of `of` who were asked or at risk."""

    arm: str
    people: int
    events: int
    of: int


@dataclass(frozen=True, slots=True)
class HarmRisk:
    """The share of an arm with at least one event, its exact interval, and events per person.

    They are None where nobody was asked. `words` state the count, zero too.
    """

    arm: str
    people: int
    events: int
    of: int
    risk: float | None
    ci: tuple[float, float] | None
    events_per_person: float | None
    words: str


@dataclass(frozen=True, slots=True)
class HarmDifference:
    """The risk of `arm` less that of `reference`: Miettinen and Nurminen's score interval, which bears zero."""

    arm: str
    reference: str
    difference: TwoProportions


@dataclass(frozen=True, slots=True)
class HarmLine:
    """One kind of harm, arm by arm.

    `collection` says whether everybody was asked (systematic) or it was told unasked; lines of the two are never added
    together. `not_compared` names the arms that could not be compared because nobody was asked.
    """

    term: str
    collection: Collection
    risks: tuple[HarmRisk, ...]
    differences: tuple[HarmDifference, ...]
    not_compared: tuple[str, ...]
    level: float


def harm_line(
    term: str, collection: Collection, arms: Sequence[Harmed], reference: str, level: float = 0.95
) -> HarmLine:
    """Put the arms of one kind of harm side by side, each against `reference`.

    The interval of one arm's risk is the exact one: Clopper CJ, Pearson ES (1934), The use of confidence or fiducial
    limits illustrated in the case of the binomial, Biometrika 26, 404-413, so that no event in n people still says how
    frequent it may be. Differences are those of `two_proportions.miettinen_nurminen`. No test decides anything: harms
    are rare and many, and an interval that holds zero is no sign of safety. People are compared, not events, which
    one person may have several of. Follows CONSORT Harms 2022 in what is counted.

    Raises ValueError for an arm named twice, no reference among them, a level outside 0 to 1, or counts that cannot be.
    """
    names = [one.arm for one in arms]
    if len(set(names)) != len(names) or reference not in names:
        raise ValueError("each arm stands once, and the reference is one of them")
    if not 0 < level < 1:
        raise ValueError("a confidence level lies between 0 and 1")
    for one in arms:
        _check(one)
    base = arms[names.index(reference)]
    others = [one for one in arms if one.arm != reference]
    compared = [one for one in others if one.of > 0 and base.of > 0]
    return HarmLine(
        term,
        collection,
        tuple(_risk(one, level) for one in arms),
        tuple(
            HarmDifference(one.arm, reference, miettinen_nurminen((one.people, base.people), (one.of, base.of), level))
            for one in compared
        ),
        tuple(one.arm for one in others if one not in compared),
        level,
    )


def clopper_pearson(events: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a proportion, from quantiles of the beta distribution; n is at least 1."""
    tail = (1 - level) / 2
    low = 0.0 if events == 0 else float(special.betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(special.betaincinv(events + 1, n - events, 1 - tail))
    return low, high


def _risk(one: Harmed, level: float) -> HarmRisk:
    if one.of == 0:
        return HarmRisk(one.arm, 0, 0, 0, None, None, None, "Nobody was asked.")
    ci = clopper_pearson(one.people, one.of, level)
    words = (
        f"None of {one.of}; at most {100 * ci[1]:.2g}% by the interval."
        if one.people == 0
        else f"{one.people} of {one.of}, {one.events} {'event' if one.events == 1 else 'events'}."
    )
    return HarmRisk(one.arm, one.people, one.events, one.of, one.people / one.of, ci, one.events / one.of, words)


def _check(one: Harmed) -> None:
    if not 0 <= one.people <= one.of:
        raise ValueError(f"{one.arm}: {one.people} people with an event of {one.of}")
    if one.events < one.people or (one.people == 0 and one.events > 0):
        raise ValueError(f"{one.arm}: {one.events} events in {one.people} people")
