"""The same seed gives the same trial, byte for byte, whatever it runs on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from tests.servers.workers import CeleryBeat, CeleryWorker, Installation
from tests.system import oracle
from tests.system.commands import Done, equipoise, in_this_process, running, same_bytes, wait_for
from tests.system.evidence import Evidence, read_postgres

pytestmark = pytest.mark.servers
SAME = ("dataset.csv", "results.json")
WISH = ("--participants", "12", "--seed", "5")


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsal on SQLite, in one process."""
    place = tmp_path_factory.mktemp("embedded")
    done = in_this_process("demo", *WISH, "--out", "lived", cwd=place)
    assert done.code == 0, done.err
    return place / "lived"


@pytest.fixture(scope="module")
def database(postgres_server: PostgresServer) -> Iterator[str]:
    """One database for all that this file does, as somebody would who rehearses again and again."""
    yield postgres_server.create_database("same_seed")
    postgres_server.drop_database("same_seed")


@pytest.fixture(scope="module")
def full_stack(
    tmp_path_factory: pytest.TempPathFactory, database: str, redis_server: RedisServer
) -> tuple[Path, Done, Evidence]:
    """The same rehearsal on PostgreSQL, Redis, and Celery processes that the command starts itself."""
    place = tmp_path_factory.mktemp("full_stack")
    stack = ("--database-url", database, "--broker-url", redis_server.url)
    done = equipoise("demo", *WISH, "--out", "lived", *stack, cwd=place)
    assert done.code == 0, done.err
    return place / "lived", done, Evidence(place / "lived", read_postgres(database))


def test_postgresql_redis_and_celery_give_the_same_bytes(
    embedded: Path, full_stack: tuple[Path, Done, Evidence]
) -> None:
    home, _, lived = full_stack
    assert same_bytes(embedded, home, *SAME)
    assert len(lived.csv["dataset"]) > 10


def test_on_the_full_stack_every_accepted_mail_is_in_the_mailbox_once(full_stack: tuple[Path, Done, Evidence]) -> None:
    _, _, lived = full_stack
    accepted = [oracle.message_id(lived, row) for row in lived.all("delivery", state="accepted")]
    assert len(accepted) > 100
    assert sorted(mail.message_id for mail in lived.mails) == sorted(accepted)
    ends = [(oracle.expected_end(lived, row), (row["state"], row["reason"])) for row in lived.tables["delivery"]]
    assert [pair for pair in ends if pair[0] != pair[1]] == []


def test_the_mails_were_sent_by_worker_processes_and_not_by_the_command(
    full_stack: tuple[Path, Done, Evidence],
) -> None:
    home, done, lived = full_stack
    owners = {int(row["owner"].partition("-")[0]) for row in lived.all("delivery", state="accepted")}
    assert owners and done.pid not in owners
    for name in ("worker", "beat"):
        log = (home / "celery" / f"{name}.log").read_text()
        assert "Traceback" not in log, log


@pytest.mark.long
def test_worker_and_beat_may_be_started_by_hand(
    embedded: Path,
    full_stack: tuple[Path, Done, Evidence],
    database: str,
    redis_server: RedisServer,
    tmp_path: Path,
) -> None:
    """In the database of the rehearsal before it, which gives way."""
    words = ("demo", *WISH, "--out", "lived", "--no-workers", "--database-url", database)
    with running(*words, "--broker-url", redis_server.url, cwd=tmp_path) as command:
        errors = tmp_path / "err"
        said = wait_for(lambda: re.search(r"EQUIPOISE_SMTP_URL=(\S+)\n", errors.read_text()), process=command)
        assert f"EQUIPOISE_HOME={tmp_path / 'lived'}\n" in errors.read_text()
        given = {"SMTP_URL": said[1], "TICK_SECONDS": "1"}
        place = Installation(database, redis_server.url, tmp_path / "lived", given)
        with CeleryWorker(place) as worker, CeleryBeat(place):
            assert command.wait(120) == 0, errors.read_text()
            assert worker.process
    assert not (tmp_path / "lived" / "celery").exists()
    assert same_bytes(embedded, tmp_path / "lived", *SAME)


def test_another_seed_gives_another_trial(embedded: Path, tmp_path: Path) -> None:
    done = in_this_process("demo", *WISH[:2], "--seed", "6", "--out", "lived", cwd=tmp_path)
    assert done.code == 0, done.err
    for name in SAME:
        assert not same_bytes(embedded, tmp_path / "lived", name)


def test_a_demo_refuses_a_database_that_holds_a_test_trial(fresh_postgres_url: str, tmp_path: Path) -> None:
    at = ("--database-url", fresh_postgres_url)
    opened = [
        in_this_process("migrate", *at, cwd=tmp_path),
        in_this_process("open", "shapira-mongrain-2010", "--test", "--placeholder-wording", *at, cwd=tmp_path),
    ]
    assert [done.code for done in opened] == [0, 0], opened
    before = read_postgres(fresh_postgres_url)
    refused = in_this_process("demo", *WISH, "--out", "lived", *at, cwd=tmp_path)
    assert refused.code == 1 and "no rehearsal" in refused.err and "Traceback" not in refused.err
    assert read_postgres(fresh_postgres_url) == before and before["trial"]


def test_a_demo_refuses_a_database_of_something_else(
    postgres_server: PostgresServer, fresh_postgres_url: str, tmp_path: Path
) -> None:
    import psycopg

    with psycopg.connect(fresh_postgres_url.replace("+psycopg", "")) as rows:
        rows.execute("create table participant as select 7 as answer")
    refused = in_this_process("demo", *WISH, "--out", "lived", "--database-url", fresh_postgres_url, cwd=tmp_path)
    assert refused.code == 1 and "tables of something else" in refused.err
    assert read_postgres(fresh_postgres_url) == {"participant": [{"answer": 7}]}
