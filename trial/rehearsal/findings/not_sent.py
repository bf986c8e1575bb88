"""Mails that were planned and never left, though the person still wanted them, and mails that came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trial.core.delivery import Contact, ContactState
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import ENOUGH, Facts, listed, many, people

KIND = "mails that never left"
CLOSED, LATE = WHY_NOT = ("window_closed", "past_latest_useful_time")
SHARE = 0.1  # of the people, whose mailboxes refuse: more than that is a list bought somewhere


def find(facts: Facts) -> Iterator[Finding]:
    """By reason; bounces last."""
    by_reason: dict[str, list[Contact]] = {CLOSED: [], LATE: []}
    for one in facts.mails:
        if one.reason in by_reason:
            by_reason[one.reason].append(one)
    if closed := by_reason[CLOSED]:
        what = (
            f"{many(len(closed), 'mail')} never left, for the window was closed when they were due: {_names(closed)}."
        )
        mend = "Let the window close later, or the mail leave earlier."
        yield _finding(facts, what, mend, closed, Weight.MEND)
    if late := by_reason[LATE]:
        what = f"{many(len(late), 'mail')} never left, for they could only have left too late: {_names(late)}."
        mend = "Raise `latest` of the message if it is still worth having then."
        yield _finding(facts, what, mend, late, Weight.LOOK)
    failed = [one for one in facts.mails if one.state is ContactState.FAILED]
    if failed:
        what = f"{many(len(failed), 'mail')} failed after every attempt: {_names(failed)}."
        yield _finding(facts, what, "Look at the ledger of the rehearsal.", failed, Weight.LOOK)
    yield from _bounced(facts)


def _names(mails: list[Contact]) -> str:
    return listed([name for name, _ in Counter(one.message for one in mails).most_common()])


def _finding(facts: Facts, what: str, mend: str, mails: list[Contact], weight: Weight) -> Finding:
    one = mails[0]
    place = facts.at(one.timepoint, *(("reminders", one.reminder - 1) if one.reminder else ("closes_after",)))
    return Finding(KIND, weight, what, mend, place, share=len(mails) / max(len(facts.mails), 1))


def _bounced(facts: Facts) -> Iterator[Finding]:
    gone = [one for one in facts.randomized if one.record.bounced_at is not None]
    if not gone:
        return
    share = len(gone) / len(facts.randomized)
    what = (
        f"The addresses of {people(len(gone))} of {len(facts.randomized)} stopped taking mails; nothing more reached "
        f"them. Each stands in the desk's list of missing mails."
    )
    mend = "Ask for a second way to reach people, or have somebody look at that list each week."
    weight = Weight.LOOK if share > SHARE and len(facts.randomized) >= ENOUGH else Weight.KNOW
    yield Finding("bounces", weight, what, mend, share=share, rests_on=facts.assume("lost_mailbox"))
