"""Stopping: the exercises, the questionnaires, or everything. One step, no questions that must be answered."""

from __future__ import annotations

from trial.core.delivery import Contact
from trial.core.events import Event
from trial.core.participant import STOP_REASONS, UNSUBSCRIBED, StopLevel
from trial.storage import events, participants
from trial.storage.work import Work

_EVENTS = {
    StopLevel.EXERCISES: Event.STOPPED_EXERCISES,
    StopLevel.QUESTIONNAIRES: Event.STOPPED_QUESTIONNAIRES,
    StopLevel.EVERYTHING: Event.STOPPED_EVERYTHING,
}


_OF_STREAM = {"exercises": StopLevel.EXERCISES, "questionnaires": StopLevel.QUESTIONNAIRES}


def unsubscribe(work: Work, contact: Contact) -> None:
    """The mail program's own button (RFC 8058): mails of this stream end, those of the other and our own go on."""
    stop(work, contact.participant_id, _OF_STREAM[contact.stream], UNSUBSCRIBED)


def stop(work: Work, participant_id: int, level: StopLevel, reason: str) -> None:
    """Record the wish; mails not yet begun are not sent. Exercises and questionnaires together are everything."""
    person = participants.by_id(work, participant_id, lock=True)
    if person.stopped in (level, StopLevel.EVERYTHING):
        return
    if person.stopped is not None:
        level = StopLevel.EVERYTHING
    known = reason if reason in (*STOP_REASONS, UNSUBSCRIBED) else "not_said"
    participants.stop(work, person.id, level, known)
    events.write(work, _EVENTS[level], trial_id=person.trial_id, participant_id=person.id, detail={"reason": known})
