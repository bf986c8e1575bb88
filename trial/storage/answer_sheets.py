"""Answer sheets: what a person submitted, once, append-only. Free text lies in the vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from trial.core.participant import Occasion
from trial.storage.rows import add_row
from trial.storage.tables import answer_sheet
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """One submission; `answers` maps columns to closed answers, `length` counts the characters of a writing."""

    id: int
    participant_id: int
    occasion_id: int
    activity: str
    answers: Mapping[str, Any]
    length: int | None
    opened_at: datetime | None
    submitted_at: datetime


def add(
    work: Work,
    occasion: Occasion,
    *,
    protocol_digest: str,
    submission: str,
    answers: Mapping[str, Any],
    length: int | None,
    opened_at: datetime | None,
) -> int:
    """Keep a submission; a second one for the same occasion breaks a UNIQUE constraint."""
    values = {
        "trial_id": occasion.trial_id,
        "participant_id": occasion.participant_id,
        "occasion_id": occasion.id,
        "activity": occasion.activity,
        "protocol_digest": protocol_digest,
        "submission": submission,
        "answers": dict(answers),
        "length": length,
        "opened_at": opened_at,
        "submitted_at": work.now,
        "by": str(work.by),
    }
    return add_row(work, answer_sheet, **values)


_COLUMNS = [answer_sheet.c[name] for name in AnswerSheet.__slots__]


def of_participant(work: Work, participant_id: int) -> list[AnswerSheet]:
    """Everything one person submitted, in order."""
    query = select(*_COLUMNS).where(answer_sheet.c.participant_id == participant_id).order_by(answer_sheet.c.id)
    return [AnswerSheet(**row._mapping) for row in work.rows.execute(query)]


def of_trial(work: Work, trial_id: int) -> list[AnswerSheet]:
    """Every submission of a trial, in order."""
    query = select(*_COLUMNS).where(answer_sheet.c.trial_id == trial_id).order_by(answer_sheet.c.id)
    return [AnswerSheet(**row._mapping) for row in work.rows.execute(query)]
