"""Days on which somebody got two or more mails of the protocol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import Facts, Sent, listed, many, people

KIND = "mails on one day"
MOST = 5
TOO_MANY = 3
Day = list[Sent]


def find(facts: Facts) -> Iterator[Finding]:
    """A finding for each set of messages that met on a day, those that hit most people first."""
    days: dict[tuple[int, object], Day] = defaultdict(list)
    for one in facts.sent:
        days[one.person.record.id, one.day].append(one)
    met: dict[tuple[tuple[str, ...], bool], list[Day]] = defaultdict(list)
    for day in days.values():
        if len(day) > 1:
            met[tuple(sorted(each.mail.message for each in day)), _waited(facts, day)].append(day)
    ranked = sorted(met.items(), key=lambda one: (-len(_hit(one[1])), one[0]))
    for (messages, waited), its in ranked[:MOST]:
        yield _finding(facts, messages, its, waited=waited)
    if left := [day for _, its in ranked[MOST:] for day in its]:
        what = f"Other messages met on one day in {len(ranked) - MOST} further ways, for {people(len(_hit(left)))}."
        yield Finding(KIND, Weight.KNOW, what, "Look at the calendars of the arms below.")


def _hit(days: list[Day]) -> set[int]:
    return {day[0].person.record.id for day in days}


def _of_one(day: Day) -> bool:
    """Whether all mails of a day are about one window."""
    return len({(one.mail.timepoint, one.mail.occurrence) for one in day}) == 1


def _waited(facts: Facts, day: Day) -> bool:
    """Whether an invitation left so late, after a pause or a move, that it met a reminder planned for a later day."""
    last = day[-1].mail
    planned = facts.protocol.timepoint(last.timepoint).reminders[last.reminder - 1].after if last.reminder else None
    return planned is not None and planned.days > 0 and _of_one(day)


def _finding(facts: Facts, messages: tuple[str, ...], days: list[Day], *, waited: bool) -> Finding:
    hit, first = _hit(days), days[0]
    what = (
        f"{people(len(hit))} of {len(facts.randomized)} got {len(messages)} mails on one day, on "
        f"{many(len(days), 'day')} in all: {listed(list(dict.fromkeys(messages)))}."
    )
    same = all(map(_of_one, days))
    weight = Weight.MEND if len(messages) >= TOO_MANY else Weight.KNOW if same else Weight.LOOK
    mend = (
        "The reminder leaves on the day of its invitation: give it `after` a day or more if that is not meant."
        if same
        else "Move the days or the time of one of them, or ask both in one timepoint, which sends one mail."
    )
    if waited:
        mend = "Nothing to mend: the first had waited, for a pause or the morning, and so met the second on its day."
    last = first[-1].mail
    return Finding(
        KIND,
        weight,
        what,
        mend,
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
