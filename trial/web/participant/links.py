"""A personal link: a neutral landing that looks nothing up, then a post that opens a session without the token."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import PlainTextResponse

from trial.core.errors import LinkInvalid
from trial.services import links, reconsent
from trial.services.links import Target
from trial.web.forms import Form
from trial.web.participant.session import new_session
from trial.web.participant.visit import VISITOR, Page, Visit
from trial.web.rates import Budget

_TO = {
    "stop": "/stop",
    "report": "/report",
    "me": "/me",
    "end": "/end",
    "changed": "/changed",
    "results": "/end/results",
}


def show_landing(visit: Visit) -> Response:
    """The same page for every token: nobody learns from it, and no scanner changes anything, by opening a link."""
    return visit.notice("landing")


def follow(visit: Visit) -> Response:
    """The session is for one person and one occasion; the address that follows holds no token.

    `?to=…` stands in the footer of mails and leads there at once, also from an old mail. A link that does not work
    leads to a page that offers another by mail: forged or lapsed, it is the same page, and a press alone sends none.
    """
    token = str(visit.request.path_params["token"])
    if visit.form.get("new_link") == "yes":
        return _send_another(visit, token)
    leads_to = _TO.get(visit.request.query_params.get("to", ""))
    try:
        with visit.site.open_work(VISITOR, write=False) as work:
            target = links.follow(work, token, lapsed_too=leads_to is not None)
            asked = leads_to is None and reconsent.asks(work, target.participant_id, target.trial)
    except LinkInvalid:
        return visit.notice("link_invalid", 404)
    if target.in_doubt and not visit.site.read_only:
        with visit.site.open_work(VISITOR) as work:
            links.proved(work, token)
    if target.undo is not None:
        return visit.go("/address-back", new_session(slug=target.trial.slug, undo=target.undo))
    session = new_session(
        slug=target.trial.slug,
        participant=target.participant_id,
        occasion=target.occasion_id,
        browser=visit.session.browser,
        wrote=visit.session.wrote,
        short=target.short,
    )
    return visit.go(leads_to or _first(target, asked=asked), session)


def unsubscribe(visit: Visit) -> Response:
    """One press in the mail program ends the stream of that mail; it reads no page and follows no redirection."""
    try:
        with visit.site.open_work(VISITOR) as work:
            links.unsubscribe(work, str(visit.request.path_params["token"]))
    except LinkInvalid:
        return visit.notice("link_invalid", 404)
    return PlainTextResponse("ok\n")


def _first(target: Target, *, asked: bool) -> str:
    """Where a link without a wish leads: to a new consent form, the part that it is about, or the person's own page."""
    return "/again" if asked else "/me" if target.occasion_id is None else "/now"


def _send_another(visit: Visit, token: str) -> Response:
    if not visit.site.read_only:
        with visit.site.open_work(VISITOR) as work:
            links.ask_for_another(work, token)
        visit.site.ring()
    return visit.notice("link_sent")


def _spends(form: Form) -> Budget | None:
    return "mails" if form.get("new_link") == "yes" else None


PAGES = (Page("/go/{token}", show_landing, follow, open_when_read_only=True, spends=_spends, unsubscribe=unsubscribe),)
