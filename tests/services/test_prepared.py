"""A statement handed to the driver as it stands gives what SQLAlchemy gives, and fails as it would fail there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Cursor
from sqlalchemy import BigInteger, Select, bindparam, cast, func, select
from sqlalchemy.exc import DBAPIError

from tests.services.scene import Scene
from tests.storage.stores import ON_POSTGRESQL
from trial.core.access import SYSTEM
from trial.core.errors import Unavailable
from trial.storage import claims, situations
from trial.storage.prepared import Prepared
from trial.storage.work import Store

pytestmark = ON_POSTGRESQL
LOOK: Select[Any] = situations.OF_ONE_HELD
BACKEND: Select[Any] = select(func.pg_backend_pid(), bindparam("given", type_=BigInteger))
SUM: Select[Any] = select(cast(bindparam("secret"), BigInteger))


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
