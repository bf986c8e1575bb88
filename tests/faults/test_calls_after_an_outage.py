"""An alert is raised while worker, broker and mail server are down; a worker that comes back alone is killed; then all
come back, too late for two of the promised times. Whoever should have been called by then is called at once, once, and
the next one on time. The mailbox is the witness.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from sqlalchemy import select, update

from tests.servers.postgres import PostgresServer
from tests.servers.process import free_port, wait_until
from tests.servers.redis import RedisServer
from tests.servers.workers import CeleryWorker, Installation
from tests.services.team import DEPUTY, OWNER, SAFETY, WITHIN, TeamScene, address
from trial.mail.mailbox import started_mailbox
from trial.mail.mailbox_files import read_mailbox
from trial.settings import Settings
from trial.storage import schema
from trial.storage.tables_desk import call
from workers.app import TICK, make_app

pytestmark = pytest.mark.servers
# who looks after the trial is told this beside
MAILS_ARE_LATE = "Mails of the study do not leave in time"


@dataclass(frozen=True, slots=True)
class Outage:
    """The trial, and where its processes run."""

    scene: TeamScene
    home: Path
    database: str
    broker: RedisServer

    def worker(self, smtp_url: str) -> CeleryWorker:
        settings = {"SMTP_URL": smtp_url, "TICK_SECONDS": "3600"}
        return CeleryWorker(Installation(self.database, self.broker.url, self.home, settings), concurrency=1)

    def ring(self) -> None:
        with make_app(Settings(broker_url=self.broker.url, home=self.home)) as app:
            app.send_task(TICK, expires=60, ignore_result=True)

    def states(self) -> list[str]:
        with self.scene.work(write=False) as work:
            # beside these, whoever looks after the trial is told that mails do not leave in time
            ours = select(call.c.state).where(call.c.matter_id.is_not(None)).order_by(call.c.step)
            return list(work.rows.execute(ours).scalars())

    def tries(self) -> int:
        with self.scene.work(write=False) as work:
            return sum(work.rows.execute(select(call.c.attempt)).scalars())

    def half_a_minute_later(self) -> None:
        """Machine time, for what waits to be tried again and for what the dead hold."""
        with self.scene.work() as work:
            past = work.machine_now - timedelta(minutes=10)
            work.rows.execute(update(call).values(retry_from=None))
            work.rows.execute(update(call).where(call.c.state == "claimed").values(lease_until=past))


@pytest.fixture
def outage(postgres_server: PostgresServer, redis_server: RedisServer, tmp_path: Path) -> Iterator[Outage]:
    database = postgres_server.create_database("calls_after_an_outage")
    store = Settings(home=tmp_path, database_url=database).store()
    schema.upgrade(store.engine)
    scene = TeamScene(store)
    scene.on_duty(SAFETY, DEPUTY)
    yield Outage(scene, tmp_path, database, redis_server)
    store.engine.dispose()
    postgres_server.drop_database("calls_after_an_outage")


def test_everybody_due_is_called_at_once_and_the_next_on_time(outage: Outage) -> None:
    scene = outage.scene
    opened = scene.now
    scene.alert()
    with outage.worker(f"smtp://127.0.0.1:{free_port()}") as alone:
        outage.ring()
        wait_until(lambda: outage.tries() >= 1)
        alone.kill()
    redis.Redis.from_url(outage.broker.url).flushall()
    scene.move_to(opened + 2.5 * WITHIN)
    outage.half_a_minute_later()
    with started_mailbox(outage.home / "mailbox") as mailbox, outage.worker(mailbox.url):

        def called() -> Counter[str]:
            mails = read_mailbox(mailbox.directory)
            ours = [one for one in mails if one.envelope_to.endswith("@team.example") and one.subject != MAILS_ARE_LATE]
            return Counter(one.envelope_to for one in ours)

        def rings_until(what: Callable[[], bool]) -> None:
            outage.ring()
            wait_until(what)

        everybody = {address(one): 1 for one in (SAFETY, DEPUTY, OWNER)}
        rings_until(lambda: outage.states() == ["accepted"] * 3 + ["planned"])
        assert called() == everybody
        scene.move_to(opened + 3 * WITHIN)
        rings_until(lambda: outage.states() == ["accepted"] * 4 + ["planned"])
        assert called() == everybody | {address(SAFETY): 2}
