"""The statement that a worker runs for each mail: what it costs must not grow unseen."""

from __future__ import annotations

from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH, MAX_CACHED_STATEMENT_PARAMS
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from trial.storage import beginning


def test_it_is_short_enough_for_the_driver_to_take_it_apart_once() -> None:
    compiled = beginning.LOOK_AND_BEGIN.compile(dialect=PGDialect_psycopg())
    assert len(str(compiled)) <= MAX_CACHED_STATEMENT_LENGTH
    assert len(compiled.params) <= MAX_CACHED_STATEMENT_PARAMS
