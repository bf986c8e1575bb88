"""Recruitment against its plan: a straight line from the first planned day to the last, beside what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


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
    planned = tuple(_planned(day, target, planned_from, until) for day in days) if planned_from and until else ()
    return Progress(target, days, tuple(came), planned, _forecast(by_day, total, target, first, today))


def _planned(day: date, target: int, start: date, end: date) -> float:
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
