"""Matters: what asks for a person of the team; each has a state, a clock, an owner, and stands in one of six lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class MatterKind(StrEnum):
    """The six lists of the desk; `about` of a matter is the id of the row named here."""

    ALERT = "alert"  # alert
    ADVERSE_EVENT = "adverse_event"  # adverse_event
    REPLY = "reply"  # reply
    HELD_ENROLMENT = "held_enrolment"  # participant
    MISSING_MAIL = "missing_mail"  # delivery
    DEVIATION = "deviation"  # deviation


class MatterState(StrEnum):
    """Open: nobody has looked. Acknowledged: somebody has it. Acted: something was done. Closed: nothing is left."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ACTED = "acted"
    CLOSED = "closed"


S, K = MatterState, MatterKind

MOVES: Mapping[MatterState, frozenset[MatterState]] = {
    S.OPEN: frozenset({S.ACKNOWLEDGED, S.ACTED, S.CLOSED}),
    S.ACKNOWLEDGED: frozenset({S.ACTED, S.CLOSED}),
    S.ACTED: frozenset({S.CLOSED}),
    S.CLOSED: frozenset({S.ACKNOWLEDGED}),
}
# an alert is never closed unread, nor before it says what was done
STRICT: Mapping[MatterState, frozenset[MatterState]] = {
    S.OPEN: frozenset({S.ACKNOWLEDGED}),
    S.ACKNOWLEDGED: frozenset({S.ACTED}),
    S.ACTED: frozenset({S.CLOSED}),
    S.CLOSED: frozenset({S.ACKNOWLEDGED}),
}


class MatterAct(StrEnum):
    """What stands in a matter's history."""

    OPENED = "opened"
    CALLED = "called"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    TAKEN = "taken"
    HANDED_OVER = "handed_over"
    IDENTITY_OPENED = "identity_opened"
    WORDS_OPENED = "words_opened"
    ASSESSED = "assessed"
    ACTED = "acted"
    NOTED = "noted"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter; `act_by` is when somebody should have it at the latest.

    A person has at most one open matter of each `cause`, where a matter has one.
    """

    id: int
    trial_id: int
    participant_id: int | None
    kind: MatterKind
    about: int
    state: MatterState
    urgent: bool
    opened_at: datetime
    act_by: datetime | None
    owner_id: int | None
    closed_at: datetime | None
    cause: str | None = None

    def overdue(self, now: datetime) -> bool:
        """Whether it waits longer than it may: for somebody who has it, or, an adverse event, for what was done."""
        waits = {S.OPEN, S.ACKNOWLEDGED} if self.kind is K.ADVERSE_EVENT else {S.OPEN}
        return self.state in waits and self.act_by is not None and now > self.act_by


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a matter's history: who did what, when; `detail` holds codes and the words of the team."""

    matter_id: int
    at: datetime
    by: str
    act: MatterAct
    detail: Mapping[str, Any]


def may_become(matter: Matter, state: MatterState) -> bool:
    """Whether this matter may move on to this state now."""
    return state in (STRICT if matter.kind is K.ALERT else MOVES)[matter.state]
