"""The calendar of each arm, day by day from randomisation: what the protocol plans, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trial.core.durations import Length
from trial.core.protocol import Activity, Timepoint
from trial.core.rehearsed import ArmCalendar, CalendarEntry
from trial.rehearsal.findings.gathered import Facts

_DAY = 1440
Key = tuple[str, str, int, int]


class _Tallies:
    """How many mails were planned and left, and how many windows were answered, by arm and place."""

    def __init__(self, facts: Facts) -> None:
        arm = facts.arm_of
        mails = [one for one in facts.mails if one.participant_id in arm]
        self.planned = Counter((arm[one.participant_id], one.timepoint, one.occurrence, one.reminder) for one in mails)
        self.sent = Counter(
            (arm[one.participant_id], one.timepoint, one.occurrence, one.reminder)
            for one in mails
            if one.id in facts.lived.sent_at
        )
        self.opened: Counter[tuple[str, str, int]] = Counter()
        self.answered: Counter[tuple[str, str, int]] = Counter()
        seen: dict[tuple[str, str, int], dict[int, bool]] = {}
        for one in facts.windows:
            place = (arm[one.person.record.id], one.occasion.timepoint, one.occasion.occurrence)
            done = seen.setdefault(place, {})
            done[one.person.record.id] = done.get(one.person.record.id, False) or one.sheet is not None
        for place, people in seen.items():
            self.opened[place] = len(people)
            self.answered[place] = sum(people.values())


def calendars_of(facts: Facts) -> list[ArmCalendar]:
    """One calendar for each arm; further stages stand in those of the arms that they are for."""
    tallies = _Tallies(facts)
    return [
        ArmCalendar(
            arm.id,
            facts.label(arm.label),
            len(facts.of_arm(arm.id)),
            tuple(sorted(_entries(facts, tallies, arm.id), key=_in_order)),
        )
        for arm in facts.protocol.arms
    ]


def _in_order(one: CalendarEntry) -> tuple[str, int, bool, str, str]:
    """By day and clock; what has no clock of its own, as a reminder of a drawn hour, comes last on its day."""
    return one.after, one.day, not one.clock, one.clock, one.what


def _entries(facts: Facts, tallies: _Tallies, arm: str) -> Iterator[CalendarEntry]:
    for point in facts.protocol.timepoints:
        if point.anchor == "consent":
            continue
        options = [one.id for one in facts.protocol.stage(point.stage).arms] if point.stage else []
        asked = facts.protocol.activities_at(point, arm, *options)
        if asked and (point.stage is None or _comes_to(facts, point.stage, arm)):
            for occurrence, day in facts.protocol.occurrences(point):
                yield from _occasion(facts, tallies, point, asked, (arm, point.id, occurrence, day))


def _comes_to(facts: Facts, stage: str, arm: str) -> bool:
    before = facts.protocol.stage(stage).arms_before
    return not before or arm in before


def _occasion(
    facts: Facts, tallies: _Tallies, point: Timepoint, asked: list[Activity], place: tuple[str, str, int, int]
) -> Iterator[CalendarEntry]:
    arm, _, occurrence, day = place
    opened, answered = tallies.opened[arm, point.id, occurrence], tallies.answered[arm, point.id, occurrence]
    titles = dict.fromkeys(facts.label(one.title) for one in asked)  # options of a stage may look alike on purpose
    what = f"{facts.label(point.label)}: {', '.join(titles)}"
    until = day + point.closes_after.days + point.closes_after.minutes // _DAY
    first = (arm, point.id, occurrence, 0)
    kind = "asked" if point.invitation else "at once"
    planned = tallies.planned[first] if point.invitation else opened
    sent = tallies.sent[first] if point.invitation else opened
    after = _after(facts, point)
    minutes = _minutes(facts, point, arm)
    yield CalendarEntry(after, day, _clock(point), kind, what, minutes, until, planned, sent, answered)
    for number, reminder in enumerate(point.reminders, start=1):
        at = (arm, point.id, occurrence, number)
        later, clock = _reminded(point, day, reminder.after)
        what = f"{facts.label(point.label)}: reminder {number} ({reminder.message})"
        left = tallies.sent[at]
        yield CalendarEntry(after, later, clock, "reminder", what, 0, None, tallies.planned[at], left, None)


def _reminded(point: Timepoint, day: int, after: Length) -> tuple[int, str]:
    """(day, clock) of a reminder; no clock where the invitation has no hour that is everybody's."""
    if point.between or point.time in (None, "at_once"):
        return day + after.days + after.minutes // _DAY, ""
    hour, minute = str(point.time).split(":")
    days, minutes = divmod(60 * int(hour) + int(minute) + after.minutes, _DAY)
    return day + after.days + days, f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(facts: Facts, point: Timepoint, arm: str) -> int:
    """What one person is asked for: at a stage that of one option, the longest."""
    options = [[one.id] for one in facts.protocol.stage(point.stage).arms] if point.stage else [[]]
    return max(sum(one.minutes for one in facts.protocol.activities_at(point, arm, *its)) for its in options)


def _clock(point: Timepoint) -> str:
    if point.between:
        return f"{point.between[0]}–{point.between[1]}"
    return "at once" if point.time == "at_once" else str(point.time)


def _after(facts: Facts, point: Timepoint) -> str:
    """From what the days count, where it is not the randomisation."""
    if point.stage is not None:
        return facts.label(facts.protocol.stage(point.stage).label)
    return facts.label(facts.protocol.activity(point.after).title) if point.after else ""
