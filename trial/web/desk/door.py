"""Signing in and out."""

from __future__ import annotations

import re

from fastapi import Response

from trial.services import signing_in
from trial.services.signing_in import NotProved
from trial.web.desk import attempts
from trial.web.desk.visit import DeskPage, Visit
from trial.web.rates import asking_to_wait

# where signing in may lead: an address of this application, and never another host
_PATH = re.compile(r"^/(?:[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*)?$")


def _way(visit: Visit) -> str:
    given = visit.form.get("to") or visit.request.query_params.get("to", "")
    return given if _PATH.match(given) and len(given) < 200 else "/"


def _door(visit: Visit) -> Response:
    if visit.session is not None and not visit.form:
        return visit.go(_way(visit))
    return visit.page("sign_in.html", to=_way(visit))


def _sign_in(visit: Visit) -> Response:
    address = visit.form.get("address", "")
    if seconds := attempts.spend(visit, address):
        visit.fault = attempts.words(seconds)
        return asking_to_wait(seconds, visit.page("sign_in.html", 429, to=_way(visit)))
    try:
        done = signing_in.sign_in(
            visit.site.open_work,
            address,
            visit.form.get("password", ""),
            visit.form.get("code", ""),
            known_here=visit.known_here,
        )
    except NotProved as error:
        visit.fault = str(error)
        return visit.page("sign_in.html", 403, to=_way(visit))
    attempts.forget(visit, address)
    if done.new_browser:
        visit.site.ring()
    if visit.session is not None:  # whoever sat here before
        with visit.acting() as work:
            signing_in.sign_out(work, visit.session)
    way = "/account" if done.by_recovery_code else _way(visit)
    return visit.keep(visit.go(way, "recovery_used" if done.by_recovery_code else ""), done)


def _sign_out(visit: Visit) -> Response:
    if visit.session is not None:
        with visit.acting() as work:
            signing_in.sign_out(work, visit.session)
    return visit.drop_token(visit.go("/sign-in", "signed_out"))


PAGES = (
    DeskPage("/sign-in", _door, _sign_in, open=True),
    DeskPage("/sign-out", lambda visit: visit.go("/"), _sign_out, open=True),
)
