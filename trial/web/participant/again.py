"""A newer version of the study: what has changed, and a yes, a no, or later."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Response

from trial.pages import joining
from trial.services import reconsent
from trial.services.consent import Consented
from trial.services.reconsent import Asked
from trial.web.participant.consenting import NOTHING, form_page, said
from trial.web.participant.visit import Page, Visit


def show_again(visit: Visit, *, result: Consented = NOTHING) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    with visit.site.open_work(visit.actor, write=False) as work:
        asked = reconsent.asked(work, visit.session.participant)
    if asked is None:
        return visit.go("/now")
    language = visit.chosen if visit.chosen in asked.newest.protocol.languages else asked.person.language
    frame = visit.frame(asked.trial, asked.newest, language=language, personal=True)
    changes = _shown(asked)
    view = replace(form_page(visit, asked.newest, language, result), again=True, changes=changes)
    return visit.page(joining.consent_page(frame, view), 422 if result.missing or result.wrong else 200)


def answer_again(visit: Visit) -> Response:
    person = visit.session.participant
    if person is None:
        return visit.no_session()
    if visit.form.get("answer") == "stay":
        if visit.form.get("stay") != "yes":
            return show_again(visit)
        with visit.site.open_work(visit.actor) as work:
            reconsent.stay(work, person)
        return visit.go("/now")
    with visit.site.open_work(visit.actor) as work:
        result = reconsent.consent_again(work, person, **said(visit))
    return show_again(visit, result=result) if result.missing or result.wrong else visit.go("/now")


def show_changed(visit: Visit) -> Response:
    """What holds now and was not so when the person signed: to read, nothing is asked."""
    if visit.session.participant is None:
        return visit.no_session()
    with visit.site.open_work(visit.actor, write=False) as work:
        moved = reconsent.moved(work, visit.session.participant)
    if moved is None:
        return visit.go("/me")
    frame = visit.frame(moved.trial, moved.newest, language=moved.person.language, personal=True)
    text = moved.newest.text(moved.newest.protocol.consent.information, frame.language)
    changes = _shown(moved)
    return visit.page(joining.changed_page(frame, joining.ChangedPage(text, changes)))


def _shown(asked: Asked) -> tuple[tuple[str, str, str, str], ...]:
    own = asked.person.language
    return tuple((one.part, one.before, one.after, reconsent.language_of(one, own)) for one in asked.changes)


PAGES = (Page("/again", show_again, answer_again), Page("/changed", show_changed))
