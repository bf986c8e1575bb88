"""What one participant will be asked, and when: occasions and the mails that announce them.

Values in, values out: the local day of the anchor, the protocol, the arm and the zone give every window and every
planned contact, each with its rule in local words and its instant in UTC. Days follow from `trial.core.days`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from trial.core.days import local_days, longest_wait
from trial.core.durations import Length
from trial.core.local_time import instant, later, local_day
from trial.core.protocol import Timepoint, TrialProtocol

MORNING = "10:00"
# a mail that ends the study is worth sending long after it was due
WORTH_SENDING = Length(days=60)

# (timepoint, occurrence) to a number from 0 up to 1: which moment `between` two hours a person gets on a day
Draw = Callable[[str, int], float]


def middle(timepoint: str, occurrence: int) -> float:
    """No draw: the middle of the hours, where nobody in particular is meant."""
    return 0.5


@dataclass(frozen=True, slots=True)
class PlannedContact:
    """A mail to come; `reminder` is 0 for the invitation."""

    message: str
    stream: str
    reminder: int
    local_rule: str
    due_at: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class PlannedOccasion:
    """A window for one activity, and its mails."""

    timepoint: str
    occurrence: int
    activity: str
    opens_at: datetime
    closes_at: datetime
    contacts: tuple[PlannedContact, ...] = ()

    @property
    def day(self) -> tuple[str, int]:
        """Which day of which timepoint: everything that is asked on it opens together."""
        return self.timepoint, self.occurrence


def plan_baseline(protocol: TrialProtocol, consented_at: datetime, zone: str) -> list[PlannedOccasion]:
    """The occasions before randomisation: open at once, no mail."""
    point = protocol.baseline
    closes = later(consented_at, point.closes_after, zone)
    return [
        PlannedOccasion(point.id, 1, activity.id, consented_at, closes)
        for activity in protocol.activities_at(point, None)
    ]


def plan_arm(
    protocol: TrialProtocol,
    arm: str,
    randomized_at: datetime,
    zone: str,
    draw: Draw = middle,
    *,
    hour: str | None = None,
) -> list[PlannedOccasion]:
    """Every occasion that follows from randomisation alone, for one arm, in the order of opening.

    `hour` is the person's own, where a timepoint lets people choose.
    """
    points = [point for point in protocol.timepoints if point.anchor == "randomization" and point.stage is None]
    return _planned(protocol, points, [arm], randomized_at, zone, draw, hour)


def plan_stage(
    protocol: TrialProtocol,
    stage: str,
    arms: Sequence[str],
    allocated_at: datetime,
    zone: str,
    draw: Draw = middle,
    *,
    hour: str | None = None,
) -> list[PlannedOccasion]:
    """Every occasion that follows from the allocation at a further stage; `arms` are the arm and all options so far."""
    points = [point for point in protocol.timepoints if point.stage == stage]
    return _planned(protocol, points, arms, allocated_at, zone, draw, hour)


def plan_completion(
    protocol: TrialProtocol,
    arm: str,
    activity: str,
    done_at: datetime,
    zone: str,
    draw: Draw = middle,
    *,
    hour: str | None = None,
    options: Sequence[str] = (),
) -> list[PlannedOccasion]:
    """Every occasion that follows from having finished this activity for the first time; `options` are the stages'."""
    points = [point for point in protocol.timepoints if point.anchor == "completion" and point.after == activity]
    return _planned(protocol, points, [arm, *options], done_at, zone, draw, hour)


def moved(
    protocol: TrialProtocol, planned: PlannedOccasion, zone: str, *, to_zone: str, hour: str | None
) -> PlannedOccasion | None:
    """An occasion to come at another hour or in another zone: the same local day, and the same hour if none is chosen.

    None where it follows at once from something done, and so has no hour of its own.
    """
    point = protocol.timepoint(planned.timepoint)
    if point.time == "at_once":
        return None
    local = planned.opens_at.astimezone(ZoneInfo(zone))
    clock = hour if hour is not None and hour in point.chosen_from else f"{local:%H:%M}"
    opening = _Opening(planned.occurrence, f"{local.date()}, {clock} {to_zone}", instant(local.date(), clock, to_zone))
    return _occasion(protocol, point, planned.activity, opening, to_zone)


def retimed(
    protocol: TrialProtocol,
    planned: PlannedOccasion,
    zone: str,
    draw: Draw = middle,
    *,
    hour: str | None,
    day: date | None = None,
) -> PlannedOccasion:
    """An occasion as another version of the protocol has it: on the same local day or on `day`, at that version's hour,
    with its reminders. What follows at once from something done opens when it did."""
    return _at_its_hour(protocol, planned, zone, draw, hour, [day or local_day(planned.opens_at, zone)])


def replanned(
    protocol: TrialProtocol, planned: PlannedOccasion, zone: str, draw: Draw = middle, *, hour: str | None
) -> PlannedOccasion:
    """The same occasion by the rules that its zone has now: those of then may have put it on another hour, and so near
    midnight on another day."""
    day = local_day(planned.opens_at, zone)
    return _at_its_hour(protocol, planned, zone, draw, hour, [day + timedelta(days=days) for days in (-1, 0, 1)])


def _at_its_hour(
    protocol: TrialProtocol, planned: PlannedOccasion, zone: str, draw: Draw, hour: str | None, days: Sequence[date]
) -> PlannedOccasion:
    """On that one of the days on which it lies nearest to where it was."""
    point = protocol.timepoint(planned.timepoint)
    opening = _Opening(planned.occurrence, f"at once, {zone}", planned.opens_at)
    if point.time != "at_once":
        clock = _clock(point, draw(point.id, planned.occurrence) if point.between else 0, hour)
        at, day = min(
            ((instant(day, clock, zone), day) for day in days), key=lambda one: abs(one[0] - planned.opens_at)
        )
        opening = _Opening(planned.occurrence, f"{day}, {clock} {zone}", at)
    return _occasion(protocol, point, planned.activity, opening, zone)


