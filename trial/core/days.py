"""On which local days a timepoint asks: plain days, weekly patterns, and the days of the year to leave alone."""

from __future__ import annotations

from datetime import date, timedelta

from trial.core.protocol import WEEKDAYS, Blackout, Calendar, Timepoint


def local_days(point: Timepoint, calendar: Calendar, origin: date) -> list[tuple[int, date]]:
    """(occurrence, local day), occurrences counting from 1 whatever is left out.

    A day that falls into a blackout moves to the first day after it, or is left out: by the blackout's rule, and
    always where the timepoint asks on that later day anyway.
    """
    days = _weekly(point, origin) if point.weekly else [origin + timedelta(days=day) for day in sorted(point.days)]
    own, taken, found = set(days), set[date](), list[tuple[int, date]]()
    for occurrence, day in enumerate(days, start=1):
        moved = _kept(day, calendar, own, taken)
        if moved is not None:
            taken.add(moved)
            found.append((occurrence, moved))
    return found


def _weekly(point: Timepoint, origin: date) -> list[date]:
    """The first so many days of these weekdays, from `from_day` on."""
    assert point.weekly is not None
    wanted = {WEEKDAYS.index(one) for one in point.weekly.on}
    start, found = origin + timedelta(days=point.weekly.from_day), []
    for later in range(7 * point.weekly.weeks):
        day = start + timedelta(days=later)
        if day.weekday() in wanted:
            found.append(day)
    return found


def _kept(day: date, calendar: Calendar, own: set[date], taken: set[date]) -> date | None:
    """The day itself, the one that it moves to, or none."""
    for later in range(longest_blackout(calendar) + 1):
        moved = day + timedelta(days=later)
        blackout = next((one for one in calendar.blackout if _covers(one, moved)), None)
        if blackout is None:
            return moved if not later or (moved not in own and moved not in taken) else None
        if blackout.rule == "skip":
            return None
    return None


def _covers(blackout: Blackout, day: date) -> bool:
    """Whether a day of the year lies between first and last, over the turn of the year where last is earlier."""
    here, first, last = f"{day:%m-%d}", blackout.first, blackout.last
    return first <= here <= last if first <= last else here >= first or here <= last


def longest_wait(point: Timepoint, calendar: Calendar) -> int:
    """The most days from the anchor to the opening: a weekly pattern may start late, and a blackout may move it."""
    nominal = max(point.days) + (6 if point.weekly else 0)
    return nominal + longest_blackout(calendar)


def longest_blackout(calendar: Calendar) -> int:
    """The most days that blackouts which touch each other can last."""
    return sum(one.days for one in calendar.blackout)
