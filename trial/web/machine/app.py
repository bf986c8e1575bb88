"""The time machine's page: where a researcher moves the clock of a rehearsal and lives it as any of its people.

It is made for a rehearsal on a pretend clock and for no other (`TimeMachine` refuses every other store), is served by
`equipoise rehearse --step` alone, and answers on loopback. The address holds a key, which becomes a cookie; a form is
taken from a page of this application alone: its token has to fit, and the browser has to say that it came from here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from trial.core.errors import BadInput, EquipoiseError
from trial.rehearsal.stepping import TimeMachine
from trial.web import csrf
from trial.web.cookies import SignedCookie
from trial.web.desk import mails
from trial.web.desk.pages import STYLE, Pages
from trial.web.desk.viewer import POLICY
from trial.web.errors import answer_to
from trial.web.forms import Form, read_form
from trial.web.headers import SecurityHeaders, security_headers
from trial.web.last_resort import LastResort
from trial.web.limits import BodyLimit
from trial.web.machine import acting
from trial.web.machine.visit import Site, Visit
from trial.web.participant.app import COOKIE
from trial.web.participant.session import from_cookie, to_cookie
from trial.web.static import serve_asset

KEY_COOKIE = "equipoise-time-machine"
HOST = "127.0.0.1"
_OWN = Path(__file__).parent / "templates"
Handler = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where participants' pages, the desk and the time machine itself are."""

    public: str
    desk: str
    machine: str


def create_machine_app(
    machine: TimeMachine, *, secret: bytes, key: str, addresses: Addresses, start_again: Callable[[], None]
) -> FastAPI:
    """The application. `secret` signs the participants' cookies, `key` stands in the address that the terminal told;
    `start_again` ends all of it, to begin anew from the same seed."""
    pages = Pages("Time machine", parts=["mailbox"], own=[_OWN])
    site = Site(
        machine, secret, SignedCookie(secret, COOKIE, https=False), pages, addresses.public, addresses.desk, start_again
    )
    door = _Door(key, addresses.machine)
    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, middleware=_middleware(addresses)
    )
    app.add_exception_handler(HTTPException, _http_error(pages))
    app.add_exception_handler(EquipoiseError, _own_error(pages))
    kept: dict[str, Callable[..., Response]] = {"/desk.css": _style, "/static/{name}": serve_asset}
    for path, plain in kept.items():
        app.add_api_route(path, plain, methods=["GET", "HEAD"], response_model=None)
    box = machine.parts.mailbox
    mailbox = {path: one for path, one in mails.routes(pages, box).items() if path != "/mailbox/{number:int}"}
    for path, one in mailbox.items():
        app.add_api_route(path, one, methods=["GET"], response_model=None, dependencies=[Depends(door.require)])
    for path, show in acting.SHOWN.items():
        _add(app, site, door, path, show, "GET")
    for path, act in acting.DONE.items():
        _add(app, site, door, path, act, "POST")
    return app


@dataclass(frozen=True, slots=True)
class _Door:
    """Who may come in: the browser that was opened with the key."""

    key: str = field(repr=False)
    here: str

    @property
    def token(self) -> str:
        """What the cookie holds: not the key itself, which opens the door once more."""
        return hmac.new(self.key.encode(), b"time machine", hashlib.sha256).hexdigest()

    def knows(self, request: Request) -> bool:
        given = request.cookies.get(KEY_COOKIE, "")
        return hmac.compare_digest(given.encode(), self.token.encode())

    def require(self, request: Request) -> None:
        """404 for everybody else: there is nothing to be seen here."""
        if not self.knows(request):
            raise HTTPException(404)

    def enter(self, request: Request) -> Response | None:
        """With the key in the address: its cookie, and on to the page without it."""
        given = request.query_params.get("key", "")
        if request.url.path != "/" or not hmac.compare_digest(given.encode(), self.key.encode()):
            return None
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(KEY_COOKIE, self.token, path="/", httponly=True, samesite="strict")
        return response

    def is_own(self, request: Request, form: Form) -> bool:
        """Whether the form was shown by us and sent from our own page."""
        fits = csrf.fits(self.key.encode(), self.token, form.get(csrf.FIELD, ""))
        return fits and request.headers.get("origin") == self.here


def _add(app: FastAPI, site: Site, door: _Door, path: str, handler: Handler, method: str) -> None:
    token = csrf.token(door.key.encode(), door.token)

    def get(request: Request) -> Response:
        if (entered := door.enter(request)) is not None:
            return entered
        door.require(request)
        return handler(_visit(site, request, {}, token))

    def post(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        door.require(request)
        if not door.is_own(request, form):
            raise HTTPException(403)
        visit = _visit(site, request, form, token)
        try:
            return handler(visit)
        except BadInput as error:
            visit.fault = str(error)
            return acting.show_home(visit)
        except EquipoiseError as error:
            visit.fault = str(error)
            return acting.show_home(visit)

    app.add_api_route(path, get if method == "GET" else post, methods=[method], response_model=None)


def _visit(site: Site, request: Request, form: Form, token: str) -> Visit:
    """The visit; on the way, how far this browser came as one of the people is kept."""
    session = from_cookie(site.cookie.read(request.cookies))
    if session is not None and session.slug == site.machine.slug:
        site.machine.left(to_cookie(session))
    return Visit(site, request, form, token)


def _middleware(addresses: Addresses) -> list[Middleware]:
    own: dict[str, Any] = {
        # a form here may lead on to the pages of the people and of the desk, and to nothing else
        "content-security-policy": POLICY.replace(
            "form-action 'self'", f"form-action 'self' {addresses.public} {addresses.desk}"
        ),
        "x-frame-options": "DENY",
        # with none at all a browser would not say where a form comes from
        "referrer-policy": "same-origin",
    }
    return [
        Middleware(SecurityHeaders, headers=security_headers(https=False) | own),
        Middleware(LastResort, page=lambda: PlainTextResponse("Something broke. The terminal says what.\n", 500)),
        Middleware(TrustedHostMiddleware, allowed_hosts=[HOST], www_redirect=False),
        Middleware(BodyLimit, page=lambda: PlainTextResponse("This is too much for one form.\n", 413)),
    ]


def _style() -> Response:
    return Response(STYLE.read_bytes(), media_type="text/css; charset=utf-8")


def _http_error(pages: Pages) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return _notice(pages, status, "")

    return handle


def _own_error(pages: Pages) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, EquipoiseError)
        return _notice(pages, answer_to(error).status, str(error))

    return handle


def _notice(pages: Pages, status: int, words: str) -> HTMLResponse:
    response = pages.show("machine_notice.html", status=status, words=words)
    response.status_code = status
    return response
