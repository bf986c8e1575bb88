"""Keeping what stands in a form that is not sent yet: by its script every few seconds, or by a button of its own."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Response
from fastapi.responses import PlainTextResponse

from trial.services import drafts, sitting
from trial.services.drafts import Saved
from trial.web.participant.activity import opened_at, show_now
from trial.web.participant.proof import with_code
from trial.web.participant.session import may_see_draft, submission_of
from trial.web.participant.visit import Page, Visit

# what a script is told, by status alone: the words that people read stand on the page
_STATUS: dict[Saved, int] = {
    "saved": 200,
    "nothing": 204,
    "too_long": 413,
    "done": 410,
    "closed": 410,
    "stopped": 410,
    "elsewhere": 409,
}


def show_draft(visit: Visit) -> Response:
    """There is no page of drafts: the form is shown, with what was typed where its token did not fit."""
    if visit.form.get("quietly") == "yes":
        return PlainTextResponse("", 403)
    return show_now(visit) if visit.form else visit.go("/now")


def save(visit: Visit) -> Response:
    session, form = visit.session, visit.form
    if session.participant is None or session.occasion is None:
        return _told(403) if _quiet(visit) else visit.no_session()
    if form.get("submission") != submission_of(visit.site.secret, session):  # a page of this visit's occasion before
        visit.again = not _quiet(visit)
        return _told(409) if _quiet(visit) else show_now(visit)
    opened = opened_at(visit)
    with visit.site.open_work(visit.actor) as work:
        before = drafts.of(work, session.participant, session.occasion) if "page" in form else None
        saved = drafts.save(
            work,
            session.participant,
            session.occasion,
            sitting.merged(
                form, before, seen=before is not None and may_see_draft(session, before, opened or work.now)
            ),
            place=_number(form.get("page", "")),
            active_seconds=form.get("active", ""),
            opened_at=opened,
            browser=session.browser,
            proven=session.is_proved(opened or work.now),
            emptied=form.get("drafted") == "yes",
        )
    if _quiet(visit):
        return _told(_STATUS[saved])
    if saved in ("saved", "nothing"):
        return visit.go("/done", replace(session, after="later" if saved == "saved" else "nothing_yet"))
    return show_now(visit)


def _quiet(visit: Visit) -> bool:
    return visit.form.get("quietly") == "yes"


def _told(status: int) -> Response:
    return PlainTextResponse("", status)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def show_mine(visit: Visit) -> Response:
    """The activity again, after a fresh code: then with what the person typed or wrote before."""
    return visit.go("/now")


PAGES = (Page("/draft", show_draft, save), Page("/now/mine", with_code(show_mine)))
