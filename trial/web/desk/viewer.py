"""A finished rehearsal, or a desk that is all on one machine: where the trial stands, its mails, the report. Read only.

It is an application of its own, which the participants' application cannot route to, and it answers on loopback names
only: until sign-in exists, who can open a connection to it may read everything it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from trial.core.errors import EquipoiseError
from trial.web.desk import enrolments, mails, report_files
from trial.web.desk.enrolments import Waiting
from trial.web.desk.pages import STYLE, Pages
from trial.web.errors import answer_to
from trial.web.headers import SecurityHeaders, security_headers
from trial.web.last_resort import LastResort
from trial.web.static import serve_asset

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

# Our own pages: no script at all; frames only for a mail, which brings a stricter policy of its own
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

Status = Callable[[], Mapping[str, object]]


def create_viewer(
    *,
    mailbox: Path | None,
    report: Path | None,
    title: str,
    status: Status | None = None,
    waiting: Waiting | None = None,
    hosts: Sequence[str] = LOOPBACK,
) -> FastAPI:
    """The application over a mailbox, a report, figures by label and a list of who waits, each where there is one."""
    parts = {"mailbox": mailbox, "report": report, "enrolments": waiting}
    pages = Pages(title, parts=[name for name, part in parts.items() if part is not None])
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, middleware=_middleware(hosts))
    app.add_exception_handler(HTTPException, _http_error(pages))
    app.add_exception_handler(EquipoiseError, _own_error(pages))
    routes: dict[str, Callable[..., Response]] = {
        "/": _home(pages, mailbox, report, status, waiting),
        "/desk.css": _style,
    }
    routes["/static/{name}"] = serve_asset  # the icon, shared with the participants' pages
    if mailbox is not None:
        routes |= mails.routes(pages, mailbox)
    if report is not None:
        routes |= report_files.routes(pages, report)
    if waiting is not None:
        routes |= enrolments.routes(pages, waiting)
    for path, handler in routes.items():
        app.add_api_route(path, handler, methods=["GET", "HEAD"], response_model=None)
    return app


def _middleware(hosts: Sequence[str]) -> list[Middleware]:
    headers = {"content-security-policy": POLICY, "x-frame-options": "DENY"}
    return [
        Middleware(SecurityHeaders, headers=security_headers(https=False) | headers),
        Middleware(LastResort, page=lambda: PlainTextResponse("Something broke. The log says where.\n", 500)),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
    ]


def _home(
    pages: Pages, mailbox: Path | None, report: Path | None, status: Status | None, waiting: Waiting | None
) -> Callable[..., Response]:
    def home() -> Response:
        return pages.show(
            "home.html",
            figures=dict(status()) if status else {},
            mails=mails.how_many(mailbox) if mailbox else None,
            held=enrolments.how_many(waiting) if waiting else None,
            files=report_files.listed(report) if report else None,
        )

    return home


def _style() -> Response:
    return Response(STYLE.read_bytes(), media_type="text/css; charset=utf-8")


def _http_error(pages: Pages) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _notice(pages, error.status_code, None, error.headers)

    return handle


def _own_error(pages: Pages) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, EquipoiseError)
        return _notice(pages, answer_to(error).status, str(error), None)

    return handle


def _notice(pages: Pages, status: int, words: str | None, headers: Any) -> HTMLResponse:
    response = pages.show("notice.html", status=status, words=words)
    response.status_code = status
    response.headers.update(headers or {})
    return response
