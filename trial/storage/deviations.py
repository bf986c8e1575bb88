"""Protocol deviations: append-only, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from trial.core import access
from trial.core.deviations import DeviationKind
from trial.core.errors import NotFound
from trial.storage.rows import add_row
from trial.storage.tables import participant
from trial.storage.tables_desk import deviation
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Deviation:
    """One deviation; `code` is the participant's study code where it is about one person."""

    id: int
    trial_id: int
    kind: DeviationKind
    important: bool
    happened_on: date
    description: str
    recorded_at: datetime
    by: str
    code: str | None


_COLUMNS = [deviation.c[name] for name in Deviation.__slots__ if name != "code"]
_ALL = select(*_COLUMNS, participant.c.code).select_from(
    deviation.outerjoin(participant, participant.c.id == deviation.c.participant_id)
)


def add(work: Work, trial_id: int, **values: Any) -> int:
    """Write one down, by `work.by` now."""
    return add_row(work, deviation, trial_id=trial_id, recorded_at=work.now, by=str(work.by), **values)


def by_id(work: Work, deviation_id: int) -> Deviation:
    """One deviation of the trial that the actor may see."""
    row = work.rows.execute(_ALL.where(deviation.c.id == deviation_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such deviation.")
    access.require_trial(work.by, row.trial_id)
    return _value(row._mapping)


def of_trial(work: Work, trial_id: int) -> list[Deviation]:
    """Every deviation of a trial, the newest day first."""
    query = _ALL.where(deviation.c.trial_id == trial_id)
    rows = work.rows.execute(query.order_by(deviation.c.happened_on.desc(), deviation.c.id.desc()))
    return [_value(row._mapping) for row in rows]


def _value(found: Mapping[Any, Any]) -> Deviation:
    return Deviation(**({**found, "kind": DeviationKind(found["kind"])}))
