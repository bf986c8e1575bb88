"""Fresh codes: which generation is out for a purpose, how many wrong tries it had, and when it lapses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from trial.core.participant import Participant
from trial.storage.participants import CodeState
from trial.storage.rows import add_row
from trial.storage.tables_people import fresh_code
from trial.storage.work import Work


def state(work: Work, participant_id: int, purpose: str) -> CodeState | None:
    """The code that is out for this purpose; None where none was ever asked for."""
    query = select(fresh_code.c.generation, fresh_code.c.tries, fresh_code.c.expires_at).where(
        fresh_code.c.participant_id == participant_id, fresh_code.c.purpose == purpose
    )
    row = work.rows.execute(query).one_or_none()
    return CodeState(*row) if row else None


def renew(work: Work, person: Participant, purpose: str, expires_at: datetime) -> int:
    """A new code; the one before it no longer fits. Returns its generation."""
    known = state(work, person.id, purpose)
    generation = known.generation + 1 if known else 1
    values = {"generation": generation, "tries": 0, "expires_at": expires_at}
    if known:
        _change(work, person.id, purpose, values)
    else:
        add_row(work, fresh_code, trial_id=person.trial_id, participant_id=person.id, purpose=purpose, **values)
    return generation


def count_wrong(work: Work, participant_id: int, purpose: str) -> None:
    """One more wrong try."""
    _change(work, participant_id, purpose, {"tries": fresh_code.c.tries + 1})


def use_up(work: Work, participant_id: int, purpose: str) -> None:
    """A code works once."""
    _change(work, participant_id, purpose, {"expires_at": work.now})


def _change(work: Work, participant_id: int, purpose: str, values: dict[str, object]) -> None:
    mine = (fresh_code.c.participant_id == participant_id, fresh_code.c.purpose == purpose)
    work.rows.execute(update(fresh_code).where(*mine).values(values))
