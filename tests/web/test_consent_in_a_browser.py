"""Consent by keyboard alone, at phone width: a question read wrongly first, then answered, ticked, signed and sent."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.browser import axe_violations
from tests.servers.http import served
from tests.web.place import SLUG, Place
from tests.web.test_consenting import to_consent
from trial.protocol_files import shipped
from trial.storage.participants import consents_of

pytestmark = pytest.mark.browser


class Reader:
    """A browser at phone width in front of the consent form, whose session was made by the way in."""

    def __init__(self, place: Place, address: str, browser: Browser) -> None:
        self.place = place
        with ThreadPoolExecutor(1) as apart:  # the browser's own loop runs in this thread
            self.person = apart.submit(to_consent, place).result()
        self.context = browser.new_context(viewport={"width": 360, "height": 740})
        cookie = self.person.cookies["equipoise"].strip('"')
        self.context.add_cookies([{"name": "equipoise", "value": cookie, "url": address}])
        self.page: Page = self.context.new_page()
        self.page.goto(f"{address}/{SLUG}/consent")


@pytest.fixture
def reader(tmp_path: Path, browser: Browser) -> Iterator[Reader]:
    place = Place(tmp_path, protocol=shipped("examples/two-arm"))
    with served(place.app) as address:
        reader = Reader(place, address, browser)
        yield reader
        reader.context.close()


def tab_to(page: Page, name: str, value: str = "") -> None:
    """Press the tab key until a field (or a button) has the focus; a group of choices is one stop."""
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate("[document.activeElement.name || '', document.activeElement.value || '']")
        if found[0] == name and (not value or found[1] == value):
            return
    raise AssertionError(f"the tab key does not reach {name} {value}")


def tick_and_sign(page: Page, place: Place) -> None:
    for one in place.folder.protocol.consent.statements:
        tab_to(page, f"statement_{one.id}")
        page.keyboard.press("Space")
    tab_to(page, "signature")
    page.keyboard.type("Robin Example")
    tab_to(page, "answer", "agree")
    page.keyboard.press("Enter")


def test_consent_by_keyboard_alone_with_a_wrong_answer_first(reader: Reader) -> None:
    page, place = reader.page, reader.place
    tab_to(page, "question_who_decides")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=question_who_decides][value=team]")).to_be_checked()
    tick_and_sign(page, place)
    box = page.locator("[role=alert]")
    expect(box).to_be_focused()
    expect(box).to_contain_text("This is no test")
    expect(page.locator("#f-question_who_decides-note")).to_contain_text("Neither you nor the study team can choose")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link leads to the first choice of the question
    page.keyboard.press("Space")
    expect(page.locator("[name=question_who_decides][value=chance]")).to_be_checked()
    tab_to(page, "answer", "agree")
    page.keyboard.press("Enter")
    page.wait_for_url("**/now")
    with place.store.open_work(place.operator, write=False) as work:
        (proof,) = consents_of(work, reader.person.id)
    assert proof.comprehension == {"who_decides": 2}
    assert proof.data_sharing is False
