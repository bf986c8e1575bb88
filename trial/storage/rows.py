"""Rows into one table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Table, TextClause, func, insert, select, text
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
    """Insert rows, all with the same columns, and return their ids in the same order."""
    ids = take_ids(work, table, len(rows))
    insert_rows(work, table, [{"id": one} | dict(row) for one, row in zip(ids, rows, strict=True)])
    return ids


def insert_rows(work: Work, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have their ids, all with the same columns: words, numbers and moments.

    To PostgreSQL as one text in one statement, which costs far less than hundreds of rows one by one.
    """
    if not rows:
        return
    if work.rows.dialect.name == "sqlite":
        work.rows.execute(insert(table), rows)
    else:
        given = json.dumps(rows, default=_as_text)
        work.rows.execute(_from_json(work.rows.dialect, table, *rows[0]), {"given": given})


@cache
def _from_json(dialect: Dialect, table: Table, *names: str) -> TextClause:
    columns = ", ".join(names)
    typed = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in names)
    return text(
        f"insert into {table.name} ({columns}) "  # noqa: S608 - names of our own tables
        f"select {columns} from json_to_recordset(cast(:given as json)) as given({typed})"
    )


def _as_text(value: object) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError(f"a {type(value).__name__} was about to be stored that is no instant with a zone")
    return value.isoformat()


def take_ids(work: Work, table: Table, number: int) -> list[int]:
    """Ids of rows that this unit of work is about to insert, for what has to know them before; none is given twice.

    Numbers first and then the rows in one go is several times cheaper than asking for each row's id as it goes in.
    """
    if not number:
        return []
    if work.rows.dialect.name == "sqlite":  # whoever writes there has the database to itself
        last = work.rows.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        return list(range(last + 1, last + 1 + number))
    return [int(one) for one in work.rows.execute(_NEXT_IDS, {"name": table.name, "number": number}).scalars()]


_NEXT_IDS = text(
    "select nextval((select pg_get_serial_sequence(:name, 'id'))::regclass) from generate_series(1, :number)"
)
