"""Replies, missing mails, held enrolments, deviations, participants and the panic stop in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.pages.test_pages_in_a_browser import SMALL, sideways
from tests.servers.browser import axe_violations
from tests.servers.http import served
from tests.web.desk_contacts import hold, miss, write_back
from tests.web.desk_place import COOKIE, Team, send
from tests.web.place import SLUG, Person, Place
from trial.core.access import Role
from trial.core.missing import Cause

pytestmark = pytest.mark.browser


class Desk:
    """A served desk with something on each of these lists."""

    def __init__(self, folder: Path) -> None:
        place = Place(folder)
        self.team = Team(place)
        person, other = Person(place), Person(place, "sam@mailbox.example")
        person.to_allocation()
        other.to_baseline()
        place.move(days=1, hours=10)
        self.code = place.everyone()[0].code
        numbers = [
            write_back(place, person, "STOP"),
            write_back(place, person, "Whose?", sender="x@y.example", known=False),
            hold(place, other),
            miss(place, person),
            miss(place, person, Cause.BOUNCED),
        ]
        owner = self.team.visitor(Role.OWNER)
        owner.get(f"/{SLUG}/deviations/new")
        given = {"kind": "timing", "important": "yes", "happened_on": "2026-03-01", "description": "Open too long."}
        numbers.append(int(send(owner, "", given).path.rpartition("/")[2]))
        owner.get(f"/{SLUG}/participants/{self.code}")
        mail = next(one for one in send(owner, "note", {"note": "Called."}).links if "/mails/" in one)
        ends = ("replies", "held", "mails", "deviations", "deviations/new", "participants", "sending")
        self.paths = [
            *(f"/{SLUG}/{one}" for one in (*ends, f"participants/{self.code}")), mail,
            *(f"/{SLUG}/matters/{one}" for one in numbers),
        ]  # fmt: skip
        self.address = ""

    def context(self, browser: Browser, role: Role, **options: Any) -> BrowserContext:
        """A browser of its own in which this member is signed in."""
        token = self.team.visitor(role).cookies[COOKIE]
        context = browser.new_context(**options)
        context.add_cookies([{"name": COOKIE, "value": token, "url": self.address}])
        return context


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    found = Desk(tmp_path_factory.mktemp("desk"))
    with served(found.team.app) as address:
        found.address = address
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_at_320_pixels_or_shuts_anybody_out(desk: Desk, browser: Browser, scheme: Any) -> None:
    context = desk.context(browser, Role.OWNER, viewport={"width": 320, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    for path in desk.paths:
        answer = page.goto(f"{desk.address}{path}")
        assert answer is not None and answer.status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert sideways(page) == 0, path
        assert page.evaluate(SMALL) == [], path
        assert axe_violations(page) == [], path
    context.close()


def test_a_stop_is_handled_by_keyboard_and_mail_is_stopped_and_goes_on(desk: Desk, browser: Browser) -> None:
    context = desk.context(browser, Role.OWNER)
    page = context.new_page()
    page.goto(f"{desk.address}/{SLUG}/replies")
    page.locator(".matters .urgent a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("What they meant").select_option("pause")
    page.get_by_role("button", name="Decide").press("Enter")
    assert page.get_by_role("status").inner_text() == "Decided. Mails follow what you said."
    assert "Meant: a pause of 14 days." in page.locator(".history").inner_text()
    page.goto(f"{desk.address}/{SLUG}/sending")
    page.get_by_label("Type the word: stop").fill("no")
    page.get_by_label("Type the word: stop").press("Enter")
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("Type the word: stop").fill("stop")
    page.get_by_label("Type the word: stop").press("Enter")
    assert page.get_by_role("status").inner_text().startswith("Stopped.")
    page.get_by_label("Type the words: go on").fill("go on")
    page.get_by_label("Type the words: go on").press("Enter")
    assert page.get_by_role("status").inner_text() == "Sending goes on."
    context.close()
