"""The first hour at the desk, in two browsers without JavaScript: a first owner joins, invites, and somebody comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from tests.servers.http import served
from tests.web.desk_place import PASSWORD, Team
from tests.web.place import SLUG, Place
from trial.core.access import SYSTEM, Role
from trial.mail.mailbox import started_mailbox
from trial.mail.smtp import SmtpMailer
from trial.services.calling import call_due
from trial.services.delivery import Sender
from trial.storage.tables_desk import member_secret

pytestmark = pytest.mark.browser


class Post:
    """The worker and the local mailbox of this walk."""

    def __init__(self, team: Team, url: str, desk: str) -> None:
        self.team, self.sender = team, Sender(SmtpMailer(url), "study@trial.example.org", "walk", None, desk)

    def leaves(self) -> None:
        call_due(self.team.place.store.open_work, self.sender)


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[tuple[Team, Post, str]]:
    box = tmp_path / "mailbox"
    team = Team(Place(tmp_path / "home"), mailbox=box)
    with served(team.app) as address, started_mailbox(box) as server:
        yield team, Post(team, server.url, address), address


def newest_link(page: Page, desk: str, recipient: str) -> str:
    """What the local mailbox shows to who sits at the machine."""
    page.goto(f"{desk}/mailbox?search={recipient}")
    page.locator("tbody th a").first.click()
    return re.search(r"http://\S+/join/\S{43}", page.locator("pre").first.inner_text())[0]


def join(page: Page, link: str) -> pyotp.TOTP:
    """Password and app, the way a person does it."""
    page.goto(link)
    app = pyotp.TOTP(page.locator("main code").inner_text().replace(" ", ""))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_label("The code that it shows now").fill(app.now())
    page.get_by_role("button", name="Join").click()
    assert page.locator("ol.codes li").count() == 10
    page.get_by_role("link", name="I have kept them; go on").click()
    return app


def test_an_owner_joins_invites_and_sees_the_other_come_and_go(browser: Browser, walk: tuple[Team, Post, str]) -> None:
    team, post, desk = walk
    first, second = (browser.new_context(java_script_enabled=False).new_page() for _ in range(2))
    team.link(Role.OWNER, "Robin Example", "robin@team.example")
    post.leaves()
    join(first, newest_link(first, desk, "robin@team.example"))
    first.get_by_role("link", name="Team").click()
    first.get_by_label("Name").fill("Kim Example")
    first.get_by_label("Mail address").fill("kim@team.example")
    first.get_by_label("Role").select_option("coordinator")
    first.get_by_role("button", name="Send the invitation").click()
    assert first.get_by_role("status").inner_text() == "The invitation is on its way."
    post.leaves()
    app = join(second, newest_link(second, desk, "kim@team.example"))
    assert second.get_by_role("link", name="Alerts").count() == 0, "not for a coordinator"
    second.get_by_role("button", name="Sign out").click()
    with team.place.store.open_work(SYSTEM) as work:
        work.rows.execute(update(member_secret).values(totp_step=None))  # as if half a minute had passed
    second.goto(f"{desk}/{SLUG}/team")
    second.get_by_label("Mail address").fill("kim@team.example")
    second.get_by_label("Password").fill(PASSWORD)
    second.get_by_label("Code").fill(app.now())
    second.get_by_role("button", name="Sign in").click()
    assert second.url == f"{desk}/{SLUG}/team"
    first.goto(f"{desk}/{SLUG}/team")
    first.get_by_label("Who leaves").select_option(label="Kim Example")
    first.get_by_role("button", name="End the membership").click()
    second.goto(f"{desk}/{SLUG}")
    assert "/sign-in" in second.url, "signed out at once, in the other browser"
    for page in (first, second):
        page.context.close()
