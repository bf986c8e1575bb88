"""The participants' web application: public pages, the way in, activities, and leaving. It routes to nothing else.

Access logs must not hold the tokens of personal links, which stand in the path of `/go/…`: run it with
`uvicorn.run(app, access_log=False, server_header=False)`, and have a proxy in front leave that path out of its log.
Links come from the trial's own base address, never from a request. Whom a request comes from is asked for the limits
alone, and a forwarding header is believed only from the proxies that the operator named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import Scope

from trial.core.errors import EquipoiseError
from trial.pages.frame import Frame
from trial.pages.notices import Notice, notice, too_many
from trial.pages.translations import choose, languages
from trial.storage.work import OpenWork
from trial.web import health
from trial.web.cookies import SignedCookie
from trial.web.errors import BY_STATUS, answer_to
from trial.web.forms import Form, read_form
from trial.web.headers import SecurityHeaders, security_headers
from trial.web.incoming import HandingOver, IncomingMail
from trial.web.last_resort import LastResort
from trial.web.limits import BodyLimit
from trial.web.metered import Meter, Metered
from trial.web.participant import (
    activity,
    after,
    again,
    aside,
    consenting,
    copies,
    drafting,
    ending,
    enrolment,
    help,
    leaving,
    links,
    my_data,
    my_page,
    payee,
    proof,
    public,
    undoing,
)
from trial.web.participant.visit import Page, Site, answer_get, answer_post, visit_of
from trial.web.rates import UNLIMITED, RateLimit, Rates
from trial.web.static import serve_asset

COOKIE = "equipoise"
PAGES: tuple[Page, ...] = (
    *activity.PAGES,
    *drafting.PAGES,
    *aside.PAGES,
    *after.PAGES,
    *help.PAGES,
    *ending.PAGES,
    *leaving.PAGES,
    *links.PAGES,
    *my_page.PAGES,
    *my_data.PAGES,
    *payee.PAGES,
    *proof.PAGES,
    *enrolment.PAGES,
    *consenting.PAGES,
    *again.PAGES,
    *copies.PAGES,
    *undoing.PAGES,
    *public.PAGES,
)


def create_participant_app(
    *,
    open_work: OpenWork,
    secret: bytes,
    https: bool,
    ring: Callable[[], None],
    read_only: bool = False,
    hosts: Sequence[str],
    rates: Rates = UNLIMITED,
    incoming: HandingOver | None = None,
    meter: Meter | None = None,
) -> FastAPI:
    """The application. `secret` signs cookies and forms; `ring` wakes the worker after a commit that made mail due.

    `hosts` are the names it answers to; `read_only` shows a finished rehearsal, in which nothing can be sent. `rates`
    are the limits per network address; without them, as in a rehearsal, nobody is kept waiting. `incoming` lets mail
    be handed over here; `meter` counts requests.
    """
    site = Site(open_work, secret, SignedCookie(secret, COOKIE, https=https), ring, read_only, rates)
    metered = [Middleware(Metered, name="participants", meter=meter)] if meter else []
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would answer with an address made from the request's own host
        middleware=[*metered, *_middleware(hosts, rates, _incoming(open_work, ring, incoming), https=https)],
    )
    app.add_exception_handler(EquipoiseError, _error_page(site))
    app.add_exception_handler(HTTPException, _http_error_page(site))
    for path, handler in health.routes(open_work).items():
        app.add_api_route(path, handler, methods=["GET", "HEAD"], response_model=None)
    app.add_api_route("/static/{name}", serve_asset, methods=["GET", "HEAD"], response_model=None)
    for page in PAGES:
        _add(app, site, page)
    return app


def _incoming(open_work: OpenWork, ring: Callable[[], None], by: HandingOver | None) -> list[Middleware]:
    """Before the limit on bodies, which is that of a form: a mail is larger, and has a limit of its own."""
    return [Middleware(IncomingMail, open_work=open_work, by=by, ring=ring)] if by else []


def _middleware(hosts: Sequence[str], rates: Rates, incoming: list[Middleware], *, https: bool) -> list[Middleware]:
    """From the outside in: headers on everything, then whatever may go wrong, then who asks, how often, how much."""
    return [
        Middleware(SecurityHeaders, headers=security_headers(https=https)),
        Middleware(LastResort, page=_plain_notice("broken", 500)),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
        Middleware(RateLimit, rates=rates, page=_wait_page),
        *incoming,
        Middleware(BodyLimit, page=_plain_notice("too_large", 413)),
    ]


def _plain_notice(name: Notice, status: int) -> Callable[[], Response]:
    return lambda: HTMLResponse(notice(Frame(), name), status_code=status)


def _wait_page(scope: Scope) -> Response:
    """In the browser's language, for somebody of whom nothing else is known yet."""
    asked = Headers(scope=scope).get("accept-language", "")
    return HTMLResponse(too_many(Frame(language=choose(asked, languages()))), status_code=429)


def _add(app: FastAPI, site: Site, page: Page) -> None:
    def get(request: Request) -> Response:
        return answer_get(page, site, request)

    def post(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        return answer_post(page, site, request, form)

    app.add_api_route(page.path, get, methods=["GET", "HEAD"], response_model=None)
    if page.act is not None:
        app.add_api_route(page.path, post, methods=["POST"], response_model=None)


def _error_page(site: Site) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, EquipoiseError)
        found = answer_to(error)
        return visit_of(site, request, {}).notice(found.page, found.status)

    return handle


def _http_error_page(site: Site) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return visit_of(site, request, {}).notice(BY_STATUS.get(status, "not_found"), status)

    return handle
