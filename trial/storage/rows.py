"""One row into one table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, insert

from trial.storage.work import Work


def add_row(work: Work, table: Table, **values: Any) -> int:
    """Insert a row and return its id."""
    result = work.rows.execute(insert(table).values(values))
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])
