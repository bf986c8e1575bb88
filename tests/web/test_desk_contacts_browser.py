"""A reply that asks to stop, and the panic stop, by keyboard in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.servers.http import served
from tests.web.desk_contacts import write_back
from tests.web.desk_place import Team
from tests.web.place import SLUG, Person, Place
from trial.core.access import Role

pytestmark = pytest.mark.browser


class Desk:
    """A served desk with somebody who asked to stop. That pages are narrow and shut nobody out, the samples show."""

    def __init__(self, folder: Path) -> None:
        place = Place(folder)
        self.team = Team(place)
        person = Person(place)
        person.to_allocation()
        write_back(place, person, "STOP")
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
