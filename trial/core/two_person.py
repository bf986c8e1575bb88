"""Acts that take two people: one asks with a reason, another decides. Alone only where the protocol declares it.

Mail that goes out again after a stop or a restore cannot be called back, so in a live trial that takes two as well. In
a test trial and a rehearsal it reaches nobody who takes part, and one may do it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.trial import TrialKind


class ActKind(StrEnum):
    """What takes two: telling one person's arm, locking and unlocking the data, sending again after a panic stop, and
    releasing what a restore holds."""

    UNBLINDING = "unblinding"
    LOCK = "lock"
    UNLOCK = "unlock"
    RELEASE = "release"
    RESTORED = "restored"


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
    ActKind.RESTORED: Verb.ASK_RELEASE,
}
APPROVES = {
    ActKind.UNBLINDING: Verb.APPROVE_UNBLINDING,
    ActKind.LOCK: Verb.APPROVE_LOCK,
    ActKind.UNLOCK: Verb.APPROVE_LOCK,
    ActKind.RELEASE: Verb.APPROVE_RELEASE,
    ActKind.RESTORED: Verb.APPROVE_RELEASE,
}
# how long an approved request to tell an arm may be used, by who asked
OPEN_FOR = timedelta(hours=24)
LONGEST_REASON = 500
# what lets mail go out
SENDS = frozenset({ActKind.RELEASE, ActKind.RESTORED})
_DECLARED_AS = {ActKind.UNLOCK: "lock", ActKind.RESTORED: "release"}


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
    """Whether the protocol lets one person do this alone; unlocking goes with locking, a restore with a stop."""
    return _DECLARED_AS.get(kind, kind.value) in declared


def takes_two(kind: ActKind, trial: TrialKind) -> bool:
    """Whether this takes a second person in a trial of this kind."""
    return kind not in SENDS or trial is TrialKind.LIVE


def require_one_may(kind: ActKind, trial: TrialKind) -> None:
    """Refuse to a single person what takes two here."""
    if takes_two(kind, trial):
        raise Refused("In a live trial this takes two people: one asks and says why, another decides.")
