"""When a worker counts as standing still, and what the watchdog does then; time and database are handed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from trial.core.errors import Unavailable
from trial.services.delivery_status import Late
from workers import watchdog
from workers.watchdog import ENDED, Watch, watch

SINCE = datetime(2041, 3, 4, 20, 0, tzinfo=UTC)
STUCK = Late(SINCE, 3, 0)


def test_the_same_overdue_rows_for_as_long_as_the_patience_are_a_standstill() -> None:
    seen = Watch(60)
    assert [seen.stands_still(STUCK, now, 100) for now in (0, 30, 59, 60)] == [False, False, False, True]


def test_mails_that_fall_due_meanwhile_do_not_hide_a_standstill() -> None:
    seen = Watch(60)
    found = [seen.stands_still(replace(STUCK, number=3 + now // 6), now, 100) for now in range(0, 61, 6)]
    assert found == [False] * 10 + [True]


def test_an_older_mail_that_is_tried_again_does_not_hide_a_standstill() -> None:
    seen = Watch(60)
    assert not seen.stands_still(STUCK, 0, 100)
    back = replace(STUCK, since=SINCE - timedelta(hours=1), number=4)
    assert not seen.stands_still(back, 30, 3700)
    assert seen.stands_still(back, 60, 3730)


@pytest.mark.parametrize(
    ("later", "lag"),
    [
        (Late(None, 0, 0), 0),
        (Late(SINCE, 3, 1), 100),
        (Late(SINCE, 2, 0), 100),
        (Late(SINCE + timedelta(minutes=1), 3, 0), 100),
        (replace(STUCK, number=5, first=8), 100),
        (STUCK, 59),
        (replace(STUCK, paused=True), 100),
    ],
    ids=[
        "nothing is late",
        "one is in hand",
        "one was taken",
        "the oldest was taken",
        "the first of many of one instant was taken, and others fell due",
        "not late enough",
        "on purpose",
    ],
)
def test_whatever_moves_begins_the_patience_anew(later: Late, lag: float) -> None:
    seen = Watch(60)
    assert not seen.stands_still(STUCK, 0, 100)
    assert not seen.stands_still(later, 59, lag)
    assert not seen.stands_still(STUCK, 60, 100)
    assert not seen.stands_still(STUCK, 110, 100)


def test_it_ends_the_process_and_looks_on_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 10_000, 6))
    monkeypatch.setattr(watchdog.time, "monotonic", lambda: float(next(moments)))
    looks = 0

    def look() -> tuple[Late, float]:
        nonlocal looks
        looks += 1
        if looks % 3 == 0:
            raise Unavailable("The database", "EQUIPOISE_DATABASE_URL", "gone")
        return STUCK, 1000.0

    ended: list[int] = []
    watch(look, 60, sleep=lambda _: None, end=ended.append)
    assert ended == [ENDED]
    assert looks > 11


def test_with_a_patience_of_0_nobody_watches() -> None:
    def never() -> Iterator[None]:
        raise AssertionError

    assert watchdog.start(never, 0) is None  # type: ignore[arg-type]
