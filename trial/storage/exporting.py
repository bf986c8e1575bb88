"""All rows of a database as lines of text, and back: the same lines from SQLite and PostgreSQL.

The tables are taken as they stand in the database, so that a copy made by an older version can be read. Rows are read
in one transaction that sees one moment, while others go on writing. Each table has a count and a digest of its lines:
what was put back is written out once more and compared.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    String,
    Table,
    event,
    insert,
    select,
    text,
)

from trial.storage.columns import VAULT, Json
from trial.storage.types import MachineTime

AT_ONCE = 500
NOT_COPIED = "schema_version"


@dataclass(frozen=True, slots=True)
class Summed:
    """How many rows a table has, and the SHA-256 of their lines."""

    rows: int
    digest: str


def tables_of(rows: Connection) -> list[Table]:
    """The tables of this database, each after those that it points at."""
    found = MetaData()

    @event.listens_for(found, "column_reflect")
    def _as_ours(_: Any, __: Any, column: dict[str, Any]) -> None:
        if isinstance(column["type"], JSON):
            column["type"] = Json
        elif isinstance(column["type"], DateTime):
            column["type"] = MachineTime()

    found.reflect(rows)
    if rows.dialect.name == "postgresql":
        found.reflect(rows, schema=VAULT)
    return [one for one in found.sorted_tables if one.name != NOT_COPIED]


def lines_of(rows: Connection, table: Table) -> Iterator[str]:
    """Each row as one line, in the order of its key."""
    query = select(table).order_by(*(_bytewise(rows, one) for one in table.primary_key.columns))
    for row in rows.execute(query, execution_options={"yield_per": AT_ONCE}):
        yield json.dumps([_plain(value) for value in row], sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _bytewise(rows: Connection, column: Column[Any]) -> Any:
    """Texts in one order everywhere, whatever language the server sorts by."""
    on_postgresql = rows.dialect.name == "postgresql" and isinstance(column.type, String)
    return column.collate("C") if on_postgresql else column


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value


class Sum:
    """Counts and digests lines as they pass."""

    def __init__(self) -> None:
        self.rows, self._digest = 0, hashlib.sha256()

    def add(self, line: str) -> None:
        self.rows += 1
        self._digest.update(line.encode() + b"\n")

    def done(self) -> Summed:
        return Summed(self.rows, self._digest.hexdigest())


def summed(lines: Iterable[str]) -> Summed:
    """Count and digest of lines."""
    total = Sum()
    for line in lines:
        total.add(line)
    return total.done()


def put_back(rows: Connection, table: Table, names: list[str], lines: Iterable[str]) -> None:
    """Insert the rows of these lines; `names` are the columns in the order of the lines."""
    columns = [table.c[name] for name in names]
    batch: list[Mapping[str, Any]] = []
    for line in lines:
        values = zip(columns, json.loads(line), strict=True)
        batch.append({column.name: _value(column.type, value) for column, value in values})
        if len(batch) == AT_ONCE:
            rows.execute(insert(table), batch)
            batch = []
    if batch:
        rows.execute(insert(table), batch)


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, MachineTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def count_on(rows: Connection, tables: Iterable[Table]) -> None:
    """PostgreSQL gives the next row the id after the highest that was put back; SQLite does so by itself."""
    if rows.dialect.name != "postgresql":
        return
    for table in tables:
        if "id" in table.c:
            name = f"{table.schema}.{table.name}" if table.schema else f'"{table.name}"'
            rows.execute(
                text(
                    "select setval(s.name, (select coalesce(max(id), 0) + 1 from "  # noqa: S608 - names of our own tables
                    f"{name}), false) from (select pg_get_serial_sequence(:table, 'id') as name) s "
                    "where s.name is not null"
                ),
                {"table": name},
            )
