"""Members sign in: how long a session, a fresh proof, an invitation count; which roles one person may hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from trial.core.access import BLINDED, Role

IDLE = timedelta(minutes=30)
WHOLE = timedelta(hours=12)
# how long a password and a code count as just given, before what asks for them once more
PROVED_FOR = timedelta(minutes=10)
COMMAND = timedelta(minutes=15)
INVITED_FOR = timedelta(days=7)
# how long rows stay after they count no more, for who looks into something that happened
SESSION_KEPT = timedelta(days=7)
INVITATION_KEPT = timedelta(days=30)
# how much later than it was asked for a session is written to be seen again: not at every page
SEEN_EVERY = timedelta(minutes=1)


class Purpose(StrEnum):
    """What a session is for: pages in a browser, or commands on the server."""

    DESK = "desk"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Session:
    """One place in which a member is signed in; all of it on machine time."""

    id: int
    member_id: int
    begun_at: datetime
    seen_at: datetime
    proved_at: datetime
    ended_at: datetime | None
    purpose: Purpose

    def alive(self, now: datetime) -> bool:
        """Whether it still counts: not ended, not left alone for long, not older than a working day."""
        if self.ended_at is not None:
            return False
        if self.purpose is Purpose.COMMAND:
            return now < self.begun_at + COMMAND
        return now < self.seen_at + IDLE and now < self.begun_at + WHOLE

    def proved(self, now: datetime) -> bool:
        """Whether password and code were given a short while ago."""
        return now < self.proved_at + PROVED_FOR


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody is asked by mail to take a role in a trial; the link in it works once."""

    id: int
    trial_id: int
    address: str
    name: str
    role: Role
    by: str
    sent_at: datetime
    ends_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None

    def good(self, now: datetime) -> bool:
        """Whether it can still be accepted."""
        return self.accepted_at is None and self.withdrawn_at is None and now < self.ends_at


def why_not(role: Role, ever_held: Collection[Role]) -> str | None:
    """Why somebody who held these roles in a trial, now or before, may not take this one in it."""
    if role is Role.OPERATOR:
        return "An operator is an account on the server; nobody is made one here."
    if role in BLINDED and Role.UNBLINDED_STATISTICIAN in ever_held:
        return (
            "Who has been unblinded statistician of a trial may know its allocations, and never takes a blinded role "
            "in it again. Ask another person."
        )
    return None


def ends_with(role: Role, held: Collection[Role]) -> list[Role]:
    """The roles that end when somebody takes this one: an unblinded statistician holds no blinded role beside it."""
    return sorted(one for one in held if one in BLINDED) if role is Role.UNBLINDED_STATISTICIAN else []
