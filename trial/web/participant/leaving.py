"""Stop or change, and something is not right: one step away from every activity."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from fastapi import Response

from trial.core.answers import LONGEST_TEXT
from trial.core.participant import Participant, ParticipantState, StopLevel
from trial.core.protocol import TrialProtocol
from trial.pages import activities
from trial.pages.frame import Frame
from trial.pages.leaving import ReportPage, StopPage, report_page, stop_page
from trial.services import enrolment, harms, stopping, trials
from trial.web.participant.visit import Page, Visit


def _person(visit: Visit, participant_id: int) -> tuple[Frame, Participant, TrialProtocol]:
    with visit.site.open_work(visit.actor, write=False) as work:
        person = enrolment.participant(work, participant_id)
        trial = trials.find(work, visit.session.slug)
        folder = trials.folder(work, person.protocol_id)
    return visit.frame(trial, folder, language=person.language), person, folder.protocol


def show_stop(visit: Visit, *, missing: bool = False) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    frame, person, protocol = _person(visit, visit.session.participant)
    if person.stopped is StopLevel.EVERYTHING:
        return visit.page(activities.after_page(frame, "stopped_everything"))
    html = stop_page(frame, StopPage(levels=_levels(person, protocol), missing=missing))
    return visit.page(html, 422 if missing else 200)


def _levels(person: Participant, protocol: TrialProtocol) -> tuple[StopLevel, ...]:
    """What is left to stop of what the protocol offers; everything always, and before randomisation nothing else."""
    offered: set[str] = set(protocol.withdrawal.levels)
    if person.stopped is not None or person.state is not ParticipantState.RANDOMIZED:
        offered = set()
    return tuple(one for one in StopLevel if one.value in offered or one is StopLevel.EVERYTHING)


def stop(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    _, person, protocol = _person(visit, visit.session.participant)
    known = (*_levels(person, protocol), person.stopped)  # what was stopped already may be pressed again
    level = next((one for one in StopLevel if one in known and one.value == visit.form.get("level", "")), None)
    if level is None:
        return show_stop(visit, missing=True)
    with visit.site.open_work(visit.actor) as work:
        stopping.stop(work, visit.session.participant, level, visit.form.get("reason", "not_said"))
        stopped = enrolment.participant(work, visit.session.participant).stopped or level
    return visit.go("/done", replace(visit.session, after=f"stopped_{stopped.value}"))


def show_report(visit: Visit, *, too_long: bool = False, missing: bool = False) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    frame, _, _ = _person(visit, visit.session.participant)
    html = report_page(frame, ReportPage(visit.form.get("text", ""), too_long=too_long, missing=missing))
    return visit.page(html, 422 if too_long or missing else 200)


def report(visit: Visit) -> Response:
    session = visit.session
    if session.participant is None:
        return visit.no_session()
    text = visit.form.get("text", "").strip()
    if len(text) > LONGEST_TEXT:
        return show_report(visit, too_long=True)
    if not text and visit.form.get("wordless") != "yes":  # a press alone is no report: a scanner of mails presses too
        return show_report(visit, missing=True)
    with visit.site.open_work(visit.actor) as work:
        # the same words from the same visit are the same report, however often the button was pressed
        submission = hashlib.sha256(f"{session.id}|{session.occasion}|{text}".encode()).hexdigest()
        harms.report(work, session.participant, session.occasion, text, submission=submission)
    return visit.go("/done", replace(session, after="reported"))


PAGES = (Page("/stop", show_stop, stop), Page("/report", show_report, report))
