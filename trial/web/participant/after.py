"""The page that follows a step: where a post ends, and where there is nothing to do."""

from __future__ import annotations

from fastapi import Response

from trial.core.participant import ParticipantState
from trial.pages import activities
from trial.pages.activities import AFTER, After
from trial.services import enrolment, trials
from trial.web.participant.first_mail import first_mail
from trial.web.participant.session import ALLOCATED
from trial.web.participant.visit import Page, Visit

# of these nothing was collected yet that could be stopped
_NOT_YET = (ParticipantState.ADDRESS_GIVEN, ParticipantState.CONFIRMED, ParticipantState.DECLINED)


def show_done(visit: Visit) -> Response:
    session = visit.session
    if session.participant is None and not session.slug:
        return visit.no_session()
    with visit.site.open_work(visit.actor, write=False) as work:
        person = enrolment.participant(work, session.participant) if session.participant is not None else None
        trial = trials.find(work, session.slug)
        folder = trials.folder(work, person.protocol_id if person else trial.protocol_id)
    taking_part = person is not None and person.state not in _NOT_YET
    frame = visit.frame(trial, folder, language=person.language if person else "", personal=taking_part)
    if session.after == ALLOCATED and person is not None and person.randomized_at is not None:
        first = first_mail(folder.protocol, person.randomized_at, person.zone)
        return visit.page(activities.allocated_page(frame, activities.Allocated(first, person.zone)))
    after: After = next((one for one in AFTER if one == session.after), "nothing")
    return visit.page(activities.after_page(frame, after))


PAGES = (Page("/done", show_done),)
