"""One installation and the people before it: the commands as they are typed, the pages, the mails, the links."""

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
from tests.system.first_hour_folder import filled_in, wording
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
