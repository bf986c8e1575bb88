"""Notes of the team about a person: who and when here, the words in the vault under the person's key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from trial.core.errors import NotFound
from trial.core.participant import Participant
from trial.storage import vault
from trial.storage.rows import add_row
from trial.storage.tables_desk import note
from trial.storage.work import Work

WORDS = "note"


@dataclass(frozen=True, slots=True)
class Note:
    """One note; no words once the person was erased."""

    written_at: datetime
    by: str
    words: str | None


def add(work: Work, person: Participant, words: str) -> int:
    """Keep a note, by `work.by` now."""
    values = {"trial_id": person.trial_id, "participant_id": person.id, "written_at": work.now, "by": str(work.by)}
    row = add_row(work, note, **values)
    vault.keep_words(work, person.trial_id, person.id, WORDS, str(row), words)
    return row


def of_participant(work: Work, participant_id: int) -> list[Note]:
    """Every note about one person, in order."""
    query = select(note).where(note.c.participant_id == participant_id).order_by(note.c.id)
    return [Note(row.written_at, row.by, _words(work, participant_id, row.id)) for row in work.rows.execute(query)]


def _words(work: Work, participant_id: int, row: int) -> str | None:
    try:
        return vault.words_of(work, participant_id, WORDS, str(row))
    except NotFound:
        return None
