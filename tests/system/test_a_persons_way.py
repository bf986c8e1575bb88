"""A person's whole way through a shipped trial in a real browser, from the public page to the thanks at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.servers.browser import axe_violations
from tests.system.hands import Finger, Hands, Keyboard, fill, send
from tests.system.living import Living, living
from trial.storage.engine import sqlite_url

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
ADDRESS = "robin@mailbox.example"
_CODE = re.compile(r"\b\d{6}\b")
_LINK = re.compile(r"http://127\.0\.0\.1:\d+/go/[\w-]{43}")


@pytest.fixture
def lesson(tmp_path: Path) -> Iterator[Living]:
    with living(tmp_path, sqlite_url(tmp_path / "trial.sqlite"), "soothing-touch") as found:
        yield found


def on_a_phone(browser: Browser, **more: object) -> BrowserContext:
    return browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, **more)  # type: ignore[arg-type]


def to_consent(hands: Hands, trial: Living) -> None:
    page = hands.page
    page.goto(f"{trial.base}/{trial.slug}")
    with page.expect_navigation():
        hands.press(page.locator("main a.button").first)
    fill(hands)
    send(hands)
    fill(hands, {"age": "34"})
    send(hands)
    fill(hands, {"email": ADDRESS, "zone": "Europe/Berlin"})
    send(hands)
    trial.send()
    code = _CODE.search(trial.mails(ADDRESS)[-1].text)
    assert code is not None
    fill(hands, {"code": code[0]})
    send(hands)


@pytest.mark.parametrize("how", [Finger, Keyboard])
def test_somebody_comes_in_and_does_the_first_things(browser: Browser, lesson: Living, how: type) -> None:
    context = on_a_phone(browser)
    hands = how(context.new_page())
    page = hands.page
    to_consent(hands, lesson)
    fill(hands, {"signature": "Robin Example"})
    send(hands)
    seen = []
    while page.url.endswith("/now"):
        seen.append(page.locator("h1").inner_text())
        assert axe_violations(page) == []
        fill(hands)
        send(hands)
    assert len(seen) >= 2
    context.close()
