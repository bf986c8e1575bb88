"""Recruitment against its plan: a straight line from the first planned day to the last, beside what came."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Progress:
    """`came` and `planned` are running totals at the end of each of `days`; `planned` is empty without planned dates.

    `reaches_target_on` draws on the last four weeks; None where fewer than ten people came in them, for such a pace
    says nothing, or where the target is reached.
    """

    target: int
    days: tuple[date, ...]
    came: tuple[int, ...]
    planned: tuple[float, ...]
    reaches_target_on: date | None

    @property
    def total(self) -> int:
        return self.came[-1] if self.came else 0

    @property
    def behind(self) -> int:
        """How many fewer came than were planned by the last day; negative where more did."""
        return round(self.planned[-1]) - self.total if self.planned else 0


WINDOW = 28
FEWEST = 10


def progress(
    by_day: Mapping[date, int], *, target: int, first: date, today: date, planned_from: date | None, until: date | None
) -> Progress:
    """Day by day from the first to today; `first` is the day on which the trial opened."""
    days = tuple(first + timedelta(days=number) for number in range((today - first).days + 1))
    came, total = [], 0
    for day in days:
        total += by_day.get(day, 0)
        came.append(total)
    planned = tuple(planned_by(day, target, planned_from, until) for day in days) if planned_from and until else ()
    return Progress(target, days, tuple(came), planned, _forecast(by_day, total, target, first, today))


def first_day(written: str | None) -> date | None:
    """The first day of a planned day, month or year, `2027-03`; None where nothing is planned."""
    return None if written is None else date.fromisoformat((written + "-01-01")[:10])


def last_day(written: str | None) -> date | None:
    """The last day of a planned day, month or year; None where nothing is planned."""
    first = first_day(written)
    if first is None or written is None or len(written) == len("2027-03-01"):
        return first
    month = first.month if len(written) == len("2027-03") else 12
    return first.replace(month=month, day=calendar.monthrange(first.year, month)[1])


def by_week(opened: datetime, moments: Iterable[datetime]) -> tuple[int, ...]:
    """How many of these fell in each week since the opening, up to the last that had one."""
    weeks = Counter((one - opened).days // 7 for one in moments)
    return tuple(weeks[week] for week in range(max(weeks, default=-1) + 1))


def planned_by(day: date, target: int, start: date, end: date) -> float:
    """How many people a straight line from the first planned day to the last has by the end of a day."""
    length = max((end - start).days, 1)
    return target * min(max((day - start).days / length, 0.0), 1.0)


def _forecast(by_day: Mapping[date, int], total: int, target: int, first: date, today: date) -> date | None:
    """At the pace of the last four weeks, or of all days where there were fewer."""
    since = max(first, today - timedelta(days=WINDOW - 1))
    lately = sum(number for day, number in by_day.items() if since <= day <= today)
    if total >= target or lately < FEWEST:
        return None
    per_day = lately / ((today - since).days + 1)
    return today + timedelta(days=-(-(target - total) // per_day))
