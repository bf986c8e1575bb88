"""The calendar that a protocol declares, as days and minutes for one arm: enough to count mails and work by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from trial.core.days import local_days
from trial.core.durations import Length
from trial.core.findings import Path
from trial.core.protocol import Calendar, Timepoint, TrialProtocol

DAY = 1440
MONDAY = date(2024, 1, 1)
MOST = 3000  # more mails than that are a hostile file


class Mail(NamedTuple):
    """A mail on a day after randomisation, at a minute of that day (None: at once); `reminder` 0 is the invitation."""

    day: int
    minute: int | None
    timepoint: str
    occurrence: int
    reminder: int
    message: str
    path: Path


def minutes(length: Length) -> int:
    """A length in minutes, a day counted as 24 hours."""
    return length.days * DAY + length.minutes


def clock(text: str) -> int:
    """`19:30` as minutes since midnight."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def days(point: Timepoint, weekday: int = 0) -> list[int]:
    """The days of a timepoint for a person whose day 0 falls on this weekday (0: Monday), no day left free."""
    origin = MONDAY + timedelta(days=weekday)
    return [(day - origin).days for _, day in local_days(point, Calendar(), origin)]


def hours(point: Timepoint) -> list[int]:
    """Every minute of the day at which a timepoint may open; empty for `at_once`."""
    given = [*point.chosen_from, *(point.between or ()), *([point.time] if point.time not in (None, "at_once") else [])]
    return [clock(str(one)) for one in given]


def points(protocol: TrialProtocol, arm: str) -> Iterator[tuple[int, Timepoint]]:
    """(position in the file, timepoint) for all that this arm does after randomisation, further stages left out."""
    for place, point in enumerate(protocol.timepoints):
        if point.anchor != "consent" and point.stage is None and protocol.activities_at(point, arm):
            yield place, point


def of(protocol: TrialProtocol, arm: str) -> list[Mail]:
    """Every mail of one arm on days counted from randomisation, if nothing is ever answered; at most MOST."""
    return at(list(points(protocol, arm)))


def at(asked: list[tuple[int, Timepoint]], weekday: int = 0) -> list[Mail]:
    """The same from the timepoints themselves, for a person whose day 0 falls on this weekday."""
    found: list[Mail] = []
    for place, point in asked:
        if point.anchor == "randomization" and len(found) < MOST:
            start = min(hours(point), default=None)
            for occurrence, day in enumerate(days(point, weekday), start=1):
                found += _mails(point, place, occurrence, day, start)
    return sorted(found[:MOST], key=lambda one: (one.day, one.minute or 0))


def _mails(point: Timepoint, place: int, occurrence: int, day: int, start: int | None) -> Iterator[Mail]:
    path: Path = ("timepoints", place)
    if point.invitation:
        yield Mail(day, start, point.id, occurrence, 0, point.invitation, (*path, "invitation"))
    for count, reminder in enumerate(point.reminders, start=1):
        later, minute = divmod((start or 0) + reminder.after.minutes, DAY)
        at = (*path, "reminders", count - 1)
        yield Mail(day + reminder.after.days + later, minute, point.id, occurrence, count, reminder.message, at)


def closing_day(point: Timepoint) -> int:
    """The last day on which a timepoint can still be answered, grace included."""
    open_for = minutes(point.closes_after) + minutes(point.grace) + max(hours(point), default=0)
    return max(days(point, weekday=1) + days(point)) + open_for // DAY
