"""A trial on this installation: which protocol, what kind, whether it recruits and sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TrialKind(StrEnum):
    """A rehearsal and a test trial are that for ever; a live trial passes the opening gate."""

    REHEARSAL = "rehearsal"
    TEST = "test"
    LIVE = "live"


class TrialState(StrEnum):
    """Preparing waits for its gate; open recruits; paused sends nothing; closed follows up; locked takes no answer any
    more; frozen has its dataset."""

    PREPARING = "preparing"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    LOCKED = "locked"
    FROZEN = "frozen"


# first segments of addresses that are pages of the product, so that no trial can have such a name
RESERVED = frozenset(
    {
        "now",
        "draft",
        "not-today",
        "upset",
        "me",
        "done",
        "copy",
        "again",
        "changed",
        "stop",
        "report",
        "resources",
        "help",
        "end",
        "go",
        "healthz",
        "incoming",
        "static",
        "address-back",
        # of the team's pages
        "sign-in",
        "sign-out",
        "account",
        "join",
        "mailbox",
    }
)

MOVES = {
    TrialState.PREPARING: {TrialState.OPEN},
    TrialState.OPEN: {TrialState.PAUSED, TrialState.CLOSED},
    TrialState.PAUSED: {TrialState.OPEN, TrialState.CLOSED},
    TrialState.CLOSED: {TrialState.PAUSED, TrialState.LOCKED, TrialState.FROZEN},
    TrialState.LOCKED: {TrialState.FROZEN, TrialState.CLOSED},
    TrialState.FROZEN: {TrialState.FROZEN, TrialState.CLOSED},
}


MARKS = {
    TrialKind.REHEARSAL: "Rehearsal with pretend people. Nothing here is real.",
    TrialKind.TEST: "Test trial. Nothing here counts.",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial; `protocol_id` is the stored protocol version that new participants follow.

    `beside` is the live trial whose protocol a test trial was made from, for its team to try out: everything of it is
    its own, so that nothing of it can be counted there.
    """

    id: int
    slug: str
    kind: TrialKind
    state: TrialState
    resume_to: TrialState | None
    protocol_id: int
    target: int
    base_url: str
    opened_at: datetime
    beside: int | None = None

    @property
    def recruits(self) -> bool:
        return self.state is TrialState.OPEN

    @property
    def has_begun(self) -> bool:
        """Whether it passed its gate: before, nobody comes in and no seed is sealed."""
        return self.state is not TrialState.PREPARING

    @property
    def sends(self) -> bool:
        return self.state in (TrialState.OPEN, TrialState.CLOSED)

    @property
    def is_locked(self) -> bool:
        """Whether no answer is taken, changed or taken back any more."""
        return self.state in (TrialState.LOCKED, TrialState.FROZEN)

    @property
    def mark(self) -> str | None:
        """What every page and mail of this trial says above everything else, in English."""
        return MARKS.get(self.kind)
