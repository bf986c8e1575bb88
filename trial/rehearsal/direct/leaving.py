"""Stopping, telling that something is not right, and the last page."""

from __future__ import annotations

import hashlib

from trial.core.answers import LONGEST_TEXT
from trial.core.participant import STOP_REASONS, Participant, ParticipantState, StopLevel
from trial.core.protocol import TrialProtocol
from trial.rehearsal.direct.visit import ASKED_AGAIN, Answer, Query, Told, Visit, form, ticks
from trial.rehearsal.forms import Field
from trial.services import ending, enrolment, harms, stopping, trials


def show_stop(visit: Visit, _: Query, *, status: int = 200) -> Answer:
    if visit.state.participant is None:
        return Told("/stop")
    person, protocol = _person(visit, visit.state.participant)
    if person.stopped is StopLevel.EVERYTHING:
        return Told("/stop")
    levels = [one.value for one in _levels(person, protocol)]
    reasons = Field("reason", "select", "", list(reversed(STOP_REASONS)))
    return Told("/stop", form("/stop", Field("level", "radio", "", levels), reasons), status=status)


def stop(visit: Visit, sent: Query) -> Answer:
    if visit.state.participant is None:
        return Told("/stop")
    person, protocol = _person(visit, visit.state.participant)
    known = (*_levels(person, protocol), person.stopped)
    level = next((one for one in StopLevel if one in known and one.value == sent.get("level", "")), None)
    if level is None:
        return show_stop(visit, sent, status=ASKED_AGAIN)
    with visit.site.open_work(visit.actor) as work:
        stopping.stop(work, person.id, level, sent.get("reason", "not_said"))
    return "/done"


def _person(visit: Visit, participant_id: int) -> tuple[Participant, TrialProtocol]:
    with visit.site.open_work(visit.actor, write=False) as work:
        person = enrolment.participant(work, participant_id)
        return person, trials.folder(work, person.protocol_id).protocol


def _levels(person: Participant, protocol: TrialProtocol) -> tuple[StopLevel, ...]:
    offered: set[str] = set(protocol.withdrawal.levels)
    if person.stopped is not None or person.state is not ParticipantState.RANDOMIZED:
        offered = set()
    return tuple(one for one in StopLevel if one.value in offered or one is StopLevel.EVERYTHING)


def show_report(visit: Visit, _: Query, *, status: int = 200) -> Answer:
    if visit.state.participant is None:
        return Told("/report")
    return Told("/report", form("/report", Field("text", "textarea"), *ticks("wordless")), status=status)


def report(visit: Visit, sent: Query) -> Answer:
    state, text = visit.state, sent.get("text", "").strip()
    if state.participant is None:
        return Told("/report")
    if len(text) > LONGEST_TEXT or (not text and sent.get("wordless") != "yes"):
        return show_report(visit, sent, status=ASKED_AGAIN)
    with visit.site.open_work(visit.actor) as work:
        submission = hashlib.sha256(f"{state.id}|{state.occasion}|{text}".encode()).hexdigest()
        harms.report(work, state.participant, state.occasion, text, submission=submission)
    return "/done"


def show_end(visit: Visit, _: Query) -> Answer:
    if visit.state.participant is not None:
        with visit.site.open_work(visit.actor, write=False) as work:
            ending.look(work, visit.state.participant)
    return Told("/end")
