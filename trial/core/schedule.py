"""What one participant will be asked, and when: occasions and the mails that announce them.

Values in, values out: the local day of the anchor, the protocol, the arm and the zone give every window and every
planned contact, each with its rule in local words and its instant in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from trial.core.durations import Length
from trial.core.local_time import instant, later, local_day
from trial.core.protocol import Timepoint, TrialProtocol


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


def plan_baseline(protocol: TrialProtocol, consented_at: datetime, zone: str) -> list[PlannedOccasion]:
    """The occasions before randomisation: open at once, no mail."""
    point = protocol.baseline
    closes = later(consented_at, point.closes_after, zone)
    return [
        PlannedOccasion(point.id, 1, activity.id, consented_at, closes)
        for activity in protocol.activities_at(point, None)
    ]


def plan_arm(protocol: TrialProtocol, arm: str, randomized_at: datetime, zone: str) -> list[PlannedOccasion]:
    """Every occasion after randomisation for one arm, in the order of opening."""
    origin = local_day(randomized_at, zone)
    planned = [
        _occasion(protocol, point, occurrence, origin + timedelta(days=day), day, activity.id, zone)
        for point in protocol.timepoints
        if point.anchor == "randomization"
        for occurrence, day in protocol.occurrences(point)
        for activity in protocol.activities_at(point, arm)
    ]
    return sorted(planned, key=lambda one: (one.opens_at, one.timepoint))


def _occasion(
    protocol: TrialProtocol, point: Timepoint, occurrence: int, day: date, number: int, activity: str, zone: str
) -> PlannedOccasion:
    opens = instant(day, str(point.time), zone)
    rule = f"day {number}, {point.time} {zone}"
    contacts = [_contact(protocol, str(point.invitation), 0, rule, opens, zone)]
    for count, reminder in enumerate(point.reminders, start=1):
        due = later(opens, reminder.after, zone)
        contacts.append(_contact(protocol, reminder.message, count, f"{rule} + {reminder.after}", due, zone))
    closes = later(opens, point.closes_after, zone)
    return PlannedOccasion(point.id, occurrence, activity, opens, closes, tuple(contacts))


def _contact(
    protocol: TrialProtocol, message_id: str, reminder: int, rule: str, due: datetime, zone: str
) -> PlannedContact:
    message = protocol.message(message_id)
    return PlannedContact(message.id, message.stream, reminder, rule, due, later(due, message.latest, zone))


def last_window(protocol: TrialProtocol) -> Length:
    """How long after randomisation the last window can close."""
    days = max(max(point.days) + point.closes_after.days for point in protocol.timepoints)
    return Length(days=days + 2)
