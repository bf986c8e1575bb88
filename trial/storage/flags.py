"""Flags: what looked odd about a screening or an enrolment. Added, never changed, never taken down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from trial.storage.rows import add_row
from trial.storage.tables import screening
from trial.storage.tables_people import flag
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Flag:
    """One signal about a screening or a participant; `detail` holds codes and counts."""

    screening_id: int | None
    participant_id: int | None
    signal: str
    detail: Mapping[str, Any]
    raised_at: datetime


def add(
    work: Work,
    trial_id: int,
    signal: str,
    detail: Mapping[str, str | int],
    *,
    screening_id: int | None = None,
    participant_id: int | None = None,
) -> None:
    """Raise a flag."""
    values = {"trial_id": trial_id, "signal": signal, "detail": dict(detail), "raised_at": work.now}
    add_row(work, flag, **values, screening_id=screening_id, participant_id=participant_id)


_COLUMNS = [flag.c[name] for name in Flag.__slots__]


def of_participant(work: Work, participant_id: int) -> list[Flag]:
    """Everything raised about a person, and about the screenings that led to them."""
    own = select(screening.c.id).where(screening.c.participant_id == participant_id)
    about = or_(flag.c.participant_id == participant_id, flag.c.screening_id.in_(own))
    return [Flag(**row._mapping) for row in work.rows.execute(select(*_COLUMNS).where(about).order_by(flag.c.id))]


def of_trial(work: Work, trial_id: int) -> list[Flag]:
    """Every flag of a trial, in order."""
    query = select(*_COLUMNS).where(flag.c.trial_id == trial_id).order_by(flag.c.id)
    return [Flag(**row._mapping) for row in work.rows.execute(query)]
