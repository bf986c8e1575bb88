"""Wall-clock time where a person lives, turned into instants only at the end.

A time that the clocks skip (spring) moves forward by the gap; a time that comes twice (autumn) is taken the first
time. Lengths in days are calendar days; lengths in hours are elapsed time (durations.Length).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from trial.core.durations import Length


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Every IANA zone that this installation knows."""
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Whether a name is a zone that can be loaded."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def instant(day: date, clock: str, zone: str) -> datetime:
    """The UTC instant of `HH:MM` on a local day."""
    hour, minute = (int(part) for part in clock.split(":"))
    local = datetime.combine(day, time(hour, minute), ZoneInfo(zone))
    back = local.astimezone(UTC).astimezone(ZoneInfo(zone))
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        # skipped: read it with the offset before the change, which lands the gap's length later
        return (local.replace(fold=0).replace(tzinfo=None) - _offset_before(local)).replace(tzinfo=UTC)
    return local.astimezone(UTC)


def _offset_before(local: datetime) -> timedelta:
    offset = (local - timedelta(days=1)).utcoffset()
    return offset if offset is not None else timedelta(0)


def local_day(moment: datetime, zone: str) -> date:
    """The calendar day of an instant where the person lives."""
    return moment.astimezone(ZoneInfo(zone)).date()


def later(moment: datetime, length: Length, zone: str) -> datetime:
    """An instant after a length: calendar days at the same wall clock, then elapsed minutes."""
    if length.days:
        local = moment.astimezone(ZoneInfo(zone))
        moment = instant(local.date() + timedelta(days=length.days), f"{local:%H:%M}", zone)
    return moment + timedelta(minutes=length.minutes)


def relative_day(moment: datetime | None, origin: datetime, zone: str) -> int | None:
    """Local calendar days from the origin's local day; 0 is the same day."""
    return None if moment is None else (local_day(moment, zone) - local_day(origin, zone)).days
