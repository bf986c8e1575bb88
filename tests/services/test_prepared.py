"""A statement handed to the driver as it stands gives what SQLAlchemy gives, and fails as it would fail there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from psycopg import Connection, Cursor
from psycopg.pq import Trace
from sqlalchemy import BigInteger, Select, bindparam, cast, func, select, text
from sqlalchemy.exc import DBAPIError

from tests.services.scene import Scene
from tests.storage.stores import ON_POSTGRESQL
from trial.core.access import SYSTEM
from trial.core.errors import Unavailable
from trial.storage import beginning, claims, situations
from trial.storage.prepared import Prepared
from trial.storage.work import Store, Work

pytestmark = ON_POSTGRESQL
LOOK: Select[Any] = situations.OF_ONE_HELD
BACKEND: Select[Any] = select(func.pg_backend_pid(), bindparam("given", type_=BigInteger))
SUM: Select[Any] = select(cast(bindparam("secret"), BigInteger))


class Broken(Exception):
    """What nobody thought of."""


def test_the_row_is_the_same_to_the_type_of_each_value(store: Store) -> None:
    scene = Scene(store)
    scene.enrol("her@mailbox.example")
    with scene.work() as work:
        (mine, *_) = claims.claim(work, owner="worker", limit=1)
        known = list(work.rows.execute(LOOK, {"row": mine.id}).one())
        found = Prepared(LOOK).one(work.rows, {"row": mine.id})
    # the last is the machine's time at each of the two
    assert found[:-1] == known[:-1]
    assert [type(one) for one in found] == [type(one) for one in known]
    assert {str(one.tzinfo) for one in found if hasattr(one, "tzinfo")} == {"UTC"}


def test_a_server_that_went_away_is_named_and_the_next_unit_of_work_has_another_connection(store: Store) -> None:
    prepared = Prepared(BACKEND)
    with store.kept() as open_work:
        with open_work(SYSTEM) as work:
            before, _ = prepared.one(work.rows, {"given": 1})
        with store.open_work(SYSTEM) as work:
            work.rows.execute(select(func.pg_terminate_backend(before)))
        with pytest.raises(Unavailable), open_work(SYSTEM) as work:
            prepared.one(work.rows, {"given": 1})
        with open_work(SYSTEM) as work:
            after, given = prepared.one(work.rows, {"given": 2})
    assert after != before
    assert given == 2


def test_what_the_server_refuses_is_an_error_of_sqlalchemy_and_ends_the_transaction_alone(store: Store) -> None:
    prepared = Prepared(SUM)
    with store.kept() as open_work:
        with pytest.raises(DBAPIError) as refused, open_work(SYSTEM) as work:
            prepared.one(work.rows, {"secret": "no number"})
        with open_work(SYSTEM) as work:
            assert prepared.one(work.rows, {"secret": 7}) == [7]
    assert refused.value.statement is None
    assert not refused.value.connection_invalidated


def test_one_cursor_serves_a_connection_for_as_long_as_it_lives(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Cursor[Any]] = []
    begin: Callable[..., None] = Cursor.__init__

    def counted(self: Cursor[Any], *given: Any, **named: Any) -> None:
        made.append(self)
        begin(self, *given, **named)

    prepared = Prepared(BACKEND)
    with store.kept() as open_work, open_work(SYSTEM) as work:
        prepared.one(work.rows, {"given": 1})
        monkeypatch.setattr(Cursor, "__init__", counted)
        for _ in range(3):
            prepared.one(work.rows, {"given": 1})
    assert made == []


def said_to_the_server(store: Store, folder: Path, unit: Callable[[Work], object]) -> list[str]:
    """What the driver sends in one unit of work, by the words of libpq's own trace."""
    with store.kept() as open_work:
        with open_work(SYSTEM) as work:
            driver = work.rows.connection.driver_connection
            unit(work)  # whatever is prepared is prepared here
        assert isinstance(driver, Connection)
        with (folder / "trace").open("w+") as trace:
            driver.pgconn.trace(trace.fileno())
            driver.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
            with open_work(SYSTEM) as work:
                unit(work)
            driver.pgconn.untrace()
            trace.seek(0)
            lines = [line.split("\t") for line in trace]
    return [kind for by, _, kind, *_ in lines if by == "F" and kind in ("Query", "Execute")]


def test_where_a_unit_of_work_is_this_statement_the_server_is_asked_once(store: Store, tmp_path: Path) -> None:
    prepared = Prepared(BACKEND)
    assert said_to_the_server(store, tmp_path, lambda work: prepared.one(work.rows, {"given": 1})) == ["Execute"]
    by_sqlalchemy = said_to_the_server(store, tmp_path, lambda work: work.rows.execute(BACKEND, {"given": 1}).all())
    assert by_sqlalchemy == ["Query", "Execute", "Query"], "the control: BEGIN and COMMIT are asked for by themselves"


@pytest.mark.parametrize("first", [False, True])
def test_it_is_committed_at_once_only_where_nothing_was_asked_before_it(store: Store, first: bool) -> None:
    scene = Scene(store)
    scene.enrol("her@mailbox.example")
    with scene.work() as work:
        (mine, *_) = claims.claim(work, owner="worker", limit=1)

    def breaks(work: Work) -> NoReturn:
        if first:
            work.read()
        _, _, begun = beginning.look_and_begin(work, None, mine)
        raise Broken("it had begun" if begun else "")

    with pytest.raises(Broken, match="it had begun"), store.kept() as open_work, open_work(SYSTEM) as work:
        breaks(work)
    with store.kept() as open_work, open_work(SYSTEM) as work:
        _, _, again = beginning.look_and_begin(work, None, mine)
    assert again is first, "with others it is undone with them"


def test_after_an_error_a_transaction_is_one_again(store: Store) -> None:
    prepared = Prepared(SUM)

    def breaks(work: Work) -> NoReturn:
        work.rows.execute(text("create table left_behind (id integer)"))
        raise Broken

    with store.kept() as open_work:
        with pytest.raises(DBAPIError), open_work(SYSTEM) as work:
            prepared.one(work.rows, {"secret": "no number"})
        with pytest.raises(Broken), open_work(SYSTEM) as work:
            breaks(work)
        with open_work(SYSTEM) as work:
            assert work.rows.execute(text("select to_regclass('left_behind')")).scalar_one() is None
