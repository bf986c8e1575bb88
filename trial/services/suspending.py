"""Mail to somebody stands still because they wrote "stop": nothing is lost, and nothing counts as a withdrawal.

A person of the team decides what was meant: stopping, a pause, or going on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.matters import Matter, MatterKind
from trial.core.participant import Participant, StopLevel
from trial.services import missing_mails, preferences, stopping
from trial.storage import events, held, matters, participants
from trial.storage.work import Work

Decision = Literal["everything", "exercises", "questionnaires", "pause", "go_on"]
DECISIONS: tuple[Decision, ...] = Decision.__args__  # type: ignore[attr-defined]
LONGEST_DAYS = 180
_SAID = {
    "everything": "Meant: stop everything.",
    "exercises": "Meant: stop the exercises.",
    "questionnaires": "Meant: stop the questionnaires.",
    "pause": "Meant: a pause of {days} days.",
    "go_on": "Meant no stop: mails go on.",
}


def suspend(work: Work, person: Participant) -> None:
    """From now on only mails that the person asks for themselves go out; what falls due is held."""
    if person.suspended_at is None:
        participants.change(work, person.id, suspended_at=work.now)
        events.write(work, Event.SUSPENDED, trial_id=person.trial_id, participant_id=person.id)


def decide(work: Work, matter_id: int, decision: str, *, days: int = 0) -> Matter:
    """What the person meant. Whatever is decided, what was held goes back to the queue and is looked at anew there."""
    access.require(work.by, Verb.ACT_ON_REPLY)
    matter = matters.by_id(work, matter_id, lock=True)
    if decision not in DECISIONS:
        raise Refused("Choose what the person meant.")
    if matter.kind is not MatterKind.REPLY or matter.participant_id is None:
        raise Refused("Nobody knows whose mail this is. Say whose it is first.")
    person = participants.by_id(work, matter.participant_id, lock=True)
    if decision == "pause":
        if not 1 <= days <= LONGEST_DAYS:
            raise Refused(f"A pause lasts between 1 and {LONGEST_DAYS} days.")
        preferences.pause(work, person.id, work.now + timedelta(days=days))
    elif decision != "go_on":
        stopping.stop(work, person.id, StopLevel(decision), "not_said")
    lift(work, person)
    missing_mails.acted(work, matter, {"words": _SAID[decision].format(days=days), "decision": decision})
    return matter


def lift(work: Work, person: Participant) -> None:
    """The suspension is over; a mail whose time has passed meanwhile is not sent any more."""
    if person.suspended_at is not None:
        participants.change(work, person.id, suspended_at=None)
        held.release_held_of(work, person.id)
        events.write(work, Event.SUSPENSION_ENDED, trial_id=person.trial_id, participant_id=person.id)
