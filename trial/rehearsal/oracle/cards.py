"""How many cards of an exercise come back at a moment, by what was remembered before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from trial.rehearsal.oracle import clock
from trial.rehearsal.oracle.facts import Plain, Sheet


def coming_back(decks: Iterable[Plain], sheets: Sequence[Sheet], now: datetime, zone: str) -> int:
    """Cards of these exercises that are due: never answered, or their wait is over."""
    return sum(_is_due(deck, card["id"], sheets, now, zone) for deck in decks for card in deck["cards"])


def _is_due(deck: Plain, card: str, sheets: Sequence[Sheet], now: datetime, zone: str) -> bool:
    level, since = 0, None
    for one in sheets:
        remembered = one.known.get(f"{deck['id']}_{card}") if one.activity == deck["id"] else None
        if isinstance(remembered, bool):
            level = min(level + 1, len(deck["spacing"])) if remembered else max(level - 1, 0)
            since = one.at
    if since is None or level == 0:
        return True
    days, minutes = clock.days_and_minutes(deck["spacing"][level - 1])
    if days:
        since = clock.at(clock.local(since, zone).date() + timedelta(days=days), "00:00", zone)
    return since + timedelta(minutes=minutes) <= now
