"""What was shown to work before a trial opens: rows that are added and never changed, the newest of a line counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from trial.storage.rows import add_row
from trial.storage.tables_desk import evidence
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row: which line of the gate, for which protocol version, what was seen, when and by whom."""

    id: int
    trial_id: int
    line: str
    digest: str
    detail: Mapping[str, Any]
    at: datetime
    by: str


_COLUMNS = [evidence.c[name] for name in Evidence.__slots__]


def add(work: Work, trial_id: int, line: str, digest: str, detail: Mapping[str, Any]) -> int:
    """Record what `work.by` saw now; `digest` is that of the protocol version."""
    values = {"line": line, "digest": digest, "detail": dict(detail), "at": work.now, "by": str(work.by)}
    return add_row(work, evidence, trial_id=trial_id, **values)


def of_line(work: Work, trial_id: int, line: str) -> list[Evidence]:
    """Everything that was recorded for a line, newest first."""
    query = select(*_COLUMNS).where(evidence.c.trial_id == trial_id, evidence.c.line == line)
    return [Evidence(**row._mapping) for row in work.rows.execute(query.order_by(evidence.c.id.desc()))]


def newest(work: Work, trial_id: int) -> dict[str, Evidence]:
    """The last row of each line."""
    query = select(*_COLUMNS).where(evidence.c.trial_id == trial_id).order_by(evidence.c.id)
    return {row.line: Evidence(**row._mapping) for row in work.rows.execute(query)}
