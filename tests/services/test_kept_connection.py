"""A worker keeps its connection, as long as it is there."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.storage.stores import ON_POSTGRESQL
from trial.core.access import SYSTEM
from trial.core.errors import Unavailable
from trial.storage.work import Store


def test_a_second_unit_of_work_meanwhile_is_another_transaction(store: Store) -> None:
    with store.kept() as open_work:
        with open_work(SYSTEM) as work, open_work(SYSTEM, write=False) as other:
            assert work.rows is not other.rows
        with open_work(SYSTEM) as again:
            assert again.rows is work.rows


@ON_POSTGRESQL
def test_a_server_that_went_away_in_between_is_connected_to_anew(store: Store) -> None:
    with store.kept() as open_work:
        with open_work(SYSTEM) as work:
            number = work.rows.execute(text("select pg_backend_pid()")).scalar_one()
        with store.open_work(SYSTEM) as work:
            work.rows.execute(text("select pg_terminate_backend(:number)"), {"number": number})
        with pytest.raises(Unavailable), open_work(SYSTEM) as work:
            work.rows.execute(text("select 1"))
        with open_work(SYSTEM) as work:
            assert work.rows.execute(text("select 1")).scalar_one() == 1
