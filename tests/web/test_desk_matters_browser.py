"""Alerts, adverse events and the roster in a real browser: narrow, by day and night, by keyboard, with two members."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.pages.test_pages_in_a_browser import SMALL, sideways
from tests.servers.browser import axe_violations
from tests.servers.http import served
from tests.web.desk_matters import raise_alert, report_harm
from tests.web.desk_place import COOKIE, Team, send
from tests.web.place import SLUG, Person, Place
from trial.core.access import Role

pytestmark = pytest.mark.browser


class Desk:
    """A served desk with an alert, a judged report, and somebody on the roster."""

    def __init__(self, folder: Path) -> None:
        place = Place(folder)
        self.team = Team(place)
        person = Person(place)
        person.to_allocation()
        self.alert, self.harm = raise_alert(place, person), report_harm(place, person)
        owner = self.team.visitor(Role.OWNER)
        owner.get(f"/{SLUG}/roster")
        send(owner, "add", {"member": str(self.team.member(Role.SAFETY_CONTACT).id), "place": "1"})
        send(owner, "test")
        owner.get(f"/{SLUG}/matters/{self.harm}")
        judged = {"severity": "mild", "relatedness": "unlikely", "expectedness": "expected", "outcome": "recovered"}
        send(owner, "assess", judged | {"criterion_hospital": "yes"})
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


PATHS = ("alerts", "alerts?closed=1", "adverse-events", "adverse-events/new", "roster", "matters/1", "matters/2")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_at_320_pixels_or_shuts_anybody_out(desk: Desk, browser: Browser, scheme: Any) -> None:
    context = desk.context(browser, Role.OWNER, viewport={"width": 320, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    for path in PATHS:
        answer = page.goto(f"{desk.address}/{SLUG}/{path}")
        assert answer is not None and answer.status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert sideways(page) == 0, path
        assert page.evaluate(SMALL) == [], path
        assert axe_violations(page) == [], path
    context.close()


def test_two_members_take_an_alert_by_keyboard_to_its_end(desk: Desk, browser: Browser) -> None:
    safety, owner = desk.context(browser, Role.SAFETY_CONTACT), desk.context(browser, Role.OWNER)
    mine, theirs = safety.new_page(), owner.new_page()
    mine.goto(f"{desk.address}/{SLUG}/alerts")
    mine.locator(".matters a").focus()
    mine.keyboard.press("Enter")
    mine.get_by_role("button", name="Acknowledge: I look after this").press("Enter")
    assert mine.get_by_role("status").inner_text() == "You have it now. Nobody else is called."
    theirs.goto(mine.url)
    theirs.get_by_label("What was done").fill("Wrote to the person.")
    theirs.get_by_role("button", name="Say what was done").press("Enter")
    mine.reload()
    mine.get_by_role("button", name="Close: nothing is left to do").press("Enter")
    assert "Safety Contact Example closed" in mine.locator(".history").inner_text()
    theirs.goto(f"{desk.address}/{SLUG}/alerts")
    assert "No alert is open" in theirs.locator("main").inner_text()
    safety.close()
    owner.close()
