"""A personal link: a neutral landing that looks nothing up, then a post that opens a session without the token."""

from __future__ import annotations

from fastapi import Response

from trial.services import links, reconsent
from trial.web.participant.session import new_session
from trial.web.participant.visit import VISITOR, Page, Visit

_TO = {"stop": "/stop", "report": "/report", "end": "/end", "results": "/end/results"}


def show_landing(visit: Visit) -> Response:
    """The same page for every token: nobody learns from it, and no scanner changes anything, by opening a link."""
    return visit.notice("landing")


def follow(visit: Visit) -> Response:
    """The session is for one person and one occasion; the address that follows holds no token.

    `?to=stop` and `?to=report` stand in the footer of mails and lead there at once, also from an old mail.
    """
    leads_to = _TO.get(visit.request.query_params.get("to", ""))
    with visit.site.open_work(VISITOR, write=False) as work:
        target = links.follow(work, str(visit.request.path_params["token"]), lapsed_too=leads_to is not None)
        asked = leads_to is None and reconsent.asks(work, target.participant_id, target.trial)
    session = new_session(
        slug=target.trial.slug,
        participant=target.participant_id,
        occasion=target.occasion_id,
        browser=visit.session.browser,
        short=target.short,
    )
    return visit.go(leads_to or ("/again" if asked else "/now"), session)


PAGES = (Page("/go/{token}", show_landing, follow, open_when_read_only=True),)
