"""A change of address is taken back from the old address: its mail's link leads here and to no other page."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Response

from trial.pages.my_page import BackPage, back_page
from trial.services import addresses, trials
from trial.web.participant.visit import Page, Visit


def show_back(visit: Visit, *, wrong: bool = False) -> Response:
    if visit.session.undo is None:
        return visit.no_session()
    with visit.site.open_work(visit.actor, write=False) as work:
        person = addresses.may_undo(work, visit.session.undo)
        trial = trials.find(work, visit.session.slug)
        folder = trials.folder(work, person.protocol_id if person else trial.protocol_id)
    if person is None:
        return visit.no_session()
    frame = visit.frame(trial, folder, language=person.language)
    return visit.page(back_page(frame, BackPage(wrong)), 422 if wrong else 200)


def undo(visit: Visit) -> Response:
    """Only a typed code does it: who opens a link, or presses what is there, changes nothing."""
    if visit.session.undo is None:
        return visit.no_session()
    typed = visit.form.get("code", "").strip()
    if not typed:
        return show_back(visit, wrong=True)
    with visit.site.open_work(visit.actor) as work:
        done = addresses.undo(work, visit.session.undo, typed)
    if not done:
        return show_back(visit, wrong=True)
    visit.site.ring()
    return visit.go("/done", replace(visit.session, undo=None, after="address_back"))


PAGES = (Page("/address-back", show_back, undo),)
