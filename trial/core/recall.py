"""Fill-in cards: whether a typed word fills the gap, how high a card stands, and when it comes back.

A card that was never answered stands at level 0 and is due at once. Remembered, it goes up a level; forgotten, it goes
down one. The k-th length of the spacing is how long a card waits at level k; at level 0 it comes with the next page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from trial.core.durations import Length
from trial.core.local_time import instant, later, local_day
from trial.core.protocol import Card, Recall
from trial.core.texts import say

_AROUND = " \t\n.,;:!?…\"'“”‘’«»()"
GAP = "{{gap}}"


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer to one card, as it was judged when it came in."""

    card: str
    remembered: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a card stands: its level, and since when."""

    level: int
    since: datetime


def plainly(word: str) -> str:
    """A word without case, accents, marks around it and doubled space: how two words are compared."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(one for one in decomposed if not unicodedata.combining(one)).casefold()
    return " ".join(bare.split()).strip(_AROUND)


def fills(typed: str, accepted: Iterable[str]) -> bool:
    """Whether a typed word is one of the accepted answers; nothing typed fills no gap."""
    word = plainly(typed)
    return bool(word) and word in {plainly(one) for one in accepted}


def answers_of(card: Card, language: str) -> list[str]:
    """The accepted answers in a language, else in its base language, else in the first one written."""
    for wanted in (language, language.split("-")[0]):
        if wanted in card.answers:
            return card.answers[wanted]
    return next(iter(card.answers.values()))


def filled(card: Card, language: str) -> str:
    """The card's sentence with its first accepted answer in the gap."""
    word = next(iter(answers_of(card, language)), "…")
    return say(card.cloze, language).replace(GAP, word)


def standings(judged: Iterable[Judged], levels: int) -> dict[str, Standing]:
    """Card to where it stands after all these answers; a card that was never answered is absent."""
    found: dict[str, Standing] = {}
    for one in sorted(judged, key=lambda each: each.at):
        before = found[one.card].level if one.card in found else 0
        level = min(before + 1, levels) if one.remembered else max(before - 1, 0)
        found[one.card] = Standing(level, one.at)
    return found


def due_at(standing: Standing, spacing: Sequence[Length], zone: str) -> datetime:
    """When a card is due again. Days end at midnight where the person lives, whatever the hour of the last answer,
    so that one evening's late answer does not push a card past the next evening; hours and minutes are elapsed time.
    """
    if standing.level == 0:
        return standing.since
    wait = spacing[min(standing.level, len(spacing)) - 1]
    if not wait.days:
        return standing.since.astimezone(UTC) + timedelta(minutes=wait.minutes)
    day = local_day(standing.since, zone) + timedelta(days=wait.days)
    return later(instant(day, "00:00", zone), Length(minutes=wait.minutes), zone)


def due(exercise: Recall, judged: Iterable[Judged], now: datetime, zone: str) -> list[Card]:
    """The cards to show now, in the order of the protocol."""
    known: Mapping[str, Standing] = standings(judged, len(exercise.spacing))
    return [
        card for card in exercise.cards if card.id not in known or due_at(known[card.id], exercise.spacing, zone) <= now
    ]
