"""One engine for SQLite and PostgreSQL, and the translation of a dead database into a named error."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from trial.core.errors import ReadOnly, Unavailable
from trial.storage.tables import VAULT


def connect(url: str, *, durable: bool = True) -> Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://…`.

    `durable=False` lets SQLite leave the flush to the operating system: for rehearsals, which can be run again.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, durable=durable)
    return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10)


def _sqlite(url: str, *, durable: bool) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": 30, "check_same_thread": False},
        execution_options={"schema_translate_map": {VAULT: None}},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # the driver opens no transaction of its own; `begin` below does
        for pragma in ("journal_mode=WAL", f"synchronous={'FULL' if durable else 'OFF'}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # a reader that turns into a writer fails at once while another writes, so writers queue from the start
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn a database that does not answer into Unavailable, and a read-only one into ReadOnly."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        message = str(error.orig).splitlines()[0] if error.orig else str(error)
        if "readonly" in message or "read-only" in message:
            raise ReadOnly("This trial is shown, not changed.") from error
        raise Unavailable("The database", "EQUIPOISE_DATABASE_URL (--database-url)", message) from error
    except DBAPIError as error:
        if "read-only" in str(error.orig):
            raise ReadOnly("This trial is shown, not changed.") from error
        raise


def sqlite_url(path: Path, *, read_only: bool = False) -> str:
    """The URL of a SQLite file; read-only files are never written, not even by a checkpoint."""
    if read_only:
        return f"sqlite:///file:{path.resolve().as_posix()}?mode=ro&uri=true"
    return f"sqlite:///{path.resolve().as_posix()}"
