"""Mail servers that refuse our mails for what we are, not for whom they go to: when sending pauses, when it is over,
and when the team is told.

Pure: moments are the machine's, and come from the caller. A refusal by policy (5.7.x) says nothing of the person's
address. One in between is a mail that waits; several in a row are the account's trouble, and then the whole list of due
mails must not run into it: sending by that account pauses and tries one mail at a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

# so many refusals with no mail taken in between pause the account; one is enough where the account itself is refused
IN_A_ROW = 5
# after the first pause one mail is tried, and refused again the next pause is longer
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 10, 15))
# a mail that was refused by policy waits longer than one that was put off: what is to be mended takes somebody
SLOW = tuple(timedelta(minutes=minutes) for minutes in (30, 60, 120, 240))
# whoever takes the one mail has so long before another worker may try
PROBE = timedelta(minutes=2)
# mails are taken, and for so long none was refused: it is over. Longer than the longest wait of a mail that was refused
QUIET = timedelta(hours=6)
TOLD_AGAIN = timedelta(days=1)

_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")


class Kind(StrEnum):
    """Policy: what we send, or that we send it. Account: signing in, or the connection from here."""

    POLICY = "policy"
    ACCOUNT = "account"


MEND = {
    Kind.POLICY: "The mail server does not want mails of this study: its domain is not set up as the server asks, the "
    "relay may not send for it, or a list of senders of spam names it. The addresses of participants are not at fault.",
    Kind.ACCOUNT: "The mail server does not let the study's account in: a changed password, a lapsed token, or a "
    "connection from a place that it does not know.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one account runs into. `said` is the server's last answer without addresses; `pauses` how often it paused
    since a mail was last taken."""

    account: str
    kind: Kind
    since: datetime
    last_at: datetime
    in_a_row: int
    refused: int
    said: str
    paused_until: datetime | None = None
    pauses: int = 0
    told_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether mails are taken again and nothing was refused for long."""
        return self.in_a_row == 0 and now - self.last_at >= QUIET

    def wants_telling(self, now: datetime) -> bool:
        """Once for a trouble, and again when it has gone on for a day."""
        if self.is_over(now):
            return False
        return self.told_at is None or (now - self.told_at >= TOLD_AGAIN and self.last_at > self.told_at)


def refused(before: Trouble | None, account: str, kind: Kind, said: str, now: datetime) -> Trouble:
    """One more refusal; the first of a new trouble where the one before is over."""
    if before is None or before.is_over(now):
        before = Trouble(account, kind, now, now, 0, 0, "")
    found = replace(
        before,
        kind=kind,
        last_at=now,
        in_a_row=before.in_a_row + 1,
        refused=before.refused + 1,
        said=without_addresses(said),
    )
    if kind is Kind.ACCOUNT or found.in_a_row >= IN_A_ROW:
        wait = PAUSES[min(found.pauses, len(PAUSES) - 1)]
        return replace(found, paused_until=now + wait, pauses=found.pauses + 1)
    return found


def reported(before: Trouble | None, account: str, said: str, now: datetime) -> Trouble:
    """A refusal that came back as a report: it is told, and pauses nothing, for anybody can write reports."""
    found = refused(before, account, Kind.POLICY, said, now)
    return replace(found, in_a_row=0, paused_until=None, pauses=0)


def taken(before: Trouble) -> Trouble:
    """A mail was taken: the row is broken, and a pause ends."""
    return replace(before, in_a_row=0, paused_until=None, pauses=0)


def slow_pause(offered: int) -> timedelta:
    """The wait of a mail that was refused by policy, after it was offered so many times."""
    return SLOW[min(max(offered, 1), len(SLOW)) - 1]


def without_addresses(said: str) -> str:
    """A server's answer may hold the address that a mail went to."""
    return _ADDRESS.sub("…", said)[:500]
