"""How sending goes: per hour and message what fell due and what became of it, how late the oldest is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from trial.core import access, contact_words, pooled
from trial.core.access import SYSTEM, Verb
from trial.core.delivery import ContactState
from trial.core.protocol import TrialProtocol
from trial.pages import service_mail
from trial.storage import mail_counts, sending, trials
from trial.storage.mail_counts import Count
from trial.storage.sending import Late
from trial.storage.work import OpenWork, Work

__all__ = ["COLUMNS", "HourLine", "Late", "Sending", "lateness", "sending_of"]

S = ContactState
# what a reader looks for, in the order of a mail's life
COLUMNS: Mapping[str, tuple[ContactState, ...]] = {
    "planned": (S.PLANNED, S.HELD),
    "due": (S.DUE, S.CLAIMED, S.DATA_STARTED, S.RETRY),
    "sent": (S.ACCEPTED,),
    "not wanted": (S.SUPPRESSED,),
    "too late": (S.SKIPPED_LATE,),
    "came back": (S.BOUNCED,),
    "failed": (S.FAILED,),
    "in doubt": (S.UNKNOWN,),
}
HOURS_BEHIND, HOURS_AHEAD = 24, 6


@dataclass(frozen=True, slots=True)
class HourLine:
    """One hour and one message: how many stand in each of COLUMNS."""

    hour: datetime
    message: str
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sending:
    """`late` and `lag` are those of the whole installation, as is `made_up`, the machines' mails to return addresses
    that no mail of ours ever had; `leaves_out`: not every arm has every timepoint."""

    trial: str
    now: datetime
    lines: tuple[HourLine, ...]
    late: Late
    leaves_out: bool
    made_up: Count | None = None

    @property
    def lag(self) -> timedelta:
        """How long the oldest mail has been due."""
        return self.now - self.late.since if self.late.since else timedelta()

    @property
    def totals(self) -> dict[str, int]:
        """Over all hours shown."""
        return {name: sum(one.numbers.get(name, 0) for one in self.lines) for name in COLUMNS}


def sending_of(work: Work, slug: str, *, behind: int = HOURS_BEHIND, ahead: int = HOURS_AHEAD) -> Sending:
    """The hours around now, for whoever may know how the trial goes."""
    access.require(work.by, Verb.READ_STATUS)
    trial = trials.by_slug(work, slug)
    protocol = trials.folder_of(work, trial.protocol_id).protocol
    this_hour = work.now.replace(minute=0, second=0, microsecond=0)
    first, last = this_hour - timedelta(hours=behind), this_hour + timedelta(hours=ahead + 1)
    hidden = pooled.left_out(protocol)
    found: dict[tuple[datetime, str], dict[str, int]] = defaultdict(dict)
    names = {state: name for name, states in COLUMNS.items() for state in states}
    for one in sending.by_hour(work, trial.id, first, last, hidden):
        name = names[one.state]
        if one.state is S.PLANNED and one.hour + timedelta(hours=1) <= work.now:
            name = "due"
        cell = found[one.hour, _said(protocol, one.message)]
        cell[name] = cell.get(name, 0) + one.number
    lines = tuple(HourLine(hour, message, numbers) for (hour, message), numbers in sorted(found.items()))
    made_up = mail_counts.counted(work, mail_counts.MADE_UP)
    return Sending(slug, work.now, lines, sending.late(work), bool(hidden), made_up)


def lateness(open_work: OpenWork) -> tuple[Late, float]:
    """What is overdue over all trials, and by how many seconds the oldest: for whoever watches over the workers."""
    with open_work(SYSTEM, write=False) as work:
        late = sending.late(work)
        return late, (work.now - late.since).total_seconds() if late.since else 0.0


def _said(protocol: TrialProtocol, message: str) -> str:
    """One of ours in words; of the protocol's its id, as the team wrote it."""
    if service_mail.is_own(message):
        return contact_words.OWN[message.removeprefix(service_mail.OWN)]
    return message
