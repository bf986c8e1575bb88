"""Each list's whole story with two members in two browsers: one begins, the other goes on, both see who did what.

The alerts' is in `test_desk_matters_browser`. What waits is laid by the services; everything after that is pressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.servers.http import served
from tests.web.desk_contacts import miss, write_back
from tests.web.desk_matters import latest, report_harm
from tests.web.desk_place import Team
from tests.web.place import SLUG, Person, Place
from tests.web.test_keeping_robots_out import held
from trial.core import proof
from trial.core.access import Role
from trial.core.matters import MatterKind

pytestmark = pytest.mark.browser

ROLES = (Role.COORDINATOR, Role.OWNER)


@dataclass
class Desk:
    """A served desk, the numbers of what waits by list, and two members in a browser each."""

    address: str
    waiting: dict[str, int]
    mine: Page
    theirs: Page

    def both(self, end: str) -> None:
        """Both look at the list, where one thing waits, and go from there to its page."""
        for page in (self.mine, self.theirs):
            page.goto(f"{self.address}/{SLUG}/{end}")
            page.locator(f".matters a[href$='/matters/{self.waiting[end]}']").click()

    def is_empty(self, end: str) -> bool:
        """Whether nothing waits there for either of them any more."""
        counts = []
        for page in (self.mine, self.theirs):
            page.goto(f"{self.address}/{SLUG}/{end}")
            counts.append(page.locator(".matters a").count())
        return counts == [0, 0]

    def history(self, end: str) -> str:
        """What happened, as the first of them reads it."""
        self.mine.goto(f"{self.address}/{SLUG}/matters/{self.waiting[end]}")
        return self.mine.locator(".history").inner_text()


def laid(folder: Path) -> tuple[Team, dict[str, int]]:
    """A trial with one thing in each list that the services fill."""
    place = Place(folder)
    team = Team(place)
    person, late = Person(place, "alex@mailbox.example"), Person(place, "noor@mailbox.example")
    person.to_allocation()
    held(place, late, **{proof.PROOF: ""})  # a browser that ran no script
    for role in ROLES:
        team.member(role)
    return team, {
        "adverse-events": report_harm(place, person),
        "replies": write_back(place, person, "May I write on Sunday?"),
        "mails": miss(place, person),
        "held": latest(place, MatterKind.HELD_ENROLMENT),
    }


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with ThreadPoolExecutor(1) as thread:  # the browser's driver has a loop running in this one
        team, waiting = thread.submit(laid, tmp_path_factory.mktemp("desk")).result()
    with served(team.app) as address:
        mine, theirs = (team.context(browser, role, address) for role in ROLES)
        yield Desk(address, waiting, mine.new_page(), theirs.new_page())
        mine.close()
        theirs.close()


def press(page: Page, name: str) -> None:
    """Press a button that was not refused."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()
    assert page.get_by_role("alert").count() == 0, page.locator("main").inner_text()


def test_an_adverse_event_is_taken_up_by_one_and_judged_by_the_other(desk: Desk) -> None:
    desk.both("adverse-events")
    press(desk.mine, "Acknowledge: I look after this")
    assert desk.mine.get_by_role("button", name="Keep the assessment").count() == 0, "not for a coordinator"
    desk.theirs.reload()
    desk.theirs.get_by_label("What happened, in a few words").fill("Sadness")
    for label, value in (
        ("Severity", "moderate"),
        ("Related to taking part", "possible"),
        ("Expected from what participants are told", "expected"),
        ("Outcome", "recovered"),
        ("What did the person give up because of it?", "nothing"),
    ):
        desk.theirs.get_by_label(label).select_option(label=value)
    press(desk.theirs, "Keep the assessment")
    press(desk.theirs, "Close: nothing is left to do")
    told = desk.history("adverse-events")
    assert "Coordinator Example acknowledged" in told and "Owner Example assessed it (not serious)" in told
    assert desk.is_empty("adverse-events")


def test_a_reply_is_read_by_one_and_answered_by_the_other(desk: Desk) -> None:
    desk.both("replies")
    press(desk.mine, "Read what was written")
    assert "May I write on Sunday?" in desk.mine.locator("main").inner_text()
    press(desk.theirs, "Read what was written")
    desk.theirs.get_by_label("Your answer").fill("You may.")
    press(desk.theirs, "Send the answer")
    press(desk.mine, "Close: nothing is left to do")
    told = desk.history("replies")
    assert told.count("read what was written") == 2 and "Coordinator Example closed" in told
    assert "You may." in desk.mine.locator("main").inner_text()
    assert desk.is_empty("replies")


def test_a_mail_in_doubt_is_given_to_the_other_who_sends_a_fresh_link(desk: Desk) -> None:
    desk.both("mails")
    desk.mine.get_by_text("Give it to somebody").click()
    desk.mine.get_by_label("To whom").select_option(label="Owner Example")
    press(desk.mine, "Hand over")
    desk.theirs.reload()
    assert "Owner Example" in desk.theirs.locator("main").inner_text()
    desk.theirs.get_by_label("The first mail may have arrived; a second one is meant.").check()
    press(desk.theirs, "Send a fresh link")
    if not desk.is_empty("mails"):
        desk.both("mails")
        press(desk.theirs, "Close: nothing is left to do")
    assert "Owner Example" in desk.history("mails")
    assert desk.is_empty("mails")


def test_a_held_enrolment_is_noted_by_one_and_decided_by_the_other_once(desk: Desk) -> None:
    desk.both("held")
    desk.mine.get_by_text("Add a note").click()
    desk.mine.get_by_label("Note").fill("Looked at it: nothing that would speak against.")
    press(desk.mine, "Keep the note")
    for page, why in ((desk.theirs, "The answers fit together."), (desk.mine, "Not sure.")):
        page.get_by_label("Why", exact=True).fill(why)
    press(desk.theirs, "Release: let them in")
    desk.mine.get_by_role("button", name="Refuse").click()
    assert desk.mine.get_by_role("alert").is_visible(), "decided already, by somebody else"
    told = desk.history("held")
    assert "Coordinator Example" in told and "Owner Example" in told
    assert desk.is_empty("held")


def test_a_deviation_is_recorded_by_one_and_what_was_done_is_said_by_the_other(desk: Desk) -> None:
    desk.mine.goto(f"{desk.address}/{SLUG}/deviations/new")
    desk.mine.get_by_label("Which part of the protocol").select_option(index=1)
    desk.mine.get_by_label("Important?").select_option("no")
    desk.mine.get_by_label("Day").fill("2026-03-02")
    desk.mine.get_by_label("What happened").fill("A questionnaire stood open for a day too long.")
    press(desk.mine, "Record it")
    desk.waiting["deviations"] = int(desk.mine.url.partition("?")[0].rpartition("/")[2])
    desk.both("deviations")
    desk.theirs.get_by_label("What was done").fill("The window was set right.")
    press(desk.theirs, "Say what was done")
    desk.mine.reload()
    press(desk.mine, "Close: nothing is left to do")
    told = desk.history("deviations")
    assert "The window was set right." in told and "Coordinator Example closed" in told
    assert desk.is_empty("deviations")
