"""Real databases for the tests. A conftest takes `store` from here: it runs a test once on SQLite, once on PostgreSQL.

Both are migrated once. Before each test the SQLite file is replaced by a copy of the empty one; making and dropping a
PostgreSQL database takes longer than most tests, so there one database is emptied after each, past its guards.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Column, Engine, Table, select, text

from trial.core.access import SYSTEM
from trial.storage import schema
from trial.storage.engine import connect, settle, sqlite_url
from trial.storage.keys import Keys
from trial.storage.tables import metadata
from trial.storage.work import Store

if TYPE_CHECKING:
    from tests.servers.postgres import PostgresServer

KEYS = Keys(*(bytes([number]) * 32 for number in range(1, 6)))
BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.servers))
# for what only one of the databases has: `@ON_POSTGRESQL` over a test that takes `store`
ON_SQLITE = pytest.mark.parametrize("store", BOTH[:1], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("store", BOTH[1:], indirect=True)
_numbers = count(1)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """A store with the tests' keys on the database at this address."""
    engine = connect(url, durable=False)
    try:
        yield Store(engine, KEYS)
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def shared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    """A store on one file, and the migrated, empty file to lay in its place before each test."""
    folder = tmp_path_factory.mktemp("sqlite")
    with opened(sqlite_url(folder / "empty.sqlite")) as store:
        schema.upgrade(store.engine)
        settle(store.engine)
    with opened(sqlite_url(folder / "trial.sqlite")) as store:
        yield store, folder / "empty.sqlite"


@pytest.fixture(scope="session")
def shared_postgres(postgres_server: PostgresServer) -> Iterator[Store]:
    """A store on one migrated PostgreSQL database, emptied after each test."""
    with opened(postgres_server.create_database(f"shared_{next(_numbers)}")) as store:
        schema.upgrade(store.engine)
        yield store


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A migrated, empty database. The engine is the same for all tests: it remembers how each query is written."""
    if request.param == "sqlite":
        found, empty = request.getfixturevalue("shared_sqlite")
        found.engine.dispose()
        path = Path(found.engine.url.database)
        for old in path.parent.glob(f"{path.name}*"):
            old.unlink()
        shutil.copyfile(empty, path)
        yield found
    else:
        found = request.getfixturevalue("shared_postgres")
        yield found
        _empty(found.engine)


@contextmanager
def kept_store(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[Store]:
    """A migrated database for fixtures that outlive a test."""
    if kind == "sqlite":
        url = sqlite_url(folder / "trial.sqlite")
    else:
        url = request.getfixturevalue("postgres_server").create_database(f"kept_{next(_numbers)}")
    with opened(url) as found:
        schema.upgrade(found.engine)
        yield found


_EMPTYING = ";\n".join(
    (
        "set local session_replication_role = replica",  # silences triggers and foreign keys
        *(f"delete from {table.fullname}" for table in metadata.sorted_tables),
        "select setval(oid, 1, false) from pg_class where relkind = 'S'",
    )
)


def _empty(engine: Engine) -> None:
    """Take every row out of a PostgreSQL database, and count ids from 1 again."""
    with engine.begin() as rows:
        # all statements at once: asking for each table by itself took longer than what most tests do
        rows.exec_driver_sql(_EMPTYING)


def dialect(store: Store) -> str:
    return store.engine.dialect.name


def run(store: Store, statement: str, **values: Any) -> Any:
    """One SQL statement in a transaction of its own; `vault.` in front of a table is dropped where there is none."""
    if dialect(store) == "sqlite":
        statement = statement.replace("vault.", "")
    with store.engine.begin() as rows:
        result = rows.execute(text(statement), values)
        return result.fetchall() if result.returns_rows else result.rowcount


def tables() -> Iterable[Table]:
    return metadata.sorted_tables


def content(store: Store) -> dict[str, list[Mapping[str, Any]]]:
    """Every row of every table."""
    with store.open_work(SYSTEM, write=False) as work:
        return {
            table.name: [
                dict(row) for row in work.rows.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in tables()
        }


def cells(store: Store) -> Iterator[tuple[Column[Any], Any]]:
    """Every value of every row, with its column; nulls are left out."""
    found = content(store)
    for table in tables():
        for row in found[table.name]:
            yield from ((table.c[name], value) for name, value in row.items() if value is not None)


def holding(store: Store, *words: str) -> list[str]:
    """The columns in which one of these words can be read, in bytes as well."""
    wanted = [word.casefold() for word in words]
    return sorted({str(column) for column, value in cells(store) if any(one in _readable(value) for one in wanted)})


def _readable(value: Any) -> str:
    shown = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return shown.casefold()
