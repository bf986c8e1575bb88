"""Wall clocks and lengths of time in plain code: local days and hours of people, as instants."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_LENGTH = re.compile(r"(\d+)\s*(minute|hour|day|week)s?")
_MINUTES = {"minute": 1, "hour": 60}
_DAYS = {"day": 1, "week": 7}


@lru_cache(maxsize=1000)
def days_and_minutes(length: str) -> tuple[int, int]:
    """`1 day 2 hours` as calendar days and elapsed minutes."""
    found = [(int(number), unit) for number, unit in _LENGTH.findall(length)]
    days = sum(number * _DAYS.get(unit, 0) for number, unit in found)
    return days, sum(number * _MINUTES.get(unit, 0) for number, unit in found)


def local(moment: datetime, zone: str) -> datetime:
    """What the clock on the wall shows."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=50_000)
def at(day: date, clock: str, zone: str) -> datetime:
    """When the clock on the wall shows this for the first time; where it never does, as if it had not been put on."""
    there, shown = ZoneInfo(zone), datetime.fromisoformat(f"{day} {clock}")
    around = [(shown + timedelta(days=one)).replace(tzinfo=there).utcoffset() for one in (-1, 1)]
    offsets = [one or timedelta() for one in around]
    moments = sorted((shown - one).replace(tzinfo=UTC) for one in offsets)
    right = [one for one in moments if local(one, zone) == shown]
    return right[0] if right else (shown - offsets[0]).replace(tzinfo=UTC)


def after(moment: datetime, length: str, zone: str) -> datetime:
    """So many calendar days later by the clock on the wall, to the minute, then so many minutes."""
    days, minutes = days_and_minutes(length)
    if days:
        shown = local(moment, zone) + timedelta(days=days)
        moment = at(shown.date(), f"{shown:%H:%M}", zone)
    return moment + timedelta(minutes=minutes)


def days_between(first: datetime, second: datetime, zone: str) -> int:
    """Midnights between two moments where a person lives."""
    return (local(second, zone).date() - local(first, zone).date()).days


def morning_after_quiet(moment: datetime, first: str, last: str, zone: str) -> datetime | None:
    """When the hours end in which nobody is written to; None outside of them."""
    shown = local(moment, zone)
    minute = f"{shown:%H:%M}"
    tonight = first > last
    if not (first <= minute or minute < last if tonight else first <= minute < last):
        return None
    day = shown.date() + timedelta(days=1 if tonight and minute >= first else 0)
    end = at(day, last, zone)
    return end if end > moment else end + timedelta(hours=1)
