"""One engine for SQLite and PostgreSQL, and the translation of a dead database into a named error."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from trial.core.errors import BadInput, Problem, ReadOnly, Unavailable
from trial.storage.columns import VAULT

# at DEBUG SQLAlchemy logs the rows that it reads, arms and all; no way of logging is to show them
logging.getLogger("sqlalchemy.engine.Engine").addFilter(lambda record: record.levelno > logging.DEBUG)

SETTING = "EQUIPOISE_DATABASE_URL (--database-url)"
# a process that was frozen in the middle of a transaction keeps its locks for no longer than a lease lasts
LONGEST_IDLE_MS = 120_000
# seconds for which a connection that was just used is taken to live
ASKED_AFTER = 0.5


def connect(url: str, *, durable: bool = True, read_only: bool = False) -> Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://…`.

    `durable=False` lets SQLite leave the flush to the operating system: for rehearsals, which can be run again.
    Raises BadInput for any other address.
    """
    address = _address(url)
    if address.drivername == "sqlite":
        return _sqlite(url, durable=durable, read_only=read_only)
    options = f"-c idle_in_transaction_session_timeout={LONGEST_IDLE_MS}"
    if read_only:
        options += " -c default_transaction_read_only=on"
    engine = create_engine(
        address,
        pool_size=5,
        max_overflow=10,
        connect_args={"options": options},
        hide_parameters=True,
    )
    _ask_after_rest(engine)
    return engine


def _ask_after_rest(engine: Engine) -> None:
    """A connection that has lain idle is asked whether it still lives before it is used, and replaced if it does not.

    `pool_pre_ping` asks each time, which costs a worker that sends as much as one of its statements does.
    """

    @event.listens_for(engine, "checkin")
    def _rests(_: Any, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wakes(connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or time.monotonic() - since < ASKED_AFTER:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


def _address(url: str) -> URL:
    """The address taken apart; the message does not repeat it, for it may hold a password."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        address = None
    if address is None or address.drivername not in ("sqlite", "postgresql", "postgresql+psycopg"):
        mend = "Use postgresql+psycopg://account@host/database or sqlite:///path."
        raise BadInput([Problem(SETTING, None, None, "this is no address of a database that can be used.", mend)])
    return address.set(drivername="postgresql+psycopg") if address.drivername == "postgresql" else address


def _sqlite(url: str, *, durable: bool, read_only: bool) -> Engine:
    engine = create_engine(
        _read_only_url(url) if read_only else url,
        connect_args={"timeout": 30, "check_same_thread": False},
        execution_options={"schema_translate_map": {VAULT: None}},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # the driver opens no transaction of its own; `begin` below does
        if read_only:
            return
        flush = "FULL" if durable else "OFF"
        # a claim changes hundreds of scattered pages: by default every other one would wait until all are brought home
        pages = 4000  # of four kilobytes, in the log beside the database
        # without the last, REPLACE would delete rows of append-only tables past their triggers
        for pragma in (
            "journal_mode=WAL",
            f"wal_autocheckpoint={pages}",
            f"synchronous={flush}",
            "foreign_keys=ON",
            "recursive_triggers=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # a reader that turns into a writer fails at once while another writes, so writers queue from the start
        reads = read_only or connection.get_execution_options().get("reads", False)
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
        raise Unavailable("The database", SETTING, message) from error
    except DBAPIError as error:
        if "read-only" in str(error.orig):
            raise ReadOnly("This trial is shown, not changed.") from error
        if "not a database" in str(error.orig):
            raise Unavailable("The database", SETTING, str(error.orig)) from error
        _without_values(error)
        raise


def _without_values(error: DBAPIError) -> None:
    """PostgreSQL quotes the row that it refuses: an arm, or an answer. Only the first line is for logs and screens."""
    for one in (error, error.orig):
        if one is not None and one.args:
            one.args = (str(one.args[0]).partition("\n")[0],)


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path.resolve().as_posix()}"


def _read_only_url(url: str) -> str:
    """The same file opened so that nothing can write to it, not even a checkpoint."""
    path = quote(Path(make_url(url).database or "").resolve().as_posix())
    return f"sqlite:///file:{path}?mode=ro&uri=true"


def settle(engine: Engine) -> None:
    """Fold SQLite's write-ahead log into the file, so that one file holds all and can be opened read-only."""
    engine.dispose()  # who folds the log in must be the only one who has the file open
    if engine.dialect.name == "sqlite":
        with engine.connect() as rows:
            driver = rows.connection.driver_connection
            assert driver is not None
            rows.rollback()
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            driver.execute("PRAGMA journal_mode=DELETE")
    engine.dispose()
