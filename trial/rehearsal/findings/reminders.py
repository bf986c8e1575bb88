"""Reminders: which brought answers, which brought none, and which nobody needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from reports.numbers import percent
from trial.core.delivery import QUIET
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import ENOUGH, Facts, Like, as_one, many, people
from trial.rehearsal.findings.not_sent import WHY_NOT
from trial.stats.two_proportions import wilson

KIND = "reminders"
FEW = 0.05
USELESS = 0.1  # the most that may be true of a reminder that is said to bring nothing
MOST = 6  # of what is told one by one


@dataclass(slots=True)
class _Tally:
    planned: int = 0
    sent: int = 0
    brought: int = 0
    could_not: int = 0
    people: set[int] = field(default_factory=set)


def find(facts: Facts) -> Iterator[Finding]:
    """Reminders that nobody needed, those that brought nothing by their mend, and all others: each in one."""
    tallies, useful = _tallies(facts), []
    unneeded: list[Like] = []
    useless: dict[str, list[Like]] = defaultdict(list)
    for (point, number), one in tallies.items():
        timepoint = facts.protocol.timepoint(point)
        reminder = timepoint.reminders[number - 1]
        place = facts.at(point, "reminders", number - 1)
        name = f"Reminder {number} of “{facts.point(point)}” (`{reminder.message}`, after {reminder.after})"
        rests = facts.assume("needs_reminder")
        if not one.sent:
            # what could not leave is found by the modules about nights and about mails that never left
            if one.planned < ENOUGH or one.could_not:
                continue
            what = f"{name} was planned {many(one.planned, 'time')} and nobody needed it."
            mend = "Take it out, or send it earlier; or keep it for people who are slower than these."
            found = Finding(KIND, Weight.LOOK, what, mend, place, rests_on=rests)
            unneeded.append(Like(found, f"{name}, {one.planned} times", one.planned))
        elif len(one.people) >= ENOUGH and wilson(one.brought, one.sent)[1] < USELESS:
            what = (
                f"{name} left {many(one.sent, 'time')} of {one.planned} planned and brought "
                f"{percent(one.brought, one.sent)} of those an answer."
            )
            exercise = any(facts.protocol.is_exercise(activity) for activity in timepoint.activities)
            less = "" if exercise else ", or let it ask for less (`primary_only`)"
            mend = f"Take it out{less}: it costs patience and brings nothing."
            share = 1 - one.brought / one.sent
            found = Finding(KIND, Weight.LOOK, what, mend, place, share=share, rests_on=rests)
            useless[mend].append(Like(found, f"{name}, {percent(one.brought, one.sent)} of {one.sent}", share))
        else:
            useful.append((f"“{facts.point(point)}”, reminder {number}:", one))
    yield from as_one(unneeded)
    for alike in useless.values():
        yield from as_one(alike)
    yield from _useful(facts, useful)
    yield from _many_to_one(facts)


def _useful(facts: Facts, useful: list[tuple[str, _Tally]]) -> Iterator[Finding]:
    """How many answers the others brought."""
    sent, brought = sum(one.sent for _, one in useful), sum(one.brought for _, one in useful)
    if not sent:
        return
    each = [f"{name} {one.brought} of {one.sent}" for name, one in useful]
    shown = ", ".join(each[:MOST]) + (f" and {len(each) - MOST} more" if len(each) > MOST else "")
    share = f" ({percent(brought, sent)})" if sent >= ENOUGH else ""
    what = f"{many(sent, 'reminder')} left and brought {many(brought, 'answer')}{share}: {shown}."
    mend = "Keep them, if an answer is worth that many mails to those who do not answer."
    place, rests = facts.place("timepoints"), facts.assume("needs_reminder")
    yield Finding(KIND, Weight.KNOW, what, mend, place, share=1 - brought / sent, rests_on=rests)


def _tallies(facts: Facts) -> dict[tuple[str, int], _Tally]:
    answered = {one.occasion.id: one.sheet.submitted_at for one in facts.windows if one.sheet is not None}
    found: dict[tuple[str, int], _Tally] = defaultdict(_Tally)
    about: dict[int, list[tuple[float, int, str]]] = defaultdict(list)
    for one in facts.mails:
        if one.reminder:
            tally = found[one.timepoint, one.reminder]
            tally.planned += 1
            tally.could_not += one.reason in (QUIET, *WHY_NOT)
        at = facts.lived.sent_at.get(one.id)
        if at is not None and one.occasion_id is not None:
            about[one.occasion_id].append((at.timestamp(), one.reminder, one.timepoint))
            if one.reminder:
                found[one.timepoint, one.reminder].sent += 1
                found[one.timepoint, one.reminder].people.add(one.participant_id)
    for occasion, mails in about.items():
        if occasion in answered:
            before = [each for each in mails if each[0] <= answered[occasion].timestamp()]
            if before and max(before)[1]:
                found[max(before)[2], max(before)[1]].brought += 1
    return dict(sorted(found.items()))


def _many_to_one(facts: Facts) -> Iterator[Finding]:
    """How many reminders in a row came to people who never answered any."""
    unanswered: dict[int, int] = defaultdict(int)
    done = {one.person.record.id for one in facts.windows if one.sheet is not None}
    for each in facts.sent:
        if each.mail.reminder and each.person.record.id not in done:
            unanswered[each.person.record.id] += 1
    most = max(unanswered.values(), default=0)
    if most >= 5:
        hit = [one for one, count in unanswered.items() if count >= 5]
        what = (
            f"{people(len(hit))} of {len(facts.randomized)} never answered anything after the baseline and got five "
            f"reminders or more, at most {most}."
        )
        mend = (
            "Send fewer reminders to those who have answered nothing so far, or let people choose fewer on their page."
        )
        share = len(hit) / max(len(facts.randomized), 1)
        rests = facts.assume("lost")
        weight = Weight.LOOK if share > FEW and len(facts.randomized) >= ENOUGH else Weight.KNOW
        yield Finding(KIND, weight, what, mend, facts.place("timepoints"), share=share, rests_on=rests)
