"""The statement that a worker runs for each mail: what it costs must not grow unseen."""

from __future__ import annotations

import re

from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH, MAX_CACHED_STATEMENT_PARAMS

from trial.storage import beginning


def test_it_is_short_enough_for_the_driver_to_take_it_apart_once() -> None:
    text = beginning.LOOK_AND_BEGIN.text
    assert len(text) <= MAX_CACHED_STATEMENT_LENGTH
    assert 0 < len(set(re.findall(r"%\((\w+)\)s", text))) <= MAX_CACHED_STATEMENT_PARAMS
