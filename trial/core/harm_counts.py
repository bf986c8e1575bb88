"""Adverse events counted: people with at least one and events, for each thing that is known of them. Zero is stated.

Somebody with several events is one person in each line that any of them belongs to, so lines of people do not add up;
lines of events do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from trial.core.harms import Criterion, Expectedness, HarmOutcome, Relatedness, Severity, Stopping

# from here on an event counts as related to taking part
RELATED = (Relatedness.POSSIBLE.value, Relatedness.PROBABLE.value, Relatedness.DEFINITE.value)
SOURCES = ("participant", "team")


class Told(Protocol):
    """What is counted of one event, by the names of `trial.core.dataset.HarmRow`."""

    @property
    def participant(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def assessments(self) -> int: ...
    @property
    def term(self) -> str: ...
    @property
    def serious(self) -> bool | None: ...
    @property
    def criteria(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def relatedness(self) -> str: ...
    @property
    def expectedness(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def stopped(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Count:
    """People with at least one such event, and such events."""

    people: int
    events: int


def count(events: Iterable[Told]) -> Count:
    """Of these events."""
    whose = [one.participant for one in events]
    return Count(len(set(whose)), len(whose))


def is_related(event: Told) -> bool:
    """Possibly, probably or definitely related to taking part, as it was judged."""
    return event.relatedness in RELATED


def counts(events: Sequence[Told]) -> dict[str, dict[str, Count]]:
    """By part, then by value: every value is there, whether any event has it or none."""
    assessed = [one for one in events if one.assessments]
    serious = [one for one in assessed if one.serious]
    related = [one for one in serious if is_related(one)]
    return {
        "assessed": {"yes": count(assessed), "no": count(one for one in events if not one.assessments)},
        "source": {name: count(one for one in events if one.source == name) for name in SOURCES},
        "serious": {
            "serious": count(serious),
            "not_serious": count(one for one in assessed if not one.serious),
            "serious_related": count(related),
            "serious_related_unexpected": count(
                one for one in related if one.expectedness == Expectedness.UNEXPECTED.value
            ),
        },
        "criteria": {
            name.value: count(one for one in serious if name in one.criteria.split("+")) for name in Criterion
        },
        "severity": _by(assessed, "severity", [one.value for one in Severity]),
        "relatedness": _by(assessed, "relatedness", [one.value for one in Relatedness]),
        "expectedness": _by(assessed, "expectedness", [one.value for one in Expectedness]),
        "outcome": _by(assessed, "outcome", [one.value for one in HarmOutcome]),
        "stopped": _by(assessed, "stopped", [one.value for one in Stopping]),
    }


def _by(events: Sequence[Told], part: str, values: Sequence[str]) -> dict[str, Count]:
    return {value: count(one for one in events if getattr(one, part) == value) for value in values}


def by_term(events: Iterable[Told]) -> dict[str, list[Told]]:
    """Assessed events by the team's own name for them, the most frequent first; capitals make no difference."""
    found: dict[str, list[Told]] = {}
    for one in events:
        if one.assessments:
            found.setdefault(one.term.casefold(), []).append(one)
    return {its[0].term: its for _, its in sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))}
