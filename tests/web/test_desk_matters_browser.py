"""An alert from its list to its end in real browsers, by keyboard, with two members."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.servers.http import served
from tests.web.desk_matters import raise_alert
from tests.web.desk_place import Team
from tests.web.place import SLUG, Person, Place
from trial.core.access import Role

pytestmark = pytest.mark.browser


class Desk:
    """A served desk with an alert that nobody has."""

    def __init__(self, folder: Path) -> None:
        place = Place(folder)
        self.team = Team(place)
        person = Person(place)
        person.to_allocation()
        self.alert = raise_alert(place, person)
        self.team.member(Role.OWNER)
        self.team.member(Role.SAFETY_CONTACT)
        self.address = ""

    def context(self, browser: Browser, role: Role, **options: Any) -> BrowserContext:
        """A browser of its own in which this member is signed in."""
        return self.team.context(browser, role, self.address, **options)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    found = Desk(tmp_path_factory.mktemp("desk"))
    with served(found.team.app) as address:
        found.address = address
        yield found


def test_two_members_take_an_alert_by_keyboard_to_its_end(desk: Desk, browser: Browser) -> None:
    safety, owner = desk.context(browser, Role.SAFETY_CONTACT), desk.context(browser, Role.OWNER)
    mine, theirs = safety.new_page(), owner.new_page()
    mine.goto(f"{desk.address}/{SLUG}/alerts")
    mine.locator(".matters a").press("Enter")
    assert mine.url == f"{desk.address}/{SLUG}/matters/{desk.alert}"
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
