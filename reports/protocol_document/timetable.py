"""Each arm's occasions in order, and when they are in words: worked out from the protocol alone, for nobody's calendar.

Days are nominal: a weekly pattern is laid out as if its first day were a Monday, and what follows the completion of an
activity counts from the first day on which that activity can be done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.methods import listed
from reports.variables import LANGUAGE
from trial.core.durations import Length
from trial.core.protocol import WEEKDAYS, Activity, Timepoint, TrialProtocol, Weekly
from trial.core.texts import say

_DAY = 24 * 60
_FEW = 8  # so many days are named one by one
_NAMES = {one: one.capitalize() for one in WEEKDAYS}


@dataclass(frozen=True, slots=True)
class Ask:
    """One activity on one day of one arm; `day` is None before randomisation."""

    point: Timepoint
    occurrence: int
    given: int
    day: int | None
    activity: Activity

    @property
    def week(self) -> int:
        """1 for days 1 to 7; 0 for what comes before day 1."""
        return 0 if self.day is None or self.day < 1 else (self.day - 1) // 7 + 1


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail about an occasion; `after` is None for the invitation, else how long after the opening."""

    message: str
    after: Length | None = None
    primary_only: bool = False


def asks(protocol: TrialProtocol, arm: str) -> list[Ask]:
    """Everything that an arm is asked to do, in the order of its days and hours."""
    found = []
    for point in protocol.timepoints:
        if point.stage is not None:
            continue  # not the arm's: the methods say what a further stage brings
        origin = _origin(protocol, point, arm)
        if origin is None and point.anchor != "consent":
            continue  # it would follow an activity that this arm never does
        for occurrence, given in protocol.occurrences(point):
            day = None if origin is None else origin + given
            for activity in protocol.activities_at(point, arm):
                found.append(Ask(point, occurrence, given, day, activity))
    return sorted(found, key=lambda one: (one.day is not None, one.day or 0, minute_of_day(one.point)))


def _origin(protocol: TrialProtocol, point: Timepoint, arm: str, depth: int = 0) -> int | None:
    """The nominal day that this timepoint counts from; None before randomisation and where it never comes."""
    if point.anchor == "consent" or depth > len(protocol.timepoints):
        return None
    if point.anchor == "randomization":
        return 0
    days = []
    for other in protocol.timepoints:
        if any(one.id == point.after for one in protocol.activities_at(other, arm)):
            start = 0 if other.anchor == "consent" else _origin(protocol, other, arm, depth + 1)
            if start is not None:
                days.append(start + (0 if other.anchor == "consent" else min(other.days)))
    return min(days, default=None)


def notices(point: Timepoint) -> list[Notice]:
    """The invitation, then every reminder."""
    invitation = [Notice(point.invitation)] if point.invitation else []
    return invitation + [Notice(one.message, one.after, one.primary_only) for one in point.reminders]


def minute_of_day(point: Timepoint) -> int:
    """The opening as minutes after midnight; the earlier hour of two."""
    clock = point.between[0] if point.between else point.time
    if clock is None or clock == "at_once":
        return 0
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def later(point: Timepoint, after: Length) -> tuple[int, str]:
    """(days after the opening, hour in words) of a reminder."""
    if point.between or point.chosen_from or point.time in (None, "at_once"):
        spare = Length(minutes=after.minutes)
        return after.days, f"{spare} after the opening" if after.minutes else hour(point)
    days, minutes = divmod(minute_of_day(point) + after.minutes, _DAY)
    return after.days + days, f"{minutes // 60:02d}:{minutes % 60:02d}"


def hour(point: Timepoint) -> str:
    """`19:00`, `at once`, `between 10:00 and 16:00`."""
    if point.between:
        return f"between {point.between[0]} and {point.between[1]}"
    if point.chosen_from:
        until = f" ({point.time} until then)" if point.time else ""
        return f"at the hour the person chose of {', '.join(point.chosen_from)}{until}"
    return "at once" if point.time in (None, "at_once") else str(point.time)


def days(protocol: TrialProtocol, point: Timepoint) -> str:
    """When a timepoint comes, as a phrase: `days 1 to 7`, `Mon, Wed and Fri for 4 weeks, from day 1 on`."""
    if point.anchor == "consent":
        return "after consent" if protocol.design.type == "single_arm" else "after consent, before chance decides"
    said = weekly(point.weekly) if point.weekly else counted(sorted(point.days))
    if point.anchor == "completion":
        return f"{said}, counted from the day “{_after(protocol, point)}” is finished"
    return said


def weekly(pattern: Weekly) -> str:
    """`Mon, Wed and Fri for 4 weeks, from day 1 on`."""
    names = listed([_NAMES[one] for one in WEEKDAYS if one in pattern.on])
    weeks = "1 week" if pattern.weeks == 1 else f"{pattern.weeks} weeks"
    return f"{names} for {weeks}, from day {pattern.from_day} on"


def counted(numbers: Sequence[int]) -> str:
    """`day 3`, `days 1 to 7`, `days 1, 4 and 9`, `14 days from day 2 to day 60`."""
    if len(numbers) == 1:
        return f"day {numbers[0]}"
    if list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"days {numbers[0]} to {numbers[-1]}"
    if len(numbers) <= _FEW:
        return f"days {listed([str(one) for one in numbers])}"
    return f"{len(numbers)} days from day {numbers[0]} to day {numbers[-1]}"


def one_day(protocol: TrialProtocol, ask: Ask, later_by: int = 0) -> str:
    """The day of one occasion: `Day 14`, `Week 2, Wed`, `2 days after “Letter”`."""
    given = ask.given + later_by
    if ask.day is None:
        return "Start" if not later_by else f"{_count(later_by)} after the start"
    if ask.point.weekly and ask.point.anchor == "randomization":
        number = given - ask.point.weekly.from_day
        return f"Week {number // 7 + 1}, {_NAMES[WEEKDAYS[number % 7]]}"
    if ask.point.anchor == "completion":
        name = _after(protocol, ask.point)
        return f"Day of “{name}”" if given == 0 else f"{_count(given)} after “{name}”"
    return f"Day {given}"


def _count(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _after(protocol: TrialProtocol, point: Timepoint) -> str:
    return say(protocol.activity(str(point.after)).title, LANGUAGE)


def in_order(protocol: TrialProtocol) -> list[Timepoint]:
    """The timepoints as people meet them: by the first nominal day in any arm, the baseline first."""

    def first(point: Timepoint) -> tuple[bool, int, int]:
        origins = [_origin(protocol, point, arm.id) for arm in protocol.arms]
        start = min((one for one in origins if one is not None), default=0)
        return point.anchor != "consent", start + min(point.days), minute_of_day(point)

    return sorted(protocol.timepoints, key=first)


def minutes_by_week(found: Iterable[Ask]) -> dict[int, int]:
    """Week number to minutes asked for, in the order of weeks; only weeks with something to do."""
    total: dict[int, int] = {}
    for one in found:
        total[one.week] = total.get(one.week, 0) + one.activity.minutes
    return dict(sorted(total.items()))


def mails(found: Iterable[Ask]) -> tuple[int, int]:
    """(invitations, most reminders) of an arm, one of each for every occasion."""
    each = [notices(one.point) for one in found]
    invitations = sum(1 for some in each for one in some if one.after is None)
    return invitations, sum(len(some) for some in each) - invitations
