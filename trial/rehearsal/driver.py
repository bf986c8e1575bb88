"""The calendar of a rehearsal: moves the pretend clock from one thing that happens to the next.

Nothing moves while a mail is due or in somebody's hands. At each instant the mails that arrived are read, then every
person who planned something does it, in order of time and number: so a seed gives one history, whoever sends.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from trial.core.access import SYSTEM
from trial.mail.mailbox_files import StoredMail
from trial.rehearsal import coordinator
from trial.rehearsal.door import Door, Doors, PostBox
from trial.rehearsal.letters import OneLetter, written
from trial.rehearsal.person import PretendPerson
from trial.rehearsal.profile import Profile
from trial.rehearsal.setting import Setting
from trial.services import rehearsing, replies, stages
from trial.storage.work import OpenWork

Act = Callable[[datetime], None]
# each day, so long after the hour at which the trial began
AT_THE_DESK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rehearsal is: the pretend day, who arrived, and how many mails there are."""

    day: int
    days: int
    arrived: int
    mails: int


@dataclass(frozen=True, slots=True)
class Parts:
    """The real parts that a rehearsal runs on. `drain` returns when nothing is due or in hand at the
    present time; `rung` says whether the application has rung for the workers since it was last asked."""

    open_work: OpenWork
    doors: Doors
    post: PostBox
    drain: Callable[[], object]
    rung: Callable[[], bool]


