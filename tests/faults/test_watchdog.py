"""A real worker that gets no task any more, though its broker answers: it ends itself, and a new one sends."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
import redis

from tests.servers.postgres import PostgresServer
from tests.servers.process import alive, wait_until
from tests.servers.redis import RedisServer
from tests.servers.workers import CeleryWorker, Installation
from tests.services.scene import Scene
from trial.mail.mailbox import started_mailbox
from trial.mail.mailbox_files import read_mailbox
from trial.settings import Settings
from trial.storage import schema
from workers.app import TICK, make_app
from workers.watchdog import ENDED

pytestmark = pytest.mark.servers


def test_a_worker_that_claims_nothing_while_rows_are_overdue_ends_and_the_next_one_sends(
    postgres_server: PostgresServer, redis_server: RedisServer, tmp_path: Path
) -> None:
    database = postgres_server.create_database("watchdog")
    store = Settings(home=tmp_path, database_url=database).store()
    schema.upgrade(store.engine)
    redis.Redis.from_url(redis_server.url).flushall()
    scene = Scene(store)
    scene.to_code("her@mailbox.example")
    scene.move(seconds=30)
    with started_mailbox(tmp_path / "mailbox") as mailbox:
        settings = {"SMTP_URL": mailbox.url, "TICK_SECONDS": "3600", "WATCHDOG_SECONDS": "3"}
        place = Installation(database, redis_server.url, tmp_path, settings)
        # no beat rings: to the worker it is as if its consumer had gone deaf
        worker = CeleryWorker(place, concurrency=1)
        worker.start()
        assert worker.process is not None
        family = psutil.Process(worker.process.pid).children(recursive=True)
        assert worker.process.wait(timeout=60) == ENDED
        assert "mails are overdue and nobody takes one" in worker.last_words()
        wait_until(lambda: not any(map(alive, family)), seconds=20)
        worker.stop()
        settings["WATCHDOG_SECONDS"] = "0"
        with (
            CeleryWorker(Installation(database, redis_server.url, tmp_path, settings), concurrency=1),
            make_app(Settings(broker_url=redis_server.url, home=tmp_path)) as app,
        ):
            app.send_task(TICK, expires=60, ignore_result=True)
            wait_until(lambda: bool(read_mailbox(tmp_path / "mailbox")), seconds=30)
    store.engine.dispose()
    postgres_server.drop_database("watchdog")
