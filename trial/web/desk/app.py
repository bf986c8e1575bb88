"""The staff application: everything about a trial is behind signing in, and goes through one gate.

It is an application of its own, which the participants' application cannot route to. To add a page: a module with
`PAGES: tuple[DeskPage, ...]` and a template that extends `desk.html`, and its name in PAGES below; a place in
`navigation.PLACES` puts it into the head.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request, Response
from fastapi.params import Depends as DependsOn
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import Scope

from trial.core.errors import EquipoiseError
from trial.storage.work import OpenWork
from trial.web import health
from trial.web.cookies import SignedCookie
from trial.web.desk import (
    account,
    acts,
    adverse_event_form,
    delivery,
    deviation_form,
    door,
    enrolment_error_form,
    harm_counts,
    home,
    incentives,
    joining,
    lists,
    mails,
    matter,
    opening,
    people,
    roster,
    sending,
    team,
    test_people,
)
from trial.web.desk.gate import answer_get, answer_post
from trial.web.desk.navigation import places
from trial.web.desk.pages import STYLE, Pages
from trial.web.desk.viewer import LOOPBACK, POLICY
from trial.web.desk.visit import DeskPage, Site
from trial.web.errors import answer_to
from trial.web.forms import Form, read_form
from trial.web.headers import SecurityHeaders, security_headers
from trial.web.last_resort import LastResort
from trial.web.limits import BodyLimit
from trial.web.metered import Meter, Metered
from trial.web.rates import UNLIMITED, RateLimit, Rates
from trial.web.static import serve_asset

NAME = "Equipoise"
# how long a browser is known as one in which a member signed in
DEVICE_HOURS = 24 * 90
PAGES: tuple[DeskPage, ...] = (
    *door.PAGES,
    *joining.PAGES,
    *account.PAGES,
    *home.PAGES,
    *team.PAGES,
    *acts.PAGES,
    *incentives.PAGES,
    *adverse_event_form.PAGES,
    *harm_counts.PAGES,
    *deviation_form.PAGES,
    *enrolment_error_form.PAGES,
    *people.PAGES,
    *delivery.PAGES,
    *sending.PAGES,
    *lists.PAGES,
    *matter.PAGES,
    *roster.PAGES,
    *opening.PAGES,
    *test_people.PAGES,
)


def create_desk_app(
    *,
    open_work: OpenWork,
    secret: bytes,
    url: str,
    ring: Callable[[], None],
    hosts: Sequence[str] = (),
    rates: Rates = UNLIMITED,
    mailbox: Path | None = None,
    mail_from: str = "",
    per_minute: int = 0,
    meter: Meter | None = None,
) -> FastAPI:
    """The application. `secret` signs cookies and forms; `url` is where the team reaches it; `ring` wakes the worker.

    It answers to the names in `hosts`, to that of `url`, and on loopback. `mailbox` is the local mailbox, where mail
    goes to that: on this machine alone it is open, for the first owner must read there how to come in. `mail_from` is
    the address that mails come from, `per_minute` how many leave in a minute at most (0: as many as the server takes).
    `meter` counts requests.
    """
    known = {place.path for place in PAGES}
    pages = Pages(NAME, parts=["mailbox"] if mailbox else [], places=places(known))
    site = Site(
        open_work, secret, url.rstrip("/"), ring, rates, pages,
        visitor=SignedCookie(secret, "equipoise-visitor", https=url.startswith("https://")),
        device=SignedCookie(secret, "equipoise-device", https=url.startswith("https://"), hours=DEVICE_HOURS),
        mail_from=mail_from, per_minute=per_minute,
    )  # fmt: skip
    metered = [Middleware(Metered, name="desk", meter=meter)] if meter else []
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[*metered, *_middleware(site, hosts)],
    )
    app.add_exception_handler(EquipoiseError, _own_error(site))
    app.add_exception_handler(HTTPException, _http_error(site))
    plain: dict[str, Callable[..., Response]] = {"/desk.css": _style, "/static/{name}": serve_asset}
    plain |= health.routes(open_work)
    for path, handler in plain.items():
        app.add_api_route(path, handler, methods=["GET", "HEAD"], response_model=None)
    if mailbox is not None:
        own = Pages(NAME, parts=["mailbox"])
        only_here = [Depends(_require_this_machine)]
        for path, handler in mails.routes(own, mailbox, answers=True).items():
            app.add_api_route(path, handler, methods=["GET", "HEAD"], response_model=None, dependencies=only_here)
        _add(app, site, mails.answering(mailbox), only_here)
    for page in PAGES:
        _add(app, site, page)
    return app


def _middleware(site: Site, hosts: Sequence[str]) -> list[Middleware]:
    """From the outside in: headers on everything, then whatever may go wrong, then who asks, how often, how much."""
    names = {*LOOPBACK, *hosts, urlsplit(site.url).hostname or "127.0.0.1"}
    headers = security_headers(https=site.https) | {"content-security-policy": POLICY, "x-frame-options": "DENY"}
    return [
        Middleware(SecurityHeaders, headers=headers),
        Middleware(LastResort, page=lambda: _notice(site, 500)),
        Middleware(TrustedHostMiddleware, allowed_hosts=sorted(names), www_redirect=False),
        Middleware(RateLimit, rates=site.rates, page=_wait(site)),
        Middleware(BodyLimit, page=lambda: _notice(site, 413)),
    ]


def _add(app: FastAPI, site: Site, page: DeskPage, only: Sequence[DependsOn] = ()) -> None:
    def get(request: Request) -> Response:
        return answer_get(page, site, request)

    def post(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        return answer_post(page, site, request, form)

    app.add_api_route(page.path, get, methods=["GET", "HEAD"], response_model=None, dependencies=only)
    if page.act is not None:
        app.add_api_route(page.path, post, methods=["POST"], response_model=None, dependencies=only)


def _require_this_machine(request: Request) -> None:
    """Nobody but a browser on this machine, and nothing that passed a proxy: 404 for everybody else."""
    client = request.client.host if request.client else ""
    passed = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    named = host in LOOPBACK or f"[{host}]" in LOOPBACK
    if passed or not named or not _is_loopback(client):
        raise HTTPException(404)


def _is_loopback(client: str) -> bool:
    try:
        return ip_address(client).is_loopback
    except ValueError:
        return False


def _style() -> Response:
    return Response(STYLE.read_bytes(), media_type="text/css; charset=utf-8")


def _wait(site: Site) -> Callable[[Scope], Response]:
    return lambda scope: _notice(site, 429)


def _notice(site: Site, status: int, words: str = "") -> HTMLResponse:
    response = site.pages.show("desk_notice.html", status=status, words=words)
    response.status_code = status
    return response


def _own_error(site: Site) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, EquipoiseError)
        status = answer_to(error).status
        return _notice(site, status, "" if status in (404, 500) else str(error))

    return handle


def _http_error(site: Site) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return _notice(site, status)

    return handle
