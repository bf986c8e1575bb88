"""A statement that a worker executes for each mail, handed to psycopg as it stands.

What SQLAlchemy does around an execution (parameters, description of the columns, a result to fetch from) costs a worker
a fifth of its time (`python -m bench.throughput`). Statement, types, connection, transaction and errors stay its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NoReturn

from psycopg import Connection as Driver
from psycopg import Cursor, Error
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

_CURSOR = "cursor"
_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]


class Prepared:
    """One statement for PostgreSQL that gives one row."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement

    @cached_property
    def _compiled(self) -> SQLCompiler:
        compiled = self._statement.compile(dialect=_DIALECT)
        assert isinstance(compiled, SQLCompiler)
        return compiled

    @cached_property
    def text(self) -> str:
        """As the driver takes it."""
        return str(self._compiled)

    @cached_property
    def _constants(self) -> dict[str, object]:
        """What stands in the statement itself and is handed over beside it all the same."""
        return {name: value for name, value in self._compiled.params.items() if value is not None}

    @cached_property
    def _processors(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """By place, what a type makes of a value that the driver returns; most make nothing of it."""
        types = (one.type.dialect_impl(_DIALECT) for one in self._statement.selected_columns)
        found = ((place, one.result_processor(_DIALECT, None)) for place, one in enumerate(types))
        return [(place, one) for place, one in found if one is not None]

    def one(self, rows: Connection, given: Mapping[str, object]) -> list[Any]:
        """The row, in the transaction of `rows`; errors are SQLAlchemy's, as everywhere else.

        Where nothing was asked in that transaction yet, the statement is one by itself, committed when the row is
        here: neither BEGIN nor COMMIT is sent, and a mail waits for the server once in place of three times.
        """
        driver = rows.connection.driver_connection
        assert isinstance(driver, Driver)
        try:
            with _alone(driver):
                found = _cursor(rows, driver).execute(self.text, {**self._constants, **given}, prepare=True).fetchone()
        except Error as error:
            _raise(rows, driver, error)
        assert found is not None
        row = list(found)
        for place, process in self._processors:
            row[place] = process(row[place])
        return row


@contextmanager
def _alone(driver: Driver[Any]) -> Iterator[None]:
    if driver.pgconn.transaction_status != TransactionStatus.IDLE:
        yield
        return
    driver.autocommit = True
    try:
        yield
    finally:
        if not driver.closed:
            driver.autocommit = False


def _cursor(rows: Connection, driver: Driver[Any]) -> Cursor[Any]:
    """One for as long as the connection lives."""
    found = rows.info.get(_CURSOR)
    if found is None:
        found = rows.info[_CURSOR] = driver.cursor()
    assert isinstance(found, Cursor)
    return found


def _raise(rows: Connection, driver: Driver[Any], error: Error) -> NoReturn:
    """As SQLAlchemy would: under its own name, and a connection that is lost is used by nobody any more."""
    lost = rows.dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]  # any connection of the driver
    if lost:
        rows.invalidate(error)
    raise DBAPIError.instance(
        None, None, error, Error, hide_parameters=True, connection_invalidated=lost, dialect=rows.dialect
    ) from error
