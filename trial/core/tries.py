"""Who tried more than once: every screening belongs to one person assessed, who is counted once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Try:
    """One screening; `first` is the first one of the same browser, where this one came after it."""

    id: int
    participant: int | None
    eligible: bool
    reason: str | None
    source: str
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Assessed:
    """One person assessed: a participant, or a screening that led to nobody; and the screenings that are theirs."""

    participant: int | None
    last: Try | None
    tries: int
    screenings: tuple[int, ...]


def assessed(tries: Iterable[Try], participants: Sequence[int]) -> list[Assessed]:
    """Everybody once: every participant, then browsers of which nobody gave an address.

    A screening without a participant counts with the first participant of the same browser; without any, the browser
    counts once, as what its last try came to, and an eligible one before others.
    """
    every = sorted(tries, key=lambda one: one.id)
    owner: dict[int, int] = {}
    for one in every:
        if one.participant is not None:
            owner.setdefault(_browser(one), one.participant)
    mine: dict[int, list[int]] = {person: [] for person in participants}
    others: dict[int, list[Try]] = {}
    for one in every:
        person = one.participant if one.participant is not None else owner.get(_browser(one))
        if person is None:
            others.setdefault(_browser(one), []).append(one)
        else:
            mine[person].append(one.id)
    found = [Assessed(person, None, len(ids), tuple(ids)) for person, ids in mine.items()]
    for those in others.values():
        last = max(those, key=lambda one: (one.eligible, one.id))
        found.append(Assessed(None, last, len(those), tuple(one.id for one in those)))
    return found


def _browser(one: Try) -> int:
    return one.id if one.first is None else one.first


def signals_by(
    people: Sequence[Assessed], raised: Iterable[tuple[int | None, int | None, str]]
) -> Mapping[int, set[str]]:
    """Place in `people` to the signals raised about that person; `raised` is (screening, participant, signal)."""
    by_screening = {one: place for place, each in enumerate(people) for one in each.screenings}
    by_person = {each.participant: place for place, each in enumerate(people) if each.participant is not None}
    found: dict[int, set[str]] = {}
    for screening, participant, signal in raised:
        place = by_person.get(participant) if participant is not None else by_screening.get(screening or 0)
        if place is not None:
            found.setdefault(place, set()).add(signal)
    return found
