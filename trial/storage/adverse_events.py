"""Adverse events as reported; the person's words lie in the vault."""

from __future__ import annotations

from sqlalchemy import func, select

from trial.storage.rows import add_row
from trial.storage.tables import adverse_event
from trial.storage.work import Work


def add(work: Work, trial_id: int, participant_id: int, occasion_id: int | None) -> int:
    """A new report, open until a person has looked at it."""
    values = {"trial_id": trial_id, "participant_id": participant_id, "occasion_id": occasion_id}
    return add_row(work, adverse_event, **values, state="open", reported_at=work.now)


def count_open(work: Work, trial_id: int) -> int:
    """Reports that nobody has looked at yet."""
    query = select(func.count()).where(adverse_event.c.trial_id == trial_id, adverse_event.c.state == "open")
    return int(work.rows.execute(query).scalar_one())
