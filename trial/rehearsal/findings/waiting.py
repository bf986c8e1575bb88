"""Waiting: enrolments that were held for a person to look at, arms that wait, and mails that were held."""

from __future__ import annotations

from collections.abc import Iterator

from trial.core.delivery import ContactState
from trial.core.participant import ParticipantState
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import Facts, many, people

KIND = "waiting and holds"


def find(facts: Facts) -> Iterator[Finding]:
    """Held people, held mails, and what became of an arm that waits."""
    held = [one for one in facts.lived.people if one.record.state is ParticipantState.HELD]
    if held:
        what = f"{people(len(held))} finished the baseline and were held for somebody to look at; nobody did."
        mend = "Plan who looks at held enrolments each day, or hold for fewer signals."
        share = len(held) / len(facts.lived.people)
        place, rests = facts.place("eligibility", "guard"), facts.assume("robots", "comes_again", "comes_as_another")
        yield Finding(KIND, Weight.LOOK, what, mend, place, share=share, rests_on=rests)
    mails = [one for one in facts.mails if one.state is ContactState.HELD]
    if mails:
        what = (
            f"{many(len(mails), 'mail')} to {people(len({one.participant_id for one in mails}))} were held to the end."
        )
        mend = "Somebody who writes “stop” waits for a person to decide what was meant: plan who does."
        share, rests = len(mails) / max(len(facts.mails), 1), facts.assume("writes_stop")
        yield Finding(KIND, Weight.LOOK, what, mend, share=share, rests_on=rests)
    yield from _waiting_arm(facts)


def _waiting_arm(facts: Facts) -> Iterator[Finding]:
    waits = facts.protocol.design.waitlist
    people_ = facts.of_arm(waits.arm) if waits else []
    if waits is None or not people_:
        return
    gone = sum(
        one.record.stopped_at is not None and (one.day(one.record.stopped_at) or 0) < waits.release_after_day
        for one in people_
    )
    did = sum(any(facts.protocol.is_exercise(sheet.activity) for sheet in one.sheets) for one in people_)
    what = (
        f"The waiting list lasts {many(waits.release_after_day, 'day')}: {people(gone)} of {len(people_)} stopped "
        f"while they waited, and {did} did an exercise once it was their turn."
    )
    mend = "Write to those who wait now and then, and say on which day it is their turn."
    share, place = gone / len(people_), facts.place("design", "waitlist")
    rests = facts.assume("lost", "drops_exercises")
    yield Finding(KIND, Weight.KNOW, what, mend, place, share=share, rests_on=rests)
