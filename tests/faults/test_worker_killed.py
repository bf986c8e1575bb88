"""A Celery worker is killed -9 in the middle of three hundred mails, twice, and Redis forgets everything.

The mailbox is the witness, not our own ledger. The same is done to a naive worker, which must lose mails: else this
test would have no power. Bounds: lost 0; at most two copies; copies too many plus unknown no more than the processes
that were killed.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from tests.servers.workers import CeleryWorker, Installation
from tests.system.evidence import Evidence, read_postgres
from tests.system.oracle import message_id
from trial.core.access import Actor, Role
from trial.core.trial import TrialKind
from trial.mail.mailbox import MailboxServer, started_mailbox
from trial.protocol_files import read_folder, shipped
from trial.services import enrolment, trials
from trial.services.trials import Chance
from trial.settings import Settings
from trial.storage import schema
from trial.storage.work import Store
from workers.app import TICK, make_app

pytestmark = pytest.mark.servers
MAILS, PROCESSES = 300, 2
KILL_AT = (70, 170)
PATIENCE = 60.0
SLUG = "shapira-mongrain-2010"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Post:
    """A trial with three hundred mails due, and all that is needed to send them."""

    home: Path
    store: Store
    database: str
    broker: RedisServer
    mailbox: MailboxServer

    @property
    def place(self) -> Installation:
        settings = {"SMTP_URL": self.mailbox.url, "TICK_SECONDS": "3600"}
        return Installation(self.database, self.broker.url, self.home, settings)

    def arrived(self) -> int:
        return sum(1 for _ in self.mailbox.directory.glob("*.eml"))

    def ring(self) -> None:
        """One tick for each process of a worker."""
        with make_app(Settings(broker_url=self.broker.url, home=self.home)) as app:
            for _ in range(PROCESSES):
                app.send_task(TICK, expires=60, ignore_result=True)

    def held(self) -> int:
        """Rows that somebody, dead or alive, holds."""
        return self._sql("select count(*) from delivery where state in ('claimed', 'data_started')")

    def unfinished(self) -> int:
        """Rows that are due or that somebody, dead or alive, holds."""
        return self._sql("select count(*) from delivery where state not in ('accepted', 'unknown')")

    def let_leases_lapse(self) -> int:
        """Two minutes of machine time, for the rows that the dead hold; how many there were."""
        return self._sql(
            "with held as (update delivery set lease_until = lease_until - interval '10 minutes' "
            "where state in ('claimed', 'data_started') returning 1) select count(*) from held"
        )

    def in_doubt(self) -> int:
        """Rows that wait to be sent once more."""
        return self._sql("select count(*) from delivery where state = 'retry' and doubts > 0")

    def let_doubts_pass(self) -> int:
        """A quarter of an hour of machine time, for what is sent once more; how many there were."""
        return self._sql(
            "with waiting as (update delivery set retry_from = null where state = 'retry' and doubts > 0 returning 1) "
            "select count(*) from waiting"
        )

    def _sql(self, statement: str) -> int:
        with self.store.engine.begin() as rows:
            return int(rows.execute(sa.text(statement)).scalar_one())


@pytest.fixture(scope="module")
def post(
    postgres_server: PostgresServer, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Post]:
    home = tmp_path_factory.mktemp("home")
    url = postgres_server.create_database("worker_killed")
    store = Settings(home=home, database_url=url).store()
    schema.upgrade(store.engine)
    with started_mailbox(home / "mailbox") as mailbox:
        found = Post(home, store, url, redis_server, mailbox)
        _make_due(store)
        yield found
    store.engine.dispose()
    postgres_server.drop_database("worker_killed")


def _make_due(store: Store) -> None:
    """Three hundred people give their address; each mail with a code is due at once, and no worker is there."""
    operator = Actor("operator:test", Role.OPERATOR)
    folder = read_folder(shipped(SLUG))
    with store.open_work(operator) as work:
        chance = Chance.from_system()
        trial = trials.open_trial(
            work,
            folder,
            slug=SLUG,
            kind=TrialKind.TEST,
            base_url="http://h",
            chance=chance,
            target=None,
            placeholder_wording=True,
        )
        answers = {"age": "30", "reads_english": "yes", "daily_email": "yes"}
        for number in range(MAILS):
            screening = enrolment.screen(work, trial, answers, "", submission=f"{number:064d}")
            assert screening.id is not None
            address = f"p{number:05d}@mailbox.example"
            assert not enrolment.give_address(work, trial, screening.id, email=address, language="en", zone="UTC")


def wait_until(what: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.004)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: the evidence, and how many rows the dead were holding each time."""

    lived: Evidence
    held: tuple[int, ...]


