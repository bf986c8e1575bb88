"""Adverse events as reported; the person's words lie in the vault."""

from __future__ import annotations

from sqlalchemy import func, select

from trial.storage.rows import add_row_once
from trial.storage.tables_people import adverse_event
from trial.storage.work import Work


def add(
    work: Work,
    trial_id: int,
    participant_id: int,
    occasion_id: int | None,
    submission: str,
    *,
    wish: str | None = None,
    wants_contact: bool = False,
) -> tuple[int, bool]:
    """A report, open until a person has looked at it: (id, whether it is new)."""
    unique = {"participant_id": participant_id, "submission": submission}
    values = {
        "trial_id": trial_id,
        "occasion_id": occasion_id,
        "state": "open",
        "reported_at": work.now,
        "wish": wish,
        "wants_contact": wants_contact,
    }
    return add_row_once(work, adverse_event, unique, **values)


def count_open(work: Work, trial_id: int) -> int:
    """Reports that nobody has looked at yet."""
    query = select(func.count()).where(adverse_event.c.trial_id == trial_id, adverse_event.c.state == "open")
    return int(work.rows.execute(query).scalar_one())


def count_wanting_contact(work: Work, trial_id: int) -> int:
    """Reports that nobody has looked at yet and whose person asked to be written to."""
    query = select(func.count()).where(
        adverse_event.c.trial_id == trial_id, adverse_event.c.state == "open", adverse_event.c.wants_contact
    )
    return int(work.rows.execute(query).scalar_one())
