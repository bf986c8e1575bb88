"""Rows that go in together come out as they were given, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.scene import Scene
from trial.storage.rows import insert_rows, take_ids
from trial.storage.tables_delivery import delivery
from trial.storage.work import Store

AWKWARD = ["", "'; drop table delivery; --", 'a "word" \\ and \\n', "näht — 夜 🙂", ":given %(x)s %s {x}", "null"]
HERE = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=5, minutes=45)))


def rows_of(scene: Scene) -> list[dict[str, Any]]:
    """One for each awkward word."""
    person = scene.enrol()
    with scene.work() as work:
        ids = take_ids(work, delivery, len(AWKWARD))
    return [
        {
            "id": row,
            "trial_id": scene.trial.id,
            "participant_id": person,
            "message": "awkward",
            "stream": "service",
            "timepoint": "",
            "occurrence": number,
            "reminder": 0,
            "occasion_id": None,
            "local_rule": words,
            "due_at": HERE + timedelta(days=number),
            "not_after": HERE.astimezone(UTC),
            "state": "suppressed",
        }
        for number, (row, words) in enumerate(zip(ids, AWKWARD, strict=True))
    ]


def test_words_and_moments_come_back_as_they_were(store: Store) -> None:
    scene = Scene(store)
    rows = rows_of(scene)
    with scene.work() as work:
        insert_rows(work, delivery, rows)
        insert_rows(work, delivery, [])
    query = select(*(delivery.c[name] for name in rows[0])).where(delivery.c.message == "awkward")
    with scene.work(write=False) as work:
        found = [dict(row._mapping) for row in work.rows.execute(query.order_by(delivery.c.occurrence))]
        beside = work.rows.execute(select(delivery.c.attempt, delivery.c.generation, delivery.c.reply)).all()
    assert found == rows
    assert set(beside) == {(0, 1, None)}, "what was not given is what the table says"


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    scene = Scene(store)
    rows = rows_of(scene)
    rows[-1]["due_at"] = HERE.replace(tzinfo=None)
    with pytest.raises(Exception, match="zone"), scene.work() as work:
        insert_rows(work, delivery, rows)
    with scene.work(write=False) as work:
        assert not work.rows.execute(select(delivery.c.id).where(delivery.c.message == "awkward")).all()