@pytest.fixture(scope="module")
def outcome(post: Post) -> Outcome:
    """Two workers are killed one after the other, Redis is emptied, and a third brings it to an end."""
    assert (post.unfinished(), post.arrived()) == (MAILS, 0)
    held = []
    for enough in KILL_AT:
        with CeleryWorker(post.place, concurrency=PROCESSES) as worker:
            post.ring()
            wait_until(lambda enough=enough: post.arrived() >= enough)  # type: ignore[misc]
            # between two batches nobody holds anything, and a death would cost nothing
            worker.kill_while(lambda: post.held() > 0)
        assert post.arrived() < MAILS, "all was sent before the kill: nothing was tried"
        held.append(post.let_leases_lapse())
        redis.Redis.from_url(post.broker.url).flushall()
    with CeleryWorker(post.place, concurrency=PROCESSES):
        post.ring()
        wait_until(lambda: post.unfinished() == post.in_doubt() and post.held() == 0)
        post.let_doubts_pass()
        post.ring()
        wait_until(lambda: post.unfinished() == 0)
    return Outcome(Evidence(post.home, read_postgres(post.database)), tuple(held))


def test_no_mail_is_lost_and_no_more_are_doubled_or_unknown_than_processes_were_killed(outcome: Outcome) -> None:
    lived = outcome.lived
    copies = Counter(mail.message_id for mail in lived.mails)
    rows = {message_id(lived, row): row for row in lived.tables["delivery"]}
    assert len(rows) == MAILS and copies.keys() <= rows.keys()
    unknown = {one for one, row in rows.items() if row["state"] == "unknown"}
    lost = [one for one in rows if not copies[one] and one not in unknown]
    doubled = sum(n - 1 for n in copies.values())
    killed = len(KILL_AT) * PROCESSES
    print(
        json.dumps({"mails": MAILS, "killed": killed, "lost": len(lost), "doubled": doubled, "unknown": len(unknown)})
    )
    assert lost == []
    assert max(copies.values()) <= 2 and doubled + len(unknown) <= killed
    assert {row["state"] for row in rows.values()} <= {"accepted", "unknown"}


def test_what_the_dead_had_claimed_was_taken_over_by_the_living(outcome: Outcome) -> None:
    assert all(outcome.held)
    taken_over = [row for row in outcome.lived.tables["delivery"] if row["attempt"] > 1]
    assert taken_over and {row["state"] for row in taken_over} <= {"accepted", "unknown"}
    owners = {row["owner"].partition("-")[0] for row in outcome.lived.tables["delivery"]}
    assert len(owners) > PROCESSES


def test_an_unknown_mail_is_counted_and_never_hidden(outcome: Outcome, post: Post) -> None:
    unknown = len(outcome.lived.all("delivery", state="unknown", reason="no_reply_after_data"))
    with post.store.open_work(Actor("operator:test", Role.OPERATOR), write=False) as work:
        contacts = trials.status(work, SLUG).contacts
    assert contacts.get("unknown", 0) == unknown
    assert contacts["accepted"] + unknown == MAILS


class NaiveWorker(CeleryWorker):
    """The same processes with a task for each mail, in Celery's default settings."""

    def environment(self) -> dict[str, str]:
        return super().environment() | {"PYTHONPATH": str(ROOT)}


def test_the_control_without_a_ledger_loses_mails(redis_server: RedisServer, tmp_path: Path) -> None:
    from tests.faults.naive import send

    broker = redis_server.url.replace("/0", "/1")
    redis.Redis.from_url(broker).flushdb()
    with started_mailbox(tmp_path / "mailbox") as mailbox:
        place = Installation("sqlite://", broker, tmp_path, {"SMTP_URL": mailbox.url})

        def arrived() -> int:
            return sum(1 for _ in mailbox.directory.glob("*.eml"))

        with NaiveWorker(place, app="tests.faults.naive", concurrency=PROCESSES) as worker:
            with send.app.connection_for_write(broker) as connection:
                for number in range(MAILS):
                    send.apply_async((number,), connection=connection)
            wait_until(lambda: arrived() >= KILL_AT[0])
            worker.kill()
        assert arrived() < MAILS, "all was sent before the kill: nothing was tried"
        with NaiveWorker(place, app="tests.faults.naive", concurrency=PROCESSES):
            queue = redis.Redis.from_url(broker)
            wait_until(lambda: queue.llen("celery") == 0)
            time.sleep(2)  # what the living have in hand takes milliseconds; what the dead had comes back in an hour
        missing = MAILS - len({mail.message_id for mail in Evidence(tmp_path, {}).mails})
    print(json.dumps({"control": "one task per mail", "mails": MAILS, "killed": PROCESSES, "not delivered": missing}))
    assert missing > 0
