"""Beside an activity: not today, and this upset me. Both want something chosen, and neither is a withdrawal."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from fastapi import Response

from trial.core.answers import LONGEST_TEXT
from trial.pages.aside import NotTodayPage, UpsetPage, not_today_page, upset_page
from trial.pages.frame import Frame
from trial.services import answers, harms, passing_over
from trial.services.answers import Shown
from trial.services.harms import WISHES, Wish
from trial.web.participant.visit import Page, Visit


def _shown(visit: Visit) -> Shown | None:
    """The activity of this visit; None where there is none."""
    session = visit.session
    if session.participant is None or session.occasion is None:
        return None
    with visit.site.open_work(visit.actor, write=False) as work:
        return answers.show(work, session.participant, session.occasion)


def _nothing(visit: Visit) -> Response:
    return visit.no_session() if visit.session.participant is None else visit.go("/done")


def _frame(visit: Visit, shown: Shown) -> Frame:
    return visit.frame(shown.trial, shown.folder, language=shown.participant.language, personal=True)


def show_not_today(visit: Visit, *, missing: bool = False) -> Response:
    shown = _shown(visit)
    if shown is None or not shown.is_exercise:
        return _nothing(visit) if shown is None else visit.go("/now")
    return visit.page(not_today_page(_frame(visit, shown), NotTodayPage(missing)), 422 if missing else 200)


def not_today(visit: Visit) -> Response:
    session, when = visit.session, visit.form.get("when")
    if session.participant is None or session.occasion is None:
        return _nothing(visit)
    if when == "later":
        return visit.go("/done", replace(session, after="later_today"))
    if when != "not_today":
        return show_not_today(visit, missing=True)
    with visit.site.open_work(visit.actor) as work:
        passing_over.pass_over(work, session.participant, session.occasion)
    return visit.go("/done", replace(session, after="passed_over"))


def show_upset(visit: Visit, *, missing: bool = False, too_long: bool = False) -> Response:
    shown = _shown(visit)
    if shown is None:
        return _nothing(visit)
    view = UpsetPage(
        wishes=_wishes(shown),
        wish=visit.form.get("wish", ""),
        contact=visit.form.get("contact") == "yes",
        text=visit.form.get("text", ""),
        missing=missing,
        too_long=too_long,
    )
    return visit.page(upset_page(_frame(visit, shown), view), 422 if missing or too_long else 200)


def _wishes(shown: Shown) -> tuple[Wish, ...]:
    """A questionnaire cannot be left out for good here: that is what the page for stopping is there for."""
    return WISHES if shown.is_exercise else ("today", "help")


def upset(visit: Visit) -> Response:
    session, form = visit.session, visit.form
    shown = _shown(visit)
    if shown is None or session.participant is None or session.occasion is None:
        return _nothing(visit)
    text = form.get("text", "").strip()
    wish = next((one for one in _wishes(shown) if one == form.get("wish")), None)
    contact = form.get("contact") == "yes"
    if len(text) > LONGEST_TEXT:
        return show_upset(visit, too_long=True)
    if wish is None and not contact and not text:
        return show_upset(visit, missing=True)
    # the same wish and words from the same visit are the same report, however often the button was pressed
    said = f"upset|{session.id}|{session.occasion}|{wish}|{contact}|{text}"
    with visit.site.open_work(visit.actor) as work:
        harms.upset(
            work,
            session.participant,
            session.occasion,
            text,
            wish=wish,
            wants_contact=contact,
            submission=hashlib.sha256(said.encode()).hexdigest(),
        )
    return visit.go("/help" if wish == "help" else "/done", replace(session, after="upset"))


PAGES = (Page("/not-today", show_not_today, not_today), Page("/upset", show_upset, upset))
