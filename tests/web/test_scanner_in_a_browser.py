"""A scanner of mails in real Chromium: it opens every link, runs scripts and presses every button, and changes nothing.

It types and chooses nothing; that is how a page can tell it from a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.servers.http import served
from tests.web.test_drafts_in_a_browser import Evening, evening

__all__ = ["evening"]
pytestmark = pytest.mark.browser
MOST_PAGES = 30
BUTTONS = "button:visible"


def scan(context: BrowserContext, first: str) -> tuple[set[str], int]:
    """Every page that links and buttons lead to on the same host: (paths seen, buttons pressed)."""
    host, page = urlsplit(first).netloc, context.new_page()
    waiting, seen, pressed = [first], set[str](), 0
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        path = urlsplit(address).path
        if urlsplit(address).netloc != host or path in seen:
            continue
        seen.add(path)
        try:
            page.goto(address)
        except Error as error:
            if "Download" not in error.message:
                raise
            continue  # a file and not a page
        waiting += _links(page)
        for number in range(page.locator(BUTTONS).count()):
            page.goto(address)
            if number < page.locator(BUTTONS).count():
                page.locator(BUTTONS).nth(number).click()
                page.wait_for_load_state()
                pressed += 1
                waiting += [page.url, *_links(page)]
    page.close()
    return seen, pressed


def _links(page: Page) -> list[str]:
    found: list[str] = page.locator("a[href^='/'], a[href^='http']").evaluate_all("all => all.map((one) => one.href)")
    return [one.partition("#")[0] for one in found]


def test_a_scanner_that_presses_every_button_changes_nothing(browser: Browser, evening: Evening) -> None:
    lapsed = evening.address + evening.place.links(evening.person.id, "questionnaire")[0]
    forged = evening.address + "/go/" + "Z" * 43
    before, asked = evening.place.dump(), list[tuple[str, str]]()
    token = urlsplit(evening.link).path.removeprefix("/go/")
    pressed, seen = 0, set[str]()
    for link in (evening.link, evening.link + "?to=me", evening.link + "?to=stop", lapsed, forged):
        context = browser.new_context(viewport={"width": 360, "height": 740})
        context.set_default_timeout(15_000)
        context.on("request", lambda one: asked.append((one.url, one.headers.get("referer", ""))))
        paths, presses = scan(context, link)
        pressed, seen = pressed + presses, seen | paths
        context.close()
    assert {"/now", "/me", "/me/pause", "/me/mails", "/me/code", "/stop", "/report"} <= seen
    assert pressed > 20
    assert evening.place.dump() == before
    # no third party is asked for anything, and no page tells another where it came from
    assert {urlsplit(url).netloc for url, _ in asked} == {urlsplit(evening.address).netloc}
    assert not [one for one in asked if token in one[1]]


@contextmanager
def naive_page(changes: Callable[[], Any]) -> Iterator[str]:
    """A page with one button that stops something at once."""
    app = FastAPI()
    page = "<form method='post'><button>Stop</button></form>"
    app.add_api_route("/stop", lambda: HTMLResponse(page), methods=["GET"], response_model=None)

    def stop() -> HTMLResponse:
        changes()
        return HTMLResponse("stopped")

    app.add_api_route("/stop", stop, methods=["POST"], response_model=None)
    with served(app) as address:
        yield f"{address}/stop"


def test_the_same_scanner_stops_somebody_on_a_page_that_only_asks_for_a_press(browser: Browser) -> None:
    """The control: this scanner does change what a press alone can change."""
    stopped = list[bool]()
    with naive_page(lambda: stopped.append(True)) as address:
        context = browser.new_context()
        scan(context, address)
        context.close()
    assert stopped
