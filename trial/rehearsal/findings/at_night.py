"""Mails at night, and mails that the quiet hours held back, by the clock where people live."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from trial.core.delivery import QUIET, Contact, ContactState
from trial.core.quiet import quiet_end
from trial.core.rehearsed import Finding, Place, Weight
from trial.rehearsal.findings.gathered import Facts, Sent, listed, many, people

KIND = "mails at night"
NIGHT_FROM, NIGHT_UNTIL = 22, 7


def find(facts: Facts) -> Iterator[Finding]:
    """What came at night; what was due in the quiet hours and waited, or never left for them."""
    night = [one for one in facts.sent if one.local.hour >= NIGHT_FROM or one.local.hour < NIGHT_UNTIL]
    if night:
        yield _at_night(facts, night)
    waited, lost = _held_back(facts)
    moved = [one for one in lost if _moved_meanwhile(facts, one)]
    if planned := [one for one in lost if one not in moved]:
        yield _lost(facts, planned)
    if moved:
        yield _by_moving(facts, moved, "never left")
    abroad = [one for one in waited if _moved_meanwhile(facts, one)]
    if at_home := [one for one in waited if one not in abroad]:
        yield _waited(facts, at_home)
    if abroad:
        yield _by_moving(facts, abroad, "waited for the morning")


def _hit(mails: list[Contact]) -> str:
    return people(len({one.participant_id for one in mails}))


def _names(mails: list[Contact]) -> str:
    return listed(sorted({one.message for one in mails}))


def _at_night(facts: Facts, night: list[Sent]) -> Finding:
    mails, first = [one.mail for one in night], night[0]
    what = (
        f"{many(len(night), 'mail')} came to {_hit(mails)} between {NIGHT_FROM}:00 and {NIGHT_UNTIL:02}:00 where they "
        f"live: {_names(mails)}."
    )
    example = f"{first.person.record.code} got {first.mail.message} at {first.local:%H:%M} ({first.local.tzinfo})."
    mend = "Move the time of the timepoint, or let the quiet hours begin earlier."
    share = len({one.participant_id for one in mails}) / max(len(facts.randomized), 1)
    return Finding(KIND, Weight.LOOK, what, mend, _place(facts, first.mail), example, share)


def _place(facts: Facts, mail: Contact) -> Place:
    if mail.reminder:
        return facts.at(mail.timepoint, "reminders", mail.reminder - 1)
    point = facts.protocol.timepoint(mail.timepoint)
    return facts.at(mail.timepoint, "chosen_from" if point.chosen_from else "between" if point.between else "time")


def _held_back(facts: Facts) -> tuple[list[Contact], list[Contact]]:
    """(left after the quiet hours that they were planned in, never left for them)."""
    waited, lost = [], []
    for one in facts.mails:
        zone, planned = facts.zone_at(facts.people[one.participant_id], one.due_at), facts.planned_at(one)
        left = facts.lived.sent_at.get(one.id)
        if one.state is ContactState.SKIPPED_LATE and one.reason == QUIET:
            lost.append(one)
        elif left is not None and left > planned and quiet_end(facts.protocol.calendar, planned, zone) is not None:
            waited.append(one)
    return waited, lost


def _lost(facts: Facts, lost: list[Contact]) -> Finding:
    what = f"{many(len(lost), 'mail')} to {_hit(lost)} never left: the quiet hours lasted too long for {_names(lost)}."
    mend = "Move the time out of the quiet hours, or raise `latest` of the message."
    share = len(lost) / max(len(facts.mails), 1)
    return Finding(KIND, Weight.MEND, what, mend, _place(facts, lost[0]), _when(facts, lost[0]), share)


def _moved_meanwhile(facts: Facts, mail: Contact) -> bool:
    """Whether it is night where somebody moved to since the window opened, and would not be where they were."""
    before, now = facts.zone_when_opened(mail), facts.zone_at(facts.people[mail.participant_id], mail.due_at)
    return before != now and quiet_end(facts.protocol.calendar, facts.planned_at(mail), before) is None


def _waited(facts: Facts, waited: list[Contact]) -> Finding:
    calendar = facts.protocol.calendar
    what = (
        f"{many(len(waited), 'mail')} to {_hit(waited)} waited for the end of the quiet hours "
        f"({calendar.quiet_from} to {calendar.quiet_until}): {_names(waited)}."
    )
    mend = "Move the time out of the quiet hours, so that the calendar says what happens."
    weight, share = Weight.LOOK, len(waited) / max(len(facts.mails), 1)
    if all(facts.protocol.timepoint(one.timepoint).time == "at_once" for one in waited):
        weight, mend = (
            Weight.KNOW,
            "Nothing to mend: the hour follows from one that the people chose.",
        )
    return Finding(KIND, weight, what, mend, _place(facts, waited[0]), _when(facts, waited[0]), share)


def _by_moving(facts: Facts, moved: list[Contact], became: str) -> Finding:
    what = (
        f"{many(len(moved), 'mail')} to {_hit(moved)} {became}, for they moved to another zone while the window was "
        f"open, and it was night there: {_names(moved)}."
    )
    mend = "Nothing to mend: whatever opens after a move keeps to the new zone."
    share = len(moved) / max(len(facts.mails), 1)
    rests = facts.assume("changes_zone")
    return Finding(KIND, Weight.KNOW, what, mend, _place(facts, moved[0]), _when(facts, moved[0]), share, rests)


def _when(facts: Facts, mail: Contact) -> str:
    person = facts.people[mail.participant_id]
    zone = facts.zone_at(person, mail.due_at)
    local = facts.planned_at(mail).astimezone(ZoneInfo(zone))
    return f"{mail.message} for {person.record.code} was due at {local:%H:%M} ({zone})."
