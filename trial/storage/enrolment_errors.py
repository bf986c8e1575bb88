"""Enrolments in error: append-only, one row for each entry; the words in the vault under the person's key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from trial.core.enrolment_errors import ErrorReason, standing
from trial.core.errors import NotFound
from trial.core.participant import Participant
from trial.storage import vault
from trial.storage.rows import add_row
from trial.storage.tables_design import enrolment_error as table
from trial.storage.work import Work

WORDS = "enrolment_error"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; no words where none were written, or once the person was erased."""

    reason: ErrorReason
    recorded_at: datetime
    by: str
    words: str | None


def add(work: Work, person: Participant, reason: ErrorReason, words: str) -> int:
    """Keep an entry, by `work.by` now."""
    values = {"trial_id": person.trial_id, "participant_id": person.id, "reason": reason.value}
    row = add_row(work, table, **values, recorded_at=work.now, by=str(work.by))
    if words:
        vault.keep_words(work, person.trial_id, person.id, WORDS, str(row), words)
    return row


def of_participant(work: Work, participant_id: int) -> list[Entry]:
    """Every entry about one person, in order."""
    query = select(table).where(table.c.participant_id == participant_id).order_by(table.c.id)
    return [
        Entry(ErrorReason(row.reason), row.recorded_at, row.by, _words(work, participant_id, row.id))
        for row in work.rows.execute(query)
    ]


def standing_in(work: Work, trial_id: int) -> dict[int, str]:
    """What each person that there is an entry about counts as."""
    query = select(table.c.participant_id, table.c.reason).where(table.c.trial_id == trial_id).order_by(table.c.id)
    entries: dict[int, list[ErrorReason]] = {}
    for row in work.rows.execute(query):
        entries.setdefault(row.participant_id, []).append(ErrorReason(row.reason))
    return {person: standing(found) for person, found in entries.items()}


def _words(work: Work, participant_id: int, row: int) -> str | None:
    try:
        return vault.words_of(work, participant_id, WORDS, str(row))
    except NotFound:
        return None
