"""How sending goes: per hour and message what fell due and what became of it, how late the oldest is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from trial.core import access, contact_words, pooled
from trial.core.access import SYSTEM, Verb
from trial.core.delivery import ContactState
from trial.core.protocol import TrialProtocol
from trial.pages import service_mail
from trial.services import service_mails
from trial.services.troubles import Standing, standing
from trial.storage import heartbeats, mail_counts, sending, trials, troubles
from trial.storage.mail_counts import Count
from trial.storage.sending import Among, Late
from trial.storage.work import OpenWork, Work

__all__ = ["COLUMNS", "HourLine", "Late", "Open", "Sending", "lateness", "open_now", "sending_of"]

S = ContactState
# what a reader looks for, in the order of a mail's life
COLUMNS: Mapping[str, tuple[ContactState, ...]] = {
    "planned": (S.PLANNED,),
    "due": (S.DUE, S.CLAIMED, S.DATA_STARTED, S.RETRY),
    "held": (S.HELD,),
    "sent": (S.ACCEPTED,),
    "not wanted": (S.SUPPRESSED,),
    "too late": (S.SKIPPED_LATE,),
    "came back": (S.BOUNCED,),
    "failed": (S.FAILED,),
    "in doubt": (S.UNKNOWN,),
}
HOURS_BEHIND, HOURS_AHEAD = 24, 6
# what was earned may be one arm's
OF_REWARDS = (service_mails.VOUCHER, service_mails.PAYEE, service_mails.EXPLAINED)
# a worker looks every quarter of a minute, or has mails in hand
LIVES = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class HourLine:
    """One hour and one message: how many stand in each of COLUMNS."""

    hour: datetime
    message: str
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day, those of an hour together."""

    day: date
    hours: tuple[tuple[HourLine, ...], ...]

    @property
    def numbers(self) -> dict[str, int]:
        return added_up(line for lines in self.hours for line in lines)


@dataclass(frozen=True, slots=True)
class Sending:
    """`late` is that of the whole installation where `everywhere`; who is blinded gets their trial's own, beside what
    could tell an arm. `held` and `in_doubt` count whatever stands so in this trial, whenever it fell due. `looked` is
    when a worker last did; `leaves_out`: not every arm has every timepoint. `made_up` counts, over the installation,
    the machines' mails to return addresses that no mail of ours ever had.
    """

    trial: str
    now: datetime
    lines: tuple[HourLine, ...]
    late: Late
    everywhere: bool
    held: int
    in_doubt: int
    looked: timedelta | None
    worker_lives: bool
    leaves_out: bool
    made_up: Count | None = None
    troubles: tuple[Standing, ...] = ()

    @property
    def lag(self) -> timedelta:
        """How long the oldest mail has been due."""
        return self.now - self.late.since if self.late.since else timedelta()

    @property
    def totals(self) -> dict[str, int]:
        """Over all hours shown."""
        return added_up(self.lines)

    @property
    def by_message(self) -> dict[str, dict[str, int]]:
        """The same numbers for each message, over all hours shown."""
        names = sorted({one.message for one in self.lines})
        return {name: added_up(one for one in self.lines if one.message == name) for name in names}

    @property
    def by_hour(self) -> dict[datetime, dict[str, int]]:
        """The same numbers for each hour in which anything falls due, over all messages."""
        hours = sorted({one.hour for one in self.lines})
        return {hour: added_up(one for one in self.lines if one.hour == hour) for hour in hours}

    def days(self, zone: tzinfo) -> list[Day]:
        """The same lines, hour by hour and message by message, by the day that it is then in this zone."""
        found: dict[date, dict[datetime, list[HourLine]]] = defaultdict(lambda: defaultdict(list))
        for one in self.lines:
            found[one.hour.astimezone(zone).date()][one.hour].append(one)
        return [Day(day, tuple(map(tuple, hours.values()))) for day, hours in found.items()]


def added_up(lines: Iterable[HourLine]) -> dict[str, int]:
    """How many stand in each of COLUMNS, over some lines."""
    found = dict.fromkeys(COLUMNS, 0)
    for one in lines:
        for name, number in one.numbers.items():
            found[name] += number
    return found


