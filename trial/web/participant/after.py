"""The page that follows a step: where a post ends, and where there is nothing to do."""

from __future__ import annotations

from fastapi import Response

from trial.core.participant import ParticipantState
from trial.core.recall import filled
from trial.core.texts import say
from trial.pages import activities
from trial.pages.activities import AFTER, After
from trial.pages.exercises import WentPage, went_page
from trial.services import earlier, enrolment, trials
from trial.services.earlier import Went
from trial.storage.work import Work
from trial.web.participant.first_mail import first_mail
from trial.web.participant.session import ALLOCATED, Session
from trial.web.participant.visit import Page, Visit

# of these nothing was collected yet that could be stopped
_NOT_YET = (ParticipantState.ADDRESS_GIVEN, ParticipantState.CONFIRMED, ParticipantState.DECLINED)

# where a post of an activity leads
_SENT = ("kept", "already", ALLOCATED, "recruitment_closed", "enrolment_held")


def show_done(visit: Visit) -> Response:
    session = visit.session
    if session.participant is None and not session.slug:
        return visit.no_session()
    with visit.site.open_work(visit.actor, write=False) as work:
        person = enrolment.participant(work, session.participant) if session.participant is not None else None
        trial = trials.find(work, session.slug)
        folder = trials.folder(work, person.protocol_id if person else trial.protocol_id)
        cards = _cards(visit, work)
    taking_part = person is not None and person.state not in _NOT_YET
    frame = visit.frame(trial, folder, language=person.language if person else "", personal=taking_part)
    if cards and person is not None:
        return visit.page(went_page(frame, _went(cards, person.language, _leads_on(session))))
    if session.after == ALLOCATED and person is not None and person.randomized_at is not None:
        first = first_mail(folder.protocol, person.randomized_at, person.zone)
        return visit.page(activities.allocated_page(frame, activities.Allocated(first, person.zone)))
    after: After = next((one for one in AFTER if one == session.after), "nothing")
    return visit.page(activities.after_page(frame, after))


def _cards(visit: Visit, work: Work) -> list[Went]:
    """How the cards went that were just sent; nothing once the person has gone on from there."""
    session = visit.session
    if session.participant is None or session.cards is None or session.after not in _SENT:
        return []
    return [] if "on" in visit.request.query_params else earlier.went(work, session.participant, session.cards)


def _leads_on(session: Session) -> str:
    """Where the page with the cards leads: to what is asked in the same sitting, to a page of its own, or nowhere."""
    if session.occasion != session.cards:
        return "/now"
    return "" if session.after in ("kept", "already") else "/done?on"


def _went(cards: list[Went], language: str, leads_on: str) -> WentPage:
    said = ((one.card, one.card.remembered if one.remembered else one.card.forgotten) for one in cards)
    return WentPage(tuple((filled(card, language), say(words, language)) for card, words in said), leads_on)


PAGES = (Page("/done", show_done),)
