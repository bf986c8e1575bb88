"""Real databases for the tests: SQLite and PostgreSQL, each migrated once and then copied for every test.

A conftest takes `store` from here; it is the fixture that runs a test once on each database.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Column, Engine, Table, create_engine, select, text

from trial.core.access import SYSTEM
from trial.storage import schema
from trial.storage.engine import connect, settle, sqlite_url
from trial.storage.keys import Keys, load_keys
from trial.storage.tables import metadata
from trial.storage.work import Store

if TYPE_CHECKING:
    from tests.servers.postgres import PostgresServer

KEYS = Keys(*(bytes([number]) * 32 for number in range(1, 6)))
BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.servers))
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
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file."""
    path = tmp_path_factory.mktemp("template") / "migrated.sqlite"
    with opened(sqlite_url(path)) as store:
        schema.upgrade(store.engine)
        settle(store.engine)
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated, empty PostgreSQL database."""
    name = f"template_{next(_numbers)}"
    with opened(postgres_server.create_database(name)) as store:
        schema.upgrade(store.engine)
    return name


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A fresh, migrated database."""
    if request.param == "sqlite":
        path = tmp_path / "trial.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        with opened(sqlite_url(path)) as found:
            yield found
        return
    server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_template")
    name = f"copy_{next(_numbers)}"
    on_server(server.url, f"create database {name} template {template}")
    with opened(server.url_of(name)) as found:
        yield found
    server.drop_database(name)


def on_server(url: str, statement: str) -> None:
    """Run one statement that must stand alone."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as rows:
        rows.execute(text(statement))
    engine.dispose()


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


def migrated(engine: Engine) -> Engine:
    schema.upgrade(engine)
    return engine


__all__ = ["KEYS", "load_keys", "postgres_template", "sqlite_template", "store"]
