"""A pretend person at the service of a researcher: comes in as far as the allocation, then answers when asked to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from trial.mail.mailbox_files import StoredMail, refuse
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.browser import Browser
from trial.rehearsal.door import Door
from trial.rehearsal.exercises import Exerciser
from trial.rehearsal.forms import Page
from trial.rehearsal.person import PretendPerson
from trial.rehearsal.profile import DemoProfile, demo_profile
from trial.rehearsal.setting import setting_of

_LINK = re.compile(r"https?://\S+/go/([A-Za-z0-9_-]{43})")
EFFECT = 0.3
# so many parts one sitting may hold
MOST_PARTS = 20
_ASKED_ALONE = "a guest does what the researcher asks for, and nothing else"


def willing() -> DemoProfile:
    """Who comes in for somebody else does not turn back on the way, and does not cheat."""
    return replace(
        demo_profile(),
        eligible=1.0,
        mistypes_address=0.0,
        never_confirms=0.0,
        declines=0.0,
        leaves_at_consent=0.0,
        leaves_baseline=0.0,
        misreads=0.0,
        leaves_an_item_out=0.0,
        robots=0.0,
        comes_again=0.0,
        comes_as_another=0.0,
        alarms=0.0,
    )


def link_of(text: str) -> str | None:
    """The personal link in the text of a mail."""
    found = _LINK.search(text)
    return found[0] if found else None


def token_of(link: str) -> str:
    """The token in a personal link; no token for any other address."""
    found = _LINK.fullmatch(link)
    return found[1] if found else ""


class Hands:
    """What a guest planned, done at once: the researcher moves the clock, and nobody else."""

    def __init__(self, mailbox: Path) -> None:
        self._mailbox = mailbox
        self._planned: list[Callable[[datetime], None]] = []

    def later(self, person: PretendPerson, at: datetime, act: Callable[[datetime], None]) -> None:
        """Plan an act."""
        self._planned.append(act)

    def refuse_mail(self, address: str) -> None:
        """From now on the mail server refuses this address."""
        refuse(self._mailbox, address)

    def allocated(self, person: PretendPerson) -> str | None:
        """The arm, as far as this guest knows it."""
        return person.arm

    def device(self, owner: int = 0) -> Door:
        """A guest has the one browser that the researcher sees."""
        raise RuntimeError(_ASKED_ALONE)

    def enrol_another(self, person: PretendPerson, at: datetime) -> None:
        """A guest comes once."""
        raise RuntimeError(_ASKED_ALONE)

    def write(self, person: PretendPerson, answers: StoredMail, words: str, at: datetime, *, away: bool) -> None:
        """A guest writes nothing of their own."""
        raise RuntimeError(_ASKED_ALONE)

    def do_all(self, now: datetime) -> None:
        """Do what was planned, in order."""
        while self._planned:
            self._planned.pop(0)(now)


class Guest(PretendPerson):
    """One of them, under the address that the researcher's list has."""

    def __init__(
        self,
        number: int,
        slug: str,
        folder: ProtocolFolder,
        seed: int,
        hands: Hands,
        browser: Browser,
        address: str,
        language: str | None,
    ) -> None:
        super().__init__(number, setting_of(slug, folder, willing(), EFFECT, seed), hands, browser)
        self.hands = hands
        self.address = address
        if language is not None:
            self.language = language
            self.exerciser = Exerciser(self.dice, folder, language)

    def _go_on(self, page: Page) -> None:
        """What follows the allocation in the same sitting is left to the researcher."""

    def answer(self, link: str, timepoint: str) -> int:
        """Fill in whatever the link leads to; returns how many parts."""
        page, done = self.open(link), 0
        while page is not None and self._has_activity(page) and done < MOST_PARTS:
            page = self._do(page, timepoint)
            done += 1
        return done
