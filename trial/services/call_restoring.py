"""Calls after a restore: nobody knows which left after the backup, and what the team did since.

They are judged anew by what stands in the database now, and not held as mails to participants are: an alert must not
wait until somebody remembers to release it, and a call too many, which names nobody, harms nobody. A matter that is
open calls the one person whose turn it is, with words that say why, and goes on by its clock. What concerns no matter
is not sent again: whoever wants a test asks for one, and an invitation is renewed on the team's page, for the keys of
its link are others now.
"""

from __future__ import annotations

from dataclasses import dataclass

from trial.core.matters import MatterState
from trial.services.call_letters import INVITATION, RESTORED
from trial.services.call_plans import chain_of
from trial.storage import calls, invitations, matters
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Left:
    """What a restore leaves to people: invitations to renew by hand, and matters that call once more."""

    invitations: int
    matters: int


def judge_anew(work: Work) -> None:
    """In the transaction of the restore: what was due or in hand ends, and what is still open calls now."""
    aside = calls.set_aside(work)
    for number in sorted({one.matter_id for one in aside if one.matter_id is not None}):
        matter = matters.by_id(work, number)
        if matter.state is MatterState.OPEN:
            step = chain_of(matter).turn(work.now)
            calls.plan(work, matter.trial_id, RESTORED, matter_id=matter.id, step=step, due_at=work.now)


def left(work: Work, trial_id: int) -> Left:
    """What the restore left in a trial, as things stand."""
    ended = [one for one in calls.of_purpose(work, trial_id, INVITATION) if one.reply == calls.SET_ASIDE]
    waiting = {one.id for one in invitations.waiting(work, trial_id)}
    again = [one for one in calls.of_purpose(work, trial_id, RESTORED) if one.ended_at is None]
    return Left(sum(one.invitation_id in waiting for one in ended), len({one.matter_id for one in again}))