def sending_of(work: Work, slug: str, *, behind: int = HOURS_BEHIND, ahead: int = HOURS_AHEAD) -> Sending:
    """The hours around now, for whoever may know how the trial goes."""
    access.require(work.by, Verb.READ_STATUS)
    trial = trials.by_slug(work, slug)
    protocol = trials.folder_of(work, trial.protocol_id).protocol
    among = Among(trial.id, pooled.left_out(protocol), OF_REWARDS)
    everywhere = not access.is_blinded(work.by)
    overall, aside, last = sending.late(work), sending.aside(work, among), heartbeats.last(work)
    looked = max(work.machine_now - last, timedelta()) if last else None
    return Sending(
        trial=slug,
        now=work.now,
        lines=_lines(work, protocol, among, behind, ahead),
        late=overall if everywhere else sending.late(work, among),
        everywhere=everywhere,
        held=aside.get(S.HELD, 0),
        in_doubt=aside.get(S.UNKNOWN, 0),
        looked=looked,
        worker_lives=overall.in_hand > 0 or (looked is not None and looked < LIVES),
        leaves_out=bool(among.not_of),
        made_up=mail_counts.counted(work, mail_counts.MADE_UP),
        troubles=tuple(standing(work)),
    )


def _lines(work: Work, protocol: TrialProtocol, among: Among, behind: int, ahead: int) -> tuple[HourLine, ...]:
    this_hour = work.now.replace(minute=0, second=0, microsecond=0)
    first, last = this_hour - timedelta(hours=behind), this_hour + timedelta(hours=ahead + 1)
    found: dict[tuple[datetime, str], dict[str, int]] = defaultdict(dict)
    names = {state: name for name, states in COLUMNS.items() for state in states}
    for one in sending.by_hour(work, among, first, last):
        name = names[one.state]
        if one.state is S.PLANNED and one.hour + timedelta(hours=1) <= work.now:
            name = "due"
        cell = found[one.hour, _said(protocol, one.message)]
        cell[name] = cell.get(name, 0) + one.number
    return tuple(HourLine(hour, message, numbers) for (hour, message), numbers in sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Open:
    """What stands in the ledger now, over all trials; `oldest` in seconds, `looked` by the clock, 0 for never.
    `refused` accounts are in trouble with their mail server, `paused` ones send nothing for that."""

    due: int
    oldest: float
    in_hand: int
    in_doubt: int
    held: int
    next_hour: int
    refused: int
    paused: int
    looked: float


def open_now(open_work: OpenWork) -> Open:
    """For whoever watches over the installation: each number is read by an index of what is open."""
    with open_work(SYSTEM, write=False) as work:
        late, aside, last = sending.late(work), sending.aside(work), heartbeats.last(work)
        standing = [one for one in troubles.every(work) if not one.is_over(work.machine_now)]
        return Open(
            due=late.number,
            oldest=(work.now - late.since).total_seconds() if late.since else 0.0,
            in_hand=late.in_hand,
            in_doubt=aside.get(S.UNKNOWN, 0),
            held=aside.get(S.HELD, 0),
            next_hour=sending.planned(work, work.now + timedelta(hours=1)),
            refused=len(standing),
            paused=sum(one.paused_until is not None and one.paused_until > work.machine_now for one in standing),
            looked=last.timestamp() if last else 0.0,
        )


def lateness(open_work: OpenWork) -> tuple[Late, float]:
    """What is overdue over all trials, and by how many seconds the oldest: for whoever watches over the workers."""
    with open_work(SYSTEM, write=False) as work:
        late = replace(sending.late(work), paused=troubles.any_paused(work))
        since = late.since
        if since is None:
            return late, 0.0
        return replace(late, first=sending.first_in_line(work, since)), (work.now - since).total_seconds()


def _said(protocol: TrialProtocol, message: str) -> str:
    """One of ours in words; of the protocol's its id, as the team wrote it."""
    if service_mail.is_own(message):
        return contact_words.OWN[message.removeprefix(service_mail.OWN)]
    return message
