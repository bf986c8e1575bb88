"""Days on which somebody got two or more mails of the protocol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum

from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import Facts, Sent, listed, many, people

KIND = "mails on one day"
MOST = 5
TOO_MANY = 3
Day = list[Sent]


class Met(Enum):
    """Why mails of one day met: both are about one window, about several, or one had waited for its person."""

    ALIKE = 1
    APART = 2
    WAITED = 3


MEND = {
    Met.ALIKE: "The reminder leaves on the day of its invitation: give it `after` a day or more if that is not meant.",
    Met.APART: "Move the days or the time of one of them, or ask both in one timepoint, which sends one mail.",
    Met.WAITED: "Nothing to mend: somebody paused or moved, and so a mail that had waited met the next one.",
}


def find(facts: Facts) -> Iterator[Finding]:
    """A finding for each set of messages that met on a day, those that hit most people first."""
    days: dict[tuple[int, object], Day] = defaultdict(list)
    for one in facts.sent:
        days[one.person.record.id, one.day].append(one)
    met: dict[tuple[tuple[str, ...], Met], list[Day]] = defaultdict(list)
    for day in days.values():
        if len(day) > 1:
            met[tuple(sorted(each.mail.message for each in day)), _why(facts, day)].append(day)
    ranked = sorted(met.items(), key=lambda one: (-len(_hit(one[1])), one[0][0], one[0][1].value))
    for (messages, why), its in ranked[:MOST]:
        yield _finding(facts, messages, why, its)
    if left := [day for _, its in ranked[MOST:] for day in its]:
        what = f"Other messages met on one day in {len(ranked) - MOST} further ways, for {people(len(_hit(left)))}."
        yield Finding(KIND, Weight.KNOW, what, "Look at the calendars of the arms below.")


def _hit(days: list[Day]) -> set[int]:
    return {day[0].person.record.id for day in days}


def _why(facts: Facts, day: Day) -> Met:
    alike = len({(one.mail.timepoint, one.mail.occurrence) for one in day}) == 1
    last = day[-1].mail
    planned = facts.protocol.timepoint(last.timepoint).reminders[last.reminder - 1].after if last.reminder else None
    # a reminder of a later day: whatever its invitation waited for, the plan did not put them on one day
    if any(_waited(facts, one) for one in day) or (alike and planned is not None and planned.days > 0):
        return Met.WAITED
    return Met.ALIKE if alike else Met.APART


def _waited(facts: Facts, one: Sent) -> bool:
    """Whether a mail waited for longer than a night, as in a pause, or its person lives by another clock by now."""
    moved = facts.zone_when_opened(one.mail) != facts.zone_at(one.person, one.at)
    return moved or one.at - facts.planned_at(one.mail) > timedelta(days=1)


def _finding(facts: Facts, messages: tuple[str, ...], why: Met, days: list[Day]) -> Finding:
    hit, first = _hit(days), days[0]
    what = (
        f"{people(len(hit))} of {len(facts.randomized)} got {len(messages)} mails on one day, on "
        f"{many(len(days), 'day')} in all: {listed(list(dict.fromkeys(messages)))}."
    )
    weight = Weight.LOOK if why is Met.APART else Weight.KNOW
    if len(messages) >= TOO_MANY and why is not Met.WAITED:
        weight = Weight.MEND
    last = first[-1].mail
    return Finding(
        KIND,
        weight,
        what,
        MEND[why],
        facts.at(last.timepoint, "reminders", last.reminder - 1)
        if last.reminder
        else facts.at(last.timepoint, "days" if facts.protocol.timepoint(last.timepoint).weekly is None else "weekly"),
        _example(first),
        len(hit) / max(len(facts.randomized), 1),
        facts.assume("needs_reminder") if any(one.mail.reminder for one in first) else (),
    )


def _example(day: Day) -> str:
    person, first = day[0].person, day[0]
    what = ", ".join(f"{one.mail.message} at {one.local:%H:%M}" for one in day)
    return f"{person.record.code} on day {person.day(first.at)}: {what} ({first.local.tzinfo})."
