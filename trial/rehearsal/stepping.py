"""The time machine: a rehearsal that a researcher lives step by step, as any of its people, on a clock that they move.

Time goes forward only. On the way everything that falls due happens in order, each at its own time, as live. The
machine refuses a trial that is no rehearsal and a database without a pretend clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from trial.core.access import Actor
from trial.core.errors import NotFound, Refused
from trial.core.local_time import local_day
from trial.core.protocol import TrialProtocol
from trial.mail.mailbox_files import StoredMail, last_number, numbers, read_mail, read_summary
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.browser import Web
from trial.rehearsal.guest import Guest, Hands, link_of, token_of
from trial.rehearsal.keeping import Kept, People
from trial.rehearsal.moments import Here
from trial.services import rehearsing, stepping, trials
from trial.services.stepping import Standing
from trial.storage.work import OpenWork

# so many people join, at most, until one lands in the arm that is wanted
MOST_TRIES = 80
# a mail that is due is sent, put off or dropped in one round; more rounds at one instant mean that something is stuck
MOST_ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Parts:
    """The real parts it runs on. `send` lets the worker do all that is due now and returns when nothing is in hand."""

    open_work: OpenWork
    app: Any
    base_url: str
    folder: Path
    send: Callable[[], object]
    by: Actor

    @property
    def mailbox(self) -> Path:
        return self.folder / "mailbox"


@dataclass(frozen=True, slots=True)
class Travelled:
    """From when to when, and how many mails left on the way."""

    start: datetime
    end: datetime
    mails: int


class TimeMachine:
    """One stepped rehearsal. Everything that changes it waits in line: the worker's rounds, jumps, pretend people."""

    def __init__(self, parts: Parts, slug: str, seed: int) -> None:
        with parts.open_work(parts.by, write=False) as work:
            trial = stepping.rehearsed(work, slug)
            self.folder: ProtocolFolder = trials.folder(work, trial.protocol_id)
        self.parts = parts
        self.slug = slug
        self.seed = seed
        self.people = People(parts.folder)
        self._line = threading.RLock()
        self._web = Web(parts.app, parts.base_url)

    @property
    def protocol(self) -> TrialProtocol:
        return self.folder.protocol

    def close(self) -> None:
        """Let go of the engine's browser."""
        with self._line:
            self._web.close()

    # --- the clock ---------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        with self.parts.open_work(self.parts.by, write=False) as work:
            return work.now

    def send(self) -> None:
        """The worker's round at the present instant."""
        with self._line:
            self.parts.send()

    def next_moment(self) -> datetime | None:
        """When something happens next by itself."""
        with self.parts.open_work(self.parts.by, write=False) as work:
            return stepping.next_moment(work)

    def until(self, moment: datetime) -> Travelled:
        """Let time pass up to this instant."""
        with self._line:
            start, before = self.now, last_number(self.parts.mailbox)
            self.parts.send()
            stuck = 0
            while (due := self.next_moment()) is not None and due <= moment:
                stuck = stuck + 1 if due <= self.now else 0
                if stuck > MOST_ROUNDS:
                    raise Refused("Something that is due cannot be done. The terminal that runs this says why.")
                self._move(due)
                self.parts.send()
            self._move(moment)
            self.parts.send()
            return Travelled(start, self.now, last_number(self.parts.mailbox) - before)

    def to_next(self) -> Travelled:
        """To the next thing that happens by itself."""
        moment = self.next_moment()
        if moment is None:
            raise Refused("Nothing more happens by itself: nobody waits for a mail. Let somebody join first.")
        return self.until(moment)

    def to_next_mail(self, kept: Kept) -> Travelled:
        """To the next mail that this person gets; one that turns out not to be wanted is passed by."""
        with self._line:
            start, before = self.now, last_number(self.parts.mailbox)
            while (waiting := self._waiting(kept)) is not None:
                seen = last_number(self.parts.mailbox)
                self.until(max(waiting, self.now))
                if self.mails_of(kept, after=seen):
                    return Travelled(start, self.now, last_number(self.parts.mailbox) - before)
            raise Refused(f"No further mail is planned for {kept.name}.")

    def _waiting(self, kept: Kept) -> datetime | None:
        found = self.standing(kept)
        return found.next_mail.due_at if found and found.next_mail else None

    def _move(self, moment: datetime) -> None:
        with self.parts.open_work(self.parts.by) as work:
            if moment > work.now:
                rehearsing.move_clock(work, moment)

    # --- people ------------------------------------------------------------------------------------------------

    def kept(self, number: int) -> Kept:
        """Somebody by number; NotFound where there is nobody."""
        found = self.people.by_number(number)
        if found is None:
            raise NotFound("There is no such person in this rehearsal.")
        return self._known(found)

    def everybody(self) -> list[Kept]:
        """All whom the researcher keeps."""
        return [self._known(one) for one in self.people.all()]

    def _known(self, kept: Kept) -> Kept:
        """The same, tied to the participant of their address once there is one."""
        if kept.participant is not None:
            return kept
        with self.parts.open_work(self.parts.by, write=False) as work:
            found = stepping.who_has(work, self.slug, kept.address)
        return kept if found is None else self.people.change(kept, participant=found)

    def standing(self, kept: Kept) -> Standing | None:
        """Where somebody stands; None before they gave an address."""
        if kept.participant is None:
            return None
        with self.parts.open_work(self.parts.by, write=False) as work:
            return stepping.standing(work, self.slug, kept.participant)

    def here(self, kept: Kept | None) -> Here:
        """Now, as this person's calendar has it; without anybody, UTC."""
        found = self.standing(kept) if kept else None
        if found is None:
            return Here(self.now, "UTC", None)
        since = found.person.randomized_at
        return Here(self.now, found.person.zone, local_day(since, found.person.zone) if since else None)

    def mails_of(self, kept: Kept, *, after: int = 0) -> list[int]:
        """The numbers of this person's mails, newest first."""
        found = self.standing(kept)
        addresses = {kept.address, found.address if found and found.address else kept.address}
        box = self.parts.mailbox
        mine = (one for one in numbers(box) if one > after and read_summary(box, one).envelope_to in addresses)
        return sorted(mine, reverse=True)

    def owner_of(self, mail: StoredMail) -> Kept | None:
        """Whom of the people kept this mail went to."""
        return next((one for one in self.everybody() if mail.number in self.mails_of(one)), None)

    # --- what the engine does for somebody ---------------------------------------------------------------------

    def make(self, arm: str, *, name: str = "", language: str = "") -> list[Kept]:
        """People join, up to their allocation, until one is in this arm: that one is the last, and has the name."""
        if arm not in {one.id for one in self.protocol.arms}:
            raise NotFound("There is no such arm.")
        with self.parts.open_work(self.parts.by, write=False) as work:
            stepping.rehearsed(work, self.slug)
        joined: list[Kept] = []
        with self._line:
            for _ in range(MOST_TRIES):
                joined.append(self._join(language))
                found = self.standing(joined[-1])
                if found is None or not found.is_in:
                    state = found.person.state.value.replace("_", " ") if found else "not known"
                    raise Refused(f"{joined[-1].name} went the whole way in and is {state}, not randomised.")
                if found.arm == arm:
                    if name.strip():
                        joined[-1] = self.people.change(joined[-1], name=" ".join(name.split())[:60])
                    return joined
        raise Refused(f"{MOST_TRIES} people joined, and none of them is in this arm. They are on the list.")

    def somebody_in(self, arm: str, rather: Kept | None) -> Kept:
        """Of those kept, somebody in this arm: who is looked at already, else who came last; else one is made."""
        mine = [one for one in self.everybody() if (found := self.standing(one)) and found.arm == arm]
        looked_at = [one for one in mine if rather is not None and one.number == rather.number]
        return next(iter(looked_at or mine[::-1]), None) or self.make(arm)[-1]

    def _join(self, language: str) -> Kept:
        kept = self.people.add("")
        guest = self._guest(kept, language or None)
        guest.arrive(self.now)
        self.parts.send()
        for number in reversed(self.mails_of(kept)):
            guest.receive(read_mail(self.parts.mailbox, number), self.now)
        guest.hands.do_all(self.now)
        self.parts.send()
        return self._known(kept)

    def _guest(self, kept: Kept, language: str | None) -> Guest:
        hands = Hands(self.parts.mailbox)
        return Guest(kept.number, self.slug, self.folder, self.seed, hands, self._web.browser(), kept.address, language)

    def answer(self, number: int) -> int:
        """Let the engine answer what this mail asks, as the person who got it; returns how many parts it filled in."""
        mail = self.mail(number)
        link = link_of(mail.text)
        if link is None:
            raise Refused("This mail asks nothing: it holds no personal link.")
        with self._line:
            with self.parts.open_work(self.parts.by, write=False) as work:
                contact = stepping.asked_by(work, self.slug, token_of(link))
                found = stepping.standing(work, self.slug, contact.participant_id)
            kept = self.people.of_participant(found.person.id) or Kept(found.person.number, "", mail.envelope_to)
            guest = self._guest(kept, found.person.language)
            guest.arm = found.arm
            done = guest.answer(link, contact.timepoint)
            self.parts.send()
        if not done:
            raise Refused("There is nothing to fill in behind this link: it was done before, or its time is over.")
        return done

    def mail(self, number: int) -> StoredMail:
        """A mail of the mailbox; NotFound where there is none."""
        try:
            return read_mail(self.parts.mailbox, number)
        except (FileNotFoundError, OverflowError):
            raise NotFound("There is no such mail.") from None

    def left(self, browser: dict[str, Any]) -> None:
        """Keep how far the researcher's browser came: with the person whose session it holds."""
        participant, current = browser.get("participant"), self.people.current
        kept = None if participant is None else self.people.of_participant(participant)
        if kept is None and current is not None and self._known(current).participant in (None, participant):
            kept = self._known(current)
        if kept is not None:
            self.people.turn_to(kept)
            self.people.change(kept, browser=browser, participant=participant or kept.participant)
