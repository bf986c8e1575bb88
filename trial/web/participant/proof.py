"""A fresh code: who came by a mail's link may do today's part; to see or change what is theirs, they type a code."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Response

from trial.pages.my_page import CodePage, code_page
from trial.services import codes, my_page, reconsent
from trial.web.forms import Form
from trial.web.participant.session import renewed
from trial.web.participant.visit import Handler, Page, Visit
from trial.web.rates import Budget


def with_code(handler: Handler) -> Handler:
    """The handler for who typed a fresh code in this browser; anybody else is asked for one, and led on after it."""

    def proved(visit: Visit) -> Response:
        if visit.session.participant is None:
            return visit.no_session()
        return handler(visit) if is_proved(visit) else ask_for_code(visit, str(visit.request.url.path))

    return proved


def is_proved(visit: Visit) -> bool:
    """Whether this browser typed a fresh code a short while ago; a finished trial's pages may be looked at."""
    with visit.site.open_work(visit.actor, write=False) as work:
        return visit.site.read_only or visit.session.is_proved(work.now)


def ask_for_code(visit: Visit, goal: str) -> Response:
    """To the page that asks for a code, and on to `goal`, a path of ours, once it was typed."""
    return visit.go("/me/code", replace(visit.session, goal=goal))


def show_code(visit: Visit, *, fault: str = "", sent: bool = False) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    with visit.site.open_work(visit.actor, write=False) as work:
        mine = my_page.mine(work, visit.session.participant)
        visit.newer = reconsent.is_asked(work, mine.person, mine.trial)
    frame = visit.frame(mine.trial, mine.folder, language=mine.person.language, personal=True)
    sent = sent or "sent" in visit.request.query_params
    back = "/now" if visit.session.goal.startswith("/now") else "/me"
    return visit.page(code_page(frame, CodePage(sent=sent, fault=fault, back=back)), 422 if fault else 200)


def send_or_check(visit: Visit) -> Response:
    """Two forms: a tick sends a code, a typed code proves who is here. A press alone does neither."""
    session = visit.session
    if session.participant is None:
        return visit.no_session()
    typed = visit.form.get("code", "").strip()
    if not typed:
        return _send(visit, session.participant)
    with visit.site.open_work(visit.actor) as work:
        if not codes.check(work, session.participant, "me", typed):
            return _wrong(visit)
        proved = work.now.isoformat()
    goal = session.goal or "/me"
    return visit.go(goal, renewed(session, proved=proved, goal=""))


def _wrong(visit: Visit) -> Response:
    return visit.go("/me/code?wrong")


def _send(visit: Visit, participant_id: int) -> Response:
    if visit.form.get("send") != "yes":
        return show_code(visit, fault="wrong" if "code" in visit.form else "not_ticked")
    with visit.site.open_work(visit.actor) as work:
        codes.ask(work, participant_id, "me")
    visit.site.ring()
    return visit.go("/me/code?sent")


def _show(visit: Visit) -> Response:
    return show_code(visit, fault="wrong" if "wrong" in visit.request.query_params else "")


def _spends(form: Form) -> Budget | None:
    return "codes" if form.get("code", "").strip() else "mails" if form.get("send") == "yes" else None


PAGES = (Page("/me/code", _show, send_or_check, spends=_spends),)
