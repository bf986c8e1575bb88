"""A newcomer's first hour, lived: from a filled-in folder to an open trial whose team handles what its people bring.

Real commands in processes of their own, `equipoise serve` over TLS with the local mailbox, and a browser for each
person. `docs/first-hour.md` tells it; `look` is given each page that it shows.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import httpx
import pyotp
from playwright.sync_api import Browser, BrowserContext, Page

from tests.system.commands import Done, equipoise, running, wait_for
from tests.system.first_hour_folder import SCALES, filled_in, wording
from tests.system.serving import two_free_ports
from trial.mail.mailbox import StoredMail, read_mailbox

TRIAL = "larger-trial"
PASSWORD = "seven kettles whistle at dawn"
PEOPLE = {"a.person@team.equipoise": "A. Person", "b.person@team.equipoise": "B. Person",
          "c.person@team.equipoise": "C. Person"}  # fmt: skip
OWNER, STATISTICIAN, SAFETY = PEOPLE
DESKTOP, PHONE = {"width": 1100, "height": 800}, {"width": 390, "height": 844}
_CERTIFICATE = (
    "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1",
    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "certificate.pem",
)  # fmt: skip
Look = Callable[[str, Page], None]


@dataclass
class Hour:
    """One installation in `place`, its pages, and who sits before them. `told`: each command, as one types it."""

    place: Path
    browser: Browser
    look: Look
    public: str
    desk: str
    told: list[str] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)
    server: subprocess.Popen[bytes] | None = None
    apps: dict[str, pyotp.TOTP] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "HOME": "my-home",
            "BASE_URL": self.public,
            "DESK_URL": self.desk,
            "TLS_CERTIFICATE": "certificate.pem",
            "TLS_KEY": "key.pem",
            "TICK_SECONDS": "1",
        }

    def command(self, *words: str, code: int = 0) -> Done:
        """Run a command as somebody types it, and see how it ends."""
        self.told.append("equipoise " + " ".join(f'"{one}"' if " " in one else one for one in words))
        done = equipoise(*words, cwd=self.place, **self.settings)
        assert done.code == code, done.out + done.err
        return done

    @contextmanager
    def serving(self) -> Iterator[None]:
        """`equipoise serve`, until the end of the block."""
        self.told.append("equipoise serve")
        port = self.public.rpartition(":")[2]
        with running("serve", "--port", port, cwd=self.place, **self.settings) as process:
            self.server = process
            for address in (self.public, self.desk):
                wait_for(lambda address=address: _answers(f"{address}/healthz"), process=process)  # type: ignore[misc]
            yield

    # -- people ------------------------------------------------------------------------------------------------

    def page_of(self, who: str, *, phone: bool = False, script: bool = True) -> Page:
        """The browser of one person, their own; it trusts the certificate that was made for this hour."""
        if who not in self.pages:
            size = PHONE if phone else DESKTOP
            self.pages[who] = self._context(size, script).new_page()
        return self.pages[who]

    def _context(self, size: dict[str, int], script: bool) -> BrowserContext:
        return self.browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            locale="en-GB",
            timezone_id="Europe/Amsterdam",
            ignore_https_errors=True,
            java_script_enabled=script,
        )

    def close(self) -> None:
        """Everybody leaves."""
        for page in self.pages.values():
            page.context.close()

    # -- mails -------------------------------------------------------------------------------------------------

    def mail_to(self, address: str, words: str) -> StoredMail:
        """The newest mail to somebody that holds these words, as soon as it is there."""
        assert self.server is not None

        def newest() -> StoredMail | None:
            found = [
                one
                for one in read_mailbox(self.place / "my-home" / "mailbox")
                if one.envelope_to == address and words in one.subject + one.text
            ]
            return found[-1] if found else None

        return wait_for(newest, process=self.server)

    def link_in(self, mail: StoredMail) -> str:
        """The address that a mail leads to."""
        found = re.search(r"https://127\.0\.0\.1:\d+/(?:go|join)/\S+|https://127\.0\.0\.1:\d+/larger\S+", mail.text)
        assert found is not None, mail.text
        return found[0].rstrip(".")


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5, verify=False).status_code == 200  # this hour's own
    except httpx.TransportError:
        return False


@contextmanager
def first_hour(place: Path, browser: Browser, look: Look) -> Iterator[Hour]:
    """An empty folder beside a trial's folder, the scales' wording, and a certificate for this machine."""
    port = two_free_ports()
    today = date.fromisoformat(time.strftime("%Y-%m-%d", time.gmtime()))  # the commands have the machine's clock
    wording(filled_in(place / "my-trial", today), place)
    subprocess.run(_CERTIFICATE, cwd=place, check=True, capture_output=True)
    (place / "data.txt").write_text("a passphrase for the data\n")
    (place / "custodian.txt").write_text("a passphrase of the custodian\n")
    hour = Hour(place, browser, look, f"https://127.0.0.1:{port}", f"https://127.0.0.1:{port + 1}")
    try:
        yield hour
    finally:
        hour.close()


# -- the steps, in the order of the page that tells them ---------------------------------------------------------


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
        owner.get_by_role("button", name="Send the invitation").click()
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
    _answer_in_the_mailbox(hour, "me@team.equipoise", "It arrived.", look="mail-answer")
    _see_reply_of_the_test(hour)
    _put_on_call(hour)
    hour.command("gate", "rehearsal", TRIAL, "rehearsal", "--read")
    owner = hour.page_of(OWNER)
    owner.goto(f"{hour.desk}/{TRIAL}/gate")


def _answer_in_the_mailbox(hour: Hour, address: str, words: str, *, look: str = "", to: str = "") -> None:
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
    _until(hour, page, f"{hour.desk}/{TRIAL}/replies", ".matters a")
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


def _until(hour: Hour, page: Page, address: str, selector: str) -> None:
    """Look at a page until something stands on it."""
    assert hour.server is not None

    def there() -> bool:
        page.goto(address)
        return page.locator(selector).count() > 0

    wait_for(there, process=hour.server)