class Driver:
    """Runs one rehearsal on its parts."""

    def __init__(self, parts: Parts, setting: Setting, participants: int, start: datetime, days: int) -> None:
        self.parts = parts
        self.setting = setting
        self.start = start
        self.days = days
        self.now = start
        self._stages = bool(setting.folder.protocol.stages)
        self.people = [
            PretendPerson(number, setting, self, parts.doors.browser(number)) for number in range(1, participants + 1)
        ]
        self._agenda: list[tuple[datetime, int, int, Act]] = []
        self._planned = 0
        self._read = 0
        self._written = 0
        self._arrived = 0

    def later(self, person: PretendPerson, at: datetime, act: Act) -> None:
        """Plan an act of a person."""
        self._plan(at, person.number, act)

    def refuse_mail(self, address: str) -> None:
        """From now on the mail server refuses this address."""
        self.parts.post.refuse(address)

    def allocated(self, person: PretendPerson) -> str | None:
        """The arm that the trial put a person into; None where it has not yet."""
        with self.parts.open_work(SYSTEM, write=False) as work:
            return rehearsing.arm_of(work, self.setting.slug, person.address)

    def device(self, owner: int = 0) -> Door:
        """A fresh device of this person, or of somebody who is none of them."""
        return self.parts.doors.browser(owner)

    def enrol_another(self, person: PretendPerson, at: datetime) -> None:
        """The same human comes with another address: for the trial it is one more person."""
        another = PretendPerson(person.number, self.setting, self, self.device(person.number), again=True)
        self.people.append(another)
        another.arrive(at)

    def write(self, person: PretendPerson, answers: StoredMail, words: str, at: datetime, *, away: bool) -> None:
        """Somebody answers a mail of ours: it comes in as any other."""
        self._written += 1
        to = self.setting.folder.protocol.administrative.contact_email
        raw = written(self._written, person.address, to, answers, words, at, away=away)
        replies.receive(self.parts.open_work, OneLetter(raw), to)
        if not away:
            self._plan(self._next_morning(at), 0, self._answer)

    def run(self, profile: Profile, end_recruitment: Act, report: Callable[[Progress], None]) -> None:
        """Live the whole trial; `end_recruitment` is called when the last baseline window is over."""
        arrivals = [self._arrival(person, profile) for person in self.people]
        for person, at in zip(self.people, arrivals, strict=True):
            self._plan(at, person.number, self._arrive(person))
        end = max(arrivals) + timedelta(days=15)
        self._plan(end, 0, end_recruitment)
        if self.setting.knows_arms:
            for day in range((end - self.start).days + 1):
                self._plan(self.start + timedelta(days=day) + AT_THE_DESK, 0, self._decide)
        try:
            while self._step():
                report(Progress((self.now - self.start).days, self.days, self._arrived, self._read))
            self._move(max(self.now, self.start + timedelta(days=self.days)))
        finally:
            self.parts.doors.close()

    def _arrival(self, person: PretendPerson, profile: Profile) -> datetime:
        day = int(share_of_recruitment(person.dice.uniform("arrives_on"), profile) * profile.weeks_of_recruitment * 7)
        return self.start + timedelta(days=day, minutes=round(person.dice.between(0, 14 * 60, "arrives_at")))

    def _next_morning(self, at: datetime) -> datetime:
        """When the team is at the desk next."""
        return self.start + timedelta(days=(at - self.start - AT_THE_DESK).days + 1) + AT_THE_DESK

    def _answer(self, _: datetime) -> None:
        if coordinator.answer(self.parts.open_work, self.setting.slug):
            self._deliver()

    def _decide(self, _: datetime) -> None:
        if coordinator.decide(self.parts.open_work, self.setting.slug):
            self._deliver()

    def _arrive(self, person: PretendPerson) -> Act:
        def act(now: datetime) -> None:
            self._arrived += 1
            person.arrive(now)

        return act

    def _plan(self, at: datetime, number: int, act: Act) -> None:
        self._planned += 1
        heapq.heappush(self._agenda, (at, number, self._planned, act))

    def _step(self) -> bool:
        """Live the next instant: mails first, then everyone who acts at it, then the mails that this caused.

        False where nothing is left to happen.
        """
        own = self._agenda[0][0] if self._agenda else None
        with self.parts.open_work(SYSTEM) as work:
            due = rehearsing.next_due(work, stages=self._stages)
            moment = min((one for one in (due, own) if one is not None), default=None)
            if moment is None:
                return False
            self.now = max(moment, self.now)
            rehearsing.move_clock(work, self.now)
        if due is not None and due <= self.now:
            if self._stages:  # here and not by whoever sends: one history, however many workers there are
                stages.decide_due(self.parts.open_work)
            self._deliver()
        while self._agenda and self._agenda[0][0] <= self.now:
            _, number, _, act = heapq.heappop(self._agenda)
            with self.parts.doors.act() if number else nullcontext():
                act(self.now)
        if self.parts.rung():
            self._deliver()
        return True

    def _move(self, moment: datetime) -> None:
        with self.parts.open_work(SYSTEM) as work:
            rehearsing.move_clock(work, moment)
        self.now = moment

    def _deliver(self) -> None:
        """Let the workers send, then let people read, in the order of their numbers."""
        self.parts.drain()
        arrived = self.parts.post.arrived()
        self._read += len(arrived)
        by_address = {person.address: person for person in self.people} if arrived else {}
        for mail in sorted(arrived, key=lambda one: (one.envelope_to, one.number)):
            by_address[mail.envelope_to].receive(mail, self.now)


def share_of_recruitment(arrived: float, profile: Profile) -> float:
    """By which part of the time of recruitment so many of all have arrived: a truncated exponential distribution.

    F(x) = (1 - r^(2x)) / (1 - r^2), where r is how many come in the second half for each in the first.
    """
    r = (1 - profile.in_first_half) / profile.in_first_half
    return arrived if r == 1 else math.log(1 - arrived * (1 - r**2)) / (2 * math.log(r))


def randomized_people(driver: Driver, open_work: OpenWork, slug: str) -> Sequence[PretendPerson]:
    """The people whom the trial randomised, by the addresses they gave."""
    with open_work(SYSTEM, write=False) as work:
        known = rehearsing.randomized_addresses(work, slug, [person.address for person in driver.people])
    return [person for person in driver.people if person.address in known]
