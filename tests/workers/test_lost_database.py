"""A worker whose database went away in the middle of a batch comes back for its own mails, whoever gets the ticks."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from tests.faults.runs.frame import Chance, Watch
from tests.faults.runs.rig import Rig, laid
from tests.faults.runs.t04_postgres import stop_at_once
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from trial.core.errors import Unavailable
from trial.settings import Settings
from trial.storage.deliveries import LEASE
from trial.storage.engine import SETTING
from trial.storage.tables_delivery import delivery
from workers.app import TICK, make_app
from workers.rounds import AGAIN_AFTER, TRIES, until_reached

MAILS = 150


def lost(setting: str = SETTING) -> Unavailable:
    return Unavailable("The database", setting, "server closed the connection unexpectedly")


def rounds(*errors: Exception | None) -> Callable[[], None]:
    """A round that ends as it is told, one time after the other."""
    left = list(errors)

    def once() -> None:
        if (error := left.pop(0)) is not None:
            raise error

    return once


def test_a_round_that_lost_the_database_is_gone_again_until_the_database_was_there() -> None:
    waits: list[float] = []
    until_reached(rounds(lost(), lost(), None), bool, waits.append)
    assert waits == [AGAIN_AFTER, AGAIN_AFTER]


def test_no_round_is_gone_again_for_a_worker_that_was_told_to_end() -> None:
    waits: list[float] = []
    told = iter((False, False, True))
    with pytest.raises(Unavailable):
        until_reached(rounds(*[lost()] * 5), lambda: next(told), waits.append)
    assert len(waits) == 2


def test_after_a_minute_the_next_tick_is_waited_for() -> None:
    waits: list[float] = []
    with pytest.raises(Unavailable):
        until_reached(rounds(*[lost()] * (TRIES + 1)), bool, waits.append)
    assert sum(waits) == TRIES * AGAIN_AFTER == 60


@pytest.mark.parametrize("error", [lost("EQUIPOISE_SMTP_URL"), ValueError("ours")])
def test_for_nothing_else_a_round_is_gone_again(error: Exception) -> None:
    waits: list[float] = []
    with pytest.raises(type(error)):
        until_reached(rounds(error), bool, waits.append)
    assert not waits


@contextmanager
def in_the_middle_of_a_batch(server: PostgresServer, broker: RedisServer, folder: Path, **settings: str) -> Any:
    """A rig with one worker that was woken once and has mails in hand; no beat wakes it again."""
    watch = Watch(Chance(1), folder, lent={"redis": broker})
    with laid(watch, MAILS, postgres=server, **settings) as rig:
        rig.start(1, beats=0)
        with make_app(Settings(home=folder, broker_url=broker.url)) as bell:
            bell.send_task(TICK, expires=60, ignore_result=True)
        rig.until(lambda: rig.arrived() >= 20, "the batch to begin")
        yield rig


def freeze_between_two_mails(rig: Rig) -> None:
    """With rows in hand and none begun, the next word to the database is a last look, which ends the batch without it;
    what the mail server said of a mail that was begun is tried again in the batch itself."""
    (worker,) = rig.workers
    begun = sa.select(delivery.c.id).where(delivery.c.state == "data_started").limit(1)
    for _ in range(500):
        worker.send(signal.SIGSTOP)
        with rig.reading() as rows:
            between = rows.execute(begun).first() is None
        if between and rig.rows_of(worker):
            return
        worker.send(signal.SIGCONT)
        time.sleep(0.002)
    raise AssertionError("the worker was never between two mails")


def all_sent(rig: Rig) -> None:
    found = rig.tally()
    assert found.states.keys() <= {"accepted", "unknown"}
    assert (found.lost, found.most <= 2) == (0, True)
    assert found.doubled + found.unknown <= 1


@pytest.mark.servers
def test_a_worker_takes_its_mails_again_though_every_tick_goes_to_another(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    with PostgresServer(durable=True) as server, in_the_middle_of_a_batch(server, redis_server, tmp_path) as rig:
        (first,) = rig.workers
        freeze_between_two_mails(rig)
        stop_at_once(server)
        server.start()
        rig.store.engine.dispose()  # the test's own connections ended with the server, sooner than they are asked again
        # the one that sends goes on, and the one that takes the ticks does not
        for process in psutil.Process(first.pid).children():
            process.resume()
        back = time.monotonic()
        assert rig.rows_of(first)
        rig.workers.append(rig.worker())
        rig.beats.append(rig.beat())
        rig.until(lambda: not rig.open(), "the mails in hand", seconds=LEASE.total_seconds() + 60)
        assert time.monotonic() - back < LEASE.total_seconds() / 3
        assert first.lives
        all_sent(rig)


@pytest.mark.servers
def test_no_watchdog_ends_a_worker_for_waiting_for_its_database(redis_server: RedisServer, tmp_path: Path) -> None:
    with (
        PostgresServer(durable=True) as server,
        in_the_middle_of_a_batch(server, redis_server, tmp_path, WATCHDOG_SECONDS="4") as rig,
    ):
        (only,) = rig.workers
        freeze_between_two_mails(rig)
        stop_at_once(server)
        only.send(signal.SIGCONT)
        time.sleep(6)
        server.start()
        rig.until(lambda: not rig.open(), "the mails in hand", seconds=LEASE.total_seconds() / 3)
        assert only.lives and not only.says("this worker ends")
        all_sent(rig)
