"""Acts that take two people: one asks with a reason, another decides. Alone only where the protocol declares it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from trial.core.access import Verb


class ActKind(StrEnum):
    """What takes two: telling one person's arm, locking and unlocking the data, sending again after a panic stop."""

    UNBLINDING = "unblinding"
    LOCK = "lock"
    UNLOCK = "unlock"
    RELEASE = "release"


class Decision(StrEnum):
    """How a request ended."""

    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


ASKS = {
    ActKind.UNBLINDING: Verb.ASK_UNBLINDING,
    ActKind.LOCK: Verb.ASK_LOCK,
    ActKind.UNLOCK: Verb.ASK_LOCK,
    ActKind.RELEASE: Verb.ASK_RELEASE,
}
APPROVES = {
    ActKind.UNBLINDING: Verb.APPROVE_UNBLINDING,
    ActKind.LOCK: Verb.APPROVE_LOCK,
    ActKind.UNLOCK: Verb.APPROVE_LOCK,
    ActKind.RELEASE: Verb.APPROVE_RELEASE,
}
# how long an approved request to tell an arm may be used, by who asked
OPEN_FOR = timedelta(hours=24)
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class TwoPersonAct:
    """One request and what became of it; `solo`: nobody else decided."""

    id: int
    trial_id: int
    participant_id: int | None
    kind: ActKind
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision: Decision | None
    solo: bool

    @property
    def is_open(self) -> bool:
        return self.decision is None

    def can_be_used(self, by: str, now: datetime) -> bool:
        """Whether this person may look at the arm that the request was about."""
        approved = self.decision is Decision.APPROVED and self.decided_at is not None
        return approved and by == self.asked_by and now < self.decided_at + OPEN_FOR  # type: ignore[operator]


def may_be_solo(kind: ActKind, declared: Collection[str]) -> bool:
    """Whether the protocol lets one person do this alone; unlocking goes with locking."""
    return ("lock" if kind is ActKind.UNLOCK else kind.value) in declared
