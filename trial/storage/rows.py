"""Rows into one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.exc import IntegrityError

from trial.storage.work import Work


def add_row(work: Work, table: Table, **values: Any) -> int:
    """Insert a row and return its id."""
    result = work.rows.execute(insert(table), values)
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def add_row_once(work: Work, table: Table, unique: Mapping[str, Any], **values: Any) -> tuple[int, bool]:
    """(id, True) for a new row; (id, False) where a row with these unique values stands already, untouched."""
    try:
        with work.rows.begin_nested():
            return add_row(work, table, **unique, **values), True
    except IntegrityError:
        same = [table.c[name] == value for name, value in unique.items()]
        return int(work.rows.execute(select(table.c.id).where(*same)).scalar_one()), False


def add_rows(work: Work, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows and return their ids in the same order."""
    if not rows:
        return []
    query = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return [int(one) for one in work.rows.execute(query, list(rows)).scalars()]
