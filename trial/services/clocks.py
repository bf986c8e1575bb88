"""New rules of time zones: what is planned and was not sent comes to its hour again where people live.

A planned mail keeps the instant that it was given. Countries change their clocks at short notice, and then that instant
is another hour on the wall: whoever updates the zones' rules has what is to come planned anew. Doing so twice changes
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from trial.core import access
from trial.core.access import Actor, Verb
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.participant import ParticipantState
from trial.services import planning
from trial.storage import events, participants, trials
from trial.storage.work import OpenWork


@dataclass(frozen=True, slots=True)
class Followed:
    """How many windows moved, and of how many people; over all arms."""

    windows: int
    people: int


def follow(open_work: OpenWork, by: Actor, slug: str) -> Followed:
    """Each person in a transaction of their own: nobody waits, and what is cut off goes on when it is run again."""
    with open_work(by, write=False) as work:
        access.require(work.by, Verb.AMEND)
        trial = trials.by_slug(work, slug)
        if trial.is_locked:
            raise Refused(f"The data of {slug} are frozen: nothing is to come any more.")
        found = [one.id for one in participants.of_trial(work, trial.id) if one.state is ParticipantState.RANDOMIZED]
    moved = [number for one in found if (number := _follow_one(open_work, by, one))]
    if moved:
        with open_work(by) as work:
            detail = {"windows": sum(moved), "people": len(moved)}
            events.write(work, Event.CLOCKS_FOLLOWED, trial_id=trial.id, detail=detail)
    return Followed(sum(moved), len(moved))


def _follow_one(open_work: OpenWork, by: Actor, participant_id: int) -> int:
    with open_work(by) as work:
        person = participants.by_id(work, participant_id, lock=True)
        return planning.follow_clocks(work, person, trials.folder_of(work, person.protocol_id).protocol)
