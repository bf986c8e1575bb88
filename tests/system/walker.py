"""Somebody in a real browser who takes part: every page that they come to is looked at, every mail is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.servers.browser import axe_violations
from tests.system.hands import Hands, fill, main_form, send
from tests.system.living import Living
from trial.core import answers as core_answers
from trial.core.eligibility import first_failed
from trial.mail.mailbox import StoredMail
from trial.protocol_files import ProtocolFolder

_CODE = re.compile(r"\b\d{6}\b")
_LINK = re.compile(r"https?://127\.0\.0\.1:\d+/go/[\w-]{43}(?:\?to=\w+)?")
SIDEWAYS = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"


def eligible(folder: ProtocolFolder) -> dict[str, str]:
    """Answers to the screening questions that let somebody in."""
    asked = core_answers.asked_plainly(folder.protocol.eligibility.questions)
    ways = [
        ["34"] if one.item.type == "number" else [str(value) for value in one.values] or ["yes", "no"] for one in asked
    ]
    for way in product(*ways):
        given = {one.column: value for one, value in zip(asked, way, strict=True)}
        if first_failed(folder.protocol, core_answers.read(asked, given).closed) is None:
            return given
    raise AssertionError("nobody is eligible")


@dataclass
class Walker:
    """One person with one pair of hands; `seen` holds (path, heading) of each page that they came to."""

    hands: Hands
    trial: Living
    language: str
    address: str = "robin@mailbox.example"
    seen: list[tuple[str, str]] = field(default_factory=list)
    read: int = 0

    def __post_init__(self) -> None:
        self.elsewhere: list[str] = []
        self.page.on("request", lambda asked: self._note(asked.url))

    def _note(self, url: str) -> None:
        if not url.startswith((self.trial.base, "data:", "blob:")):
            self.elsewhere.append(url)

    @property
    def page(self) -> Page:
        return self.hands.page

    # --- pages ------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """The page is in the person's language, nobody is shut out of it, and it does not scroll sideways."""
        page = self.page
        self.seen.append((urlsplit(page.url).path, page.locator("h1").first.inner_text()))
        assert page.evaluate("document.documentElement.lang") == self.language, page.url
        assert page.evaluate(SIDEWAYS) == 0, page.url
        assert axe_violations(page) == [], page.url
        arms = [label for arm in self.trial.folder.protocol.arms for label in arm.label.values()]
        assert not any(arm.lower() in page.title().lower() for arm in arms)

    def goto(self, path: str) -> None:
        self.page.goto(self.trial.base + path)
        self.look()

    def press(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.hands.press(self.page.locator(selector).first)
        self.look()

    def submit(self, known: dict[str, str] | None = None) -> None:
        """Fill in what the page asks, and send it."""
        fill(self.hands, known)
        send(self.hands)
        self.look()

    def choose(self, name: str, value: str) -> None:
        """One answer of a form in which nothing else is asked."""
        self.hands.tick(self.page.locator(f"[name='{name}'][value='{value}']"))
        send(self.hands)
        self.look()

    @property
    def at_an_activity(self) -> bool:
        return urlsplit(self.page.url).path == "/now"

    def do_all(self) -> int:
        """Whatever is asked in this sitting, also past a page with places to turn to; returns how many were sent."""
        count = 0
        while count < 30:
            if urlsplit(self.page.url).path == "/resources":
                self.press("main a.button")
            if not self.at_an_activity:
                break
            self.submit()
            count += 1
        return count

    # --- the way in -------------------------------------------------------------------------------------------

    def to_consent(self, start: str = "") -> None:
        self.goto(f"/{self.trial.slug}{start}")
        self.press("main a.button")
        self.submit()
        self.submit(eligible(self.trial.folder))
        self.submit({"email": self.address, "zone": "Europe/Berlin"})
        self.type_code()

    def answers_at_consent(self) -> dict[str, str]:
        questions = self.trial.folder.protocol.consent.comprehension
        return {"signature": "Robin Example"} | {f"question_{one.id}": str(one.correct) for one in questions}

    # --- mails ------------------------------------------------------------------------------------------------

    def new_mails(self) -> list[StoredMail]:
        """What came since the person last looked; every mail is in their language and names no arm."""
        self.trial.send()
        found = self.trial.mails(self.address)[self.read :]
        self.read += len(found)
        for one in found:
            assert one.headers["content-language"] == self.language
            assert "{{" not in one.text + one.html + one.subject
            for arm in self.trial.folder.protocol.arms:
                assert all(label.lower() not in one.subject.lower() for label in arm.label.values())
        return found

    def prove(self) -> None:
        """Ask for a fresh code, and type it."""
        self.hands.tick(self.page.locator("[name='send']"))
        self.press("form:has([name='send']) button")
        code = _CODE.search(self.new_mails()[-1].text)
        assert code is not None
        self.hands.write(self.page.locator("[name='code']"), code[0])
        self.press("form:has([name='code']) button")

    def type_code(self) -> None:
        """Read the code in the latest mail, and type it."""
        code = _CODE.search(self.new_mails()[-1].text)
        assert code is not None
        self.submit({"code": code[0]})

    def open(self, mail: StoredMail) -> None:
        """Follow the link of a mail in a visit of its own, as after some days: the old cookie has gone."""
        link = _LINK.search(mail.text)
        assert link is not None, mail.subject
        self.page.context.clear_cookies()
        self.page.goto(link[0])
        # this page comes before anybody is known: it speaks the browser's language
        with self.page.expect_navigation():
            self.hands.press(main_form(self.page).locator("button").first)
        self.look()
