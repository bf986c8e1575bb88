"""The first half of the first hour: folder, rehearsal, team and evidence, each tried and seen by the gate."""

from __future__ import annotations

import pyotp
from playwright.sync_api import Page

from tests.system.commands import wait_for
from tests.system.first_hour_folder import SCALES
from tests.system.first_hour_machine import OWNER, PASSWORD, PEOPLE, SAFETY, STATISTICIAN, TRIAL, Hour


def fill_in_and_rehearse(hour: Hour) -> None:
    """The scales get their words, nothing is left to mend, and the trial is lived once with pretend people."""
    for code in SCALES:
        hour.command("instruments", "fill", code, "--from", f"{code}.txt", "--protocol", "my-trial", "--yes")
    checked = hour.command("check", "my-trial")
    assert "0 errors, 0 warnings, 0 to do before opening" in checked.out + checked.err
    hour.command("demo", "my-trial", "--participants", "20", "--out", "rehearsal")
    hour.command("prepare", "my-trial")
    shown = hour.command("gate", "show", TRIAL, code=1)
    assert "lines are refused" in shown.out + shown.err


def gather_the_team(hour: Hour) -> None:
    """The first owner joins by a link and asks two others; the three sign in, each in a browser of their own."""
    hour.command("member", "owner", TRIAL, PEOPLE[OWNER], OWNER)
    owner = hour.page_of(OWNER)
    owner.goto(f"{hour.desk}/mailbox")
    hour.look("mailbox", owner)
    hour.mail_to(OWNER, "/join/")
    _join(hour, OWNER, look=True)
    for address, role in ((STATISTICIAN, "statistician"), (SAFETY, "safety contact")):
        owner.goto(f"{hour.desk}/{TRIAL}/team")
        owner.get_by_label("Name").fill(PEOPLE[address])
        owner.get_by_label("Mail address").fill(address)
        owner.get_by_label("Role").select_option(label=role)
        owner.get_by_role("button", name="Send the invitation", exact=True).click()
        assert owner.get_by_role("status").inner_text() == "The invitation is on its way."
    hour.look("team", owner)
    for address in (STATISTICIAN, SAFETY):
        _join(hour, address)


def _join(hour: Hour, address: str, *, look: bool = False) -> None:
    page = hour.page_of(address, phone=address == SAFETY)
    page.goto(hour.link_in(hour.mail_to(address, "/join/")))
    if look:
        hour.look("join", page)
    app = hour.apps[address] = pyotp.TOTP(page.locator("main code").inner_text().replace(" ", ""))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_label("The code that it shows now").fill(app.now())
    page.get_by_role("button", name="Join").click()
    assert page.locator("ol.codes li").count() == 10
    page.get_by_role("link", name="I have kept them; go on").click()


def gather_the_evidence(hour: Hour) -> None:
    """Keys, backup, mail and its answer, on call, and the rehearsal: each tried, and seen by the gate."""
    hour.command("keys", "custodian", "custodian", "--passphrase-file", "custodian.txt")
    hour.command("keys", "escrow", "with-the-custodian", "--recipient", "custodian.pub")
    hour.command("drill", "backups", "--passphrase-file", "data.txt")
    hour.command("mail", "doctor", TRIAL, "--to", "me@team.equipoise")
    answer_in_the_mailbox(hour, "me@team.equipoise", "It arrived.", look="mail-answer")
    _see_reply_of_the_test(hour)
    _put_on_call(hour)
    hour.command("gate", "rehearsal", TRIAL, "rehearsal", "--read")
    owner = hour.page_of(OWNER)
    owner.goto(f"{hour.desk}/{TRIAL}/gate")


def answer_in_the_mailbox(hour: Hour, address: str, words: str, *, look: str = "", to: str = "") -> None:
    """Who sits at the machine answers a mail as the person who got it."""
    mail, page = hour.mail_to(address, to), hour.page_of(OWNER)
    page.goto(f"{hour.desk}/mailbox/{mail.number}")
    page.get_by_role("link", name="Answer it, as the person who got it").click()
    page.get_by_label("Your words").fill(words)
    if look:
        hour.look(look, page)
    page.get_by_role("button", name="Send the answer").click()
    assert "on its way" in page.get_by_role("status").inner_text()


def _see_reply_of_the_test(hour: Hour) -> None:
    page = hour.page_of(OWNER)
    until(hour, page, f"{hour.desk}/{TRIAL}/replies", ".matters a")
    hour.command("mail", "doctor", TRIAL, "--reply")


def _put_on_call(hour: Hour) -> None:
    owner, safety = hour.page_of(OWNER), hour.page_of(SAFETY)
    owner.goto(f"{hour.desk}/{TRIAL}/roster")
    owner.get_by_label("Who", exact=True).select_option(label=PEOPLE[SAFETY])
    owner.get_by_role("button", name="Put on the roster").click()
    owner.get_by_role("button", name=f"Call {PEOPLE[SAFETY]} as a test").click()
    hour.look("roster", owner)
    safety.goto(hour.link_in(hour.mail_to(SAFETY, "/roster")))
    hour.look("test-alert", safety)
    safety.get_by_role("button", name="It reached me").click()
    assert safety.get_by_role("status").inner_text() == "Kept: the test reached you."


def until(hour: Hour, page: Page, address: str, selector: str) -> None:
    """Look at a page until something stands on it."""
    assert hour.server is not None

    def there() -> bool:
        page.goto(address)
        return page.locator(selector).count() > 0

    wait_for(there, process=hour.server)
