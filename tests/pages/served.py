"""Pages without a server: the browser asks, and gets the drawn page and our own static files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route

from trial.pages.assets import NAMES, asset
from trial.web.desk.pages import STYLE
from trial.web.headers import security_headers

# loopback counts as trustworthy, so every header is heeded as it would be under TLS; nothing listens there
ORIGIN = "http://localhost"
OURS = security_headers(https=False)


@contextmanager
def shown(
    browser: Browser, html: str, *, width: int, headers: Mapping[str, str] = OURS, **context: Any
) -> Iterator[Page]:
    """The page in a window of this width, under the headers that it has in real life; nothing else can be fetched."""
    opened = browser.new_context(viewport={"width": width, "height": 800}, **context)
    try:
        page = opened.new_page()
        page.route("**/*", lambda route: _answer(route, html, headers))
        page.goto(ORIGIN + "/page")
        yield page
    finally:
        opened.close()


def _answer(route: Route, html: str, headers: Mapping[str, str]) -> None:
    path = urlsplit(route.request.url).path
    name = path.removeprefix("/static/")
    if path == "/page":
        route.fulfill(body=html, headers={**headers, "content-type": "text/html; charset=utf-8"})
    elif path == "/desk.css":
        route.fulfill(body=STYLE.read_bytes(), headers={**headers, "content-type": "text/css; charset=utf-8"})
    elif name in NAMES:
        found = asset(name)
        route.fulfill(body=found.content, headers={**headers, "content-type": found.media_type})
    else:
        route.abort()