def _planned(
    protocol: TrialProtocol,
    points: list[Timepoint],
    arms: Sequence[str],
    origin: datetime,
    zone: str,
    draw: Draw,
    hour: str | None,
) -> list[PlannedOccasion]:
    planned = [
        _occasion(protocol, point, activity.id, opening, zone)
        for point in points
        for opening in _openings(protocol, point, origin, zone, draw, hour)
        for activity in protocol.activities_at(point, *arms)
    ]
    order = {point.id: place for place, point in enumerate(protocol.timepoints)}
    return sorted(planned, key=lambda one: (one.opens_at, order[one.timepoint]))


@dataclass(frozen=True, slots=True)
class _Opening:
    """When a timepoint opens once, and the words for it."""

    occurrence: int
    rule: str
    at: datetime


def _openings(
    protocol: TrialProtocol, point: Timepoint, origin: datetime, zone: str, draw: Draw, hour: str | None
) -> Iterator[_Opening]:
    if point.time == "at_once":
        yield _Opening(1, f"at once, {zone}", origin)
        return
    first = local_day(origin, zone)
    for occurrence, day in local_days(point, protocol.calendar, first):
        clock = _clock(point, draw(point.id, occurrence) if point.between else 0, hour)
        yield _Opening(occurrence, f"day {(day - first).days}, {clock} {zone}", instant(day, clock, zone))


def _clock(point: Timepoint, share: float, hour: str | None) -> str:
    """The local hour: the person's own where it is offered, the fixed one, or a minute drawn between two hours."""
    if hour is not None and hour in point.chosen_from:
        return hour
    if point.between is None:
        return str(point.time)
    earliest, latest = (int(one[:2]) * 60 + int(one[3:]) for one in point.between)
    minute = earliest + int(share * (latest - earliest))
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _occasion(
    protocol: TrialProtocol, point: Timepoint, activity: str, opening: _Opening, zone: str
) -> PlannedOccasion:
    opens, rule = opening.at, opening.rule
    contacts = [_contact(protocol, point.invitation, 0, rule, opens, zone)] if point.invitation else []
    for count, reminder in enumerate(point.reminders, start=1):
        due = later(opens, reminder.after, zone)
        contacts.append(_contact(protocol, reminder.message, count, f"{rule} + {reminder.after}", due, zone))
    closes = later(opens, point.closes_after, zone)
    return PlannedOccasion(point.id, opening.occurrence, activity, opens, closes, tuple(contacts))


def _contact(
    protocol: TrialProtocol, message_id: str, reminder: int, rule: str, due: datetime, zone: str
) -> PlannedContact:
    message = protocol.message(message_id)
    return PlannedContact(message.id, message.stream, reminder, rule, due, later(due, message.latest, zone))


def plan_end_of_baseline(protocol: TrialProtocol, message: str, consented_at: datetime, zone: str) -> PlannedContact:
    """The same mail for who comes no further: the morning after the baseline's window, with its grace, has closed."""
    point = protocol.baseline
    closed = later(later(consented_at, point.closes_after, zone), point.grace, zone)
    first = local_day(consented_at, zone)
    return _last_mail(protocol, message, first, (local_day(closed, zone) - first).days + 1, zone)


def plan_end(protocol: TrialProtocol, message: str, first: date, zone: str) -> PlannedContact:
    """The mail that says that the study is over: the morning after the last window can have closed, in every arm.

    `first` is the local day of the allocation.
    """
    grace = max(point.grace.days + (point.grace.minutes > 0) for point in protocol.timepoints)
    day = last_window(protocol).days + grace
    return _last_mail(protocol, message, first, day, zone)


def _last_mail(protocol: TrialProtocol, message: str, first: date, day: int, zone: str) -> PlannedContact:
    quiet = protocol.calendar
    clock = quiet.quiet_until if quiet.quiet_from < quiet.quiet_until else max(MORNING, quiet.quiet_until)
    due = instant(first + timedelta(days=day), clock, zone)
    return PlannedContact(message, "service", 0, f"day {day}, {clock} {zone}", due, later(due, WORTH_SENDING, zone))


def last_window(protocol: TrialProtocol) -> Length:
    """How long after randomisation the last window can close."""
    latest: dict[str, int] = {}
    allocated = _latest_allocations(protocol)
    for point in sorted(protocol.timepoints, key=lambda one: one.anchor == "completion"):
        start = _latest_completion(protocol, point, latest) if point.anchor == "completion" else 0
        start += allocated.get(point.stage or "", 0)
        latest[point.id] = start + longest_wait(point, protocol.calendar) + point.closes_after.days + 1
    return Length(days=max(latest.values()) + 1)


def _latest_allocations(protocol: TrialProtocol) -> dict[str, int]:
    """The last day on which each further stage can allocate: once the window that decides is over, with its grace."""
    found: dict[str, int] = {}
    for stage in protocol.stages:
        point = protocol.timepoint(stage.timepoint)
        open_for = point.closes_after.days + point.grace.days + 2
        found[stage.id] = found.get(point.stage or "", 0) + longest_wait(point, protocol.calendar) + open_for
    return found


def _latest_completion(protocol: TrialProtocol, point: Timepoint, latest: dict[str, int]) -> int:
    """The last day on which the activity that a timepoint waits for can be finished."""
    asked = [latest.get(one.id, 0) for one in protocol.timepoints if point.after in one.activities]
    return max(asked, default=0)
