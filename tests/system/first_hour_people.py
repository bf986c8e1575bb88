"""The second half of the first hour: the trial opens, somebody comes, and the team handles what they bring."""

from __future__ import annotations

import time
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.system.commands import wait_for
from tests.system.first_hour_machine import OWNER, SAFETY, TRIAL, Hour
from tests.system.first_hour_team import answer_in_the_mailbox, until
from tests.system.hands import Finger, send
from tests.system.walker import Walker
from trial.mail.mailbox import StoredMail, read_mailbox
from trial.protocol_files import ProtocolFolder, read_folder

ROBIN = "robin@mailbox.equipoise"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a walker needs to know of a trial that is served elsewhere."""

    hour: Hour
    base: str
    slug: str
    folder: ProtocolFolder

    def send(self) -> None:
        """The server's own worker sends; a moment is given to it."""
        time.sleep(1.5)

    def mails(self, address: str) -> list[StoredMail]:
        return [one for one in read_mailbox(self.hour.place / "my-home" / "mailbox") if one.envelope_to == address]


def open_the_trial(hour: Hour) -> Opened:
    """Every line is green; then the owner opens it."""
    owner = hour.page_of(OWNER)
    owner.goto(f"{hour.desk}/{TRIAL}/gate")
    assert "Every line is green." in owner.locator("main").inner_text()
    hour.look("gate", owner)
    hour.command("gate", "show", TRIAL)
    _press(owner, "Open the trial")
    assert "passed its gate" in owner.locator("main").inner_text()
    return Opened(hour, hour.public, TRIAL, read_folder(hour.place / "my-trial"))


def somebody_comes(hour: Hour, trial: Opened) -> None:
    """Robin has a very low mood, is quicker than one can read, says that a text hurt, and answers a mail."""
    robin = Walker(Finger(hour.page_of(ROBIN, phone=True)), trial, "en", ROBIN)  # type: ignore[arg-type]
    robin.goto(f"/{TRIAL}")
    hour.look("trial", robin.page)
    robin.to_consent()
    robin.submit(robin.answers_at_consent())
    mood = trial.folder.instruments["cesd"]
    turned = mood.scores[0].reverse
    robin.submit({f"cesd_{one.id}": "0" if one.id in turned else "3" for one in mood.items})
    hour.look("places-to-turn-to", robin.page)
    robin.do_all()
    hour.look("waits", robin.page)
    robin.goto("/report")
    robin.hands.write(robin.page.locator("[name='text']"), "The questions about sleep made me sad.")
    send(robin.hands)
    answer_in_the_mailbox(hour, ROBIN, "When do I get the first text?")


def the_team_handles_it(hour: Hour) -> None:
    """The alert by the safety contact on a phone, who was called; the rest by the owner at a desk."""
    safety, owner = hour.page_of(SAFETY), hour.page_of(OWNER)
    _the_alert(hour, safety)
    _the_adverse_event(hour, safety)
    _the_replies(hour, owner)
    _the_held_enrolment(hour, owner)
    owner.goto(f"{hour.desk}/{TRIAL}")
    assert owner.locator(".lists .some").count() == 0, "nothing waits"
    hour.look("home", owner)


def _the_alert(hour: Hour, page: Page) -> None:
    page.goto(hour.link_in(hour.mail_to(SAFETY, "/matters/")))
    _press(page, "Acknowledge: I look after this")
    page.get_by_label("Why you need it").fill("The consent form promises a mail.")
    _press(page, "Show the address once")
    hour.look("identity", page)
    assert ROBIN in page.locator("main").inner_text()
    page.get_by_role("link", name="Back").click()
    page.get_by_label("What was done").fill("Wrote to the person, with places to turn to.")
    _press(page, "Say what was done")
    hour.look("alert", page)
    _press(page, "Close: nothing is left to do")


def _the_adverse_event(hour: Hour, page: Page) -> None:
    _open_first(hour, page, "adverse-events")
    _press(page, "Read what was written")
    hour.look("adverse-event", page)
    page.get_by_label("What happened, in a few words").fill("Sadness")
    for label, value in (
        ("Severity", "mild"),
        ("Related to taking part", "probable"),
        ("Expected from what participants are told", "expected"),
        ("Outcome", "recovered"),
        ("What did the person give up because of it?", "nothing"),
    ):
        page.get_by_label(label).select_option(label=value)
    _press(page, "Keep the assessment")
    _press(page, "Close: nothing is left to do")


def _the_replies(hour: Hour, page: Page) -> None:
    """Robin's is answered; the one to the test mail asks nothing."""
    assert hour.server is not None
    wait_for(lambda: _count(hour, page, "replies") == 2, process=hour.server)
    page.locator(".matters a", has_not_text="The trial").click()
    _press(page, "Read what was written")
    assert "When do I get the first text?" in page.locator("main").inner_text()
    page.get_by_label("Your answer").fill("Your page shows the day and the hour.")
    hour.look("reply", page)
    _press(page, "Send the answer")
    hour.mail_to(ROBIN, "Your page shows the day")
    while _count(hour, page, "replies"):
        page.locator(".matters a").last.click()
        _press(page, "Close: nothing is left to do")


def _count(hour: Hour, page: Page, end: str) -> int:
    page.goto(f"{hour.desk}/{TRIAL}/{end}")
    return page.locator(".matters a").count()


def _the_held_enrolment(hour: Hour, page: Page) -> None:
    _open_first(hour, page, "held")
    page.get_by_label("Why").fill("In a hurry; the address is confirmed and the answers fit together.")
    hour.look("held-enrolment", page)
    _press(page, "Release: let them in")
    robin = hour.page_of(ROBIN)
    robin.goto(f"{hour.public}/me")
    hour.look("my-page", robin)


def _open_first(hour: Hour, page: Page, end: str) -> None:
    until(hour, page, f"{hour.desk}/{TRIAL}/{end}", ".matters a")
    page.locator(".matters a").last.click()


def _press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()
    assert page.locator("[role=alert]").count() == 0, page.locator("main").inner_text()
