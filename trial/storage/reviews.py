"""Reviews: what a member decided about a held enrolment, once, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from trial.core.participant import Participant, ParticipantState
from trial.storage import participants
from trial.storage.rows import add_row_once
from trial.storage.tables import participant
from trial.storage.tables_people import review
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Review:
    """One decision: `released` or `refused`."""

    participant_id: int
    decision: str
    reason: str
    by: str
    decided_at: datetime


def add(work: Work, current: Participant, decision: str, reason: str) -> bool:
    """Keep a decision; False where there is one already, which stands."""
    values = {"trial_id": current.trial_id, "decision": decision, "reason": reason, "by": str(work.by)}
    _, new = add_row_once(work, review, {"participant_id": current.id}, **values, decided_at=work.now)
    return new


def of_trial(work: Work, trial_id: int) -> dict[int, Review]:
    """Every decision of a trial by participant."""
    columns = [review.c[name] for name in Review.__slots__]
    found = work.rows.execute(select(*columns).where(review.c.trial_id == trial_id).order_by(review.c.id))
    return {row.participant_id: Review(**row._mapping) for row in found}


def held(work: Work, trial_id: int) -> list[Participant]:
    """Whoever waits for a decision or for their turn, in order of arrival."""
    query = select(participant).where(
        participant.c.trial_id == trial_id, participant.c.state == ParticipantState.HELD.value
    )
    query = query.order_by(participant.c.held_at, participant.c.id)
    return [participants.value(row) for row in work.rows.execute(query)]
