"""The test servers are real, and leave nothing behind: no process, no folder, no account, no opened folder."""

import os
import pwd
import shutil
import smtplib
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
import sqlalchemy as sa

from tests.servers.postfix import PostfixServer, why_not
from tests.servers.postgres import PostgresServer, copy_wheel, installations
from tests.servers.process import alive
from tests.servers.redis import RedisServer
from tests.servers.workers import CeleryBeat, CeleryWorker, Installation

pytestmark = pytest.mark.servers


def tree(server: PostgresServer | RedisServer) -> list[psutil.Process]:
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    return [process, *process.children(recursive=True)]


def owners(processes: list[psutil.Process]) -> set[int]:
    """Whose they are; a worker that PostgreSQL has ended meanwhile is nobody's."""
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found.add(process.uids().real)
    return found


def scalar(url: str, statement: str) -> object:
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.execute(sa.text(statement)).scalar()
    finally:
        engine.dispose()


@pytest.mark.parametrize("programs", installations(), ids=lambda folder: folder.parent.name)
def test_every_postgres_found_here_serves_and_ends_with_all_its_processes(programs: Path) -> None:
    with PostgresServer(programs=programs) as server:
        assert str(scalar(server.url, "select version()")).startswith("PostgreSQL")
        processes = tree(server)
        assert len(processes) > 1
        if os.geteuid() == 0:
            assert 0 not in owners(processes)
    assert not any(map(alive, processes))
    assert not server.folder.exists()


def test_starting_postgres_opens_no_folder_and_adds_no_account() -> None:
    def witness(folder: Path) -> object:
        modes = {parent: stat.S_IMODE(parent.stat().st_mode) for parent in folder.parents}
        return modes, [entry.pw_name for entry in pwd.getpwall()]

    server = PostgresServer()
    before = witness(server.folder), witness(server.programs)
    with server:
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
        assert (witness(server.folder), witness(server.programs)) == before


def test_postgres_listens_on_loopback_only_and_leaves_no_socket_file() -> None:
    with PostgresServer() as server:
        assert scalar(server.url, "show listen_addresses") == "127.0.0.1"
        assert scalar(server.url, "show unix_socket_directories") == ""


def test_a_committed_row_outlives_a_killed_postgres() -> None:
    with PostgresServer(durable=True) as server:
        assert scalar(server.url, "show fsync") == "on"
        with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("create table sheet as select 7 as answer")
        url, processes = server.url, tree(server)
        server.kill()
        assert not any(map(alive, processes))
        with pytest.raises(sa.exc.OperationalError):
            scalar(url, "select 1")
        server.start()
        assert server.url == url
        assert scalar(url, "select answer from sheet") == 7


def test_each_test_gets_an_empty_database_of_its_own(fresh_postgres_url: str) -> None:
    tables = "select count(*) from information_schema.tables where table_schema = 'public'"
    assert scalar(fresh_postgres_url, tables) == 0
    assert not fresh_postgres_url.endswith("/postgres")


def test_redis_serves_stops_and_ends_with_the_block() -> None:
    with RedisServer() as server:
        client = redis.Redis.from_url(server.url)
        assert client.set("bell", "rung")
        server.restart()
        assert client.get("bell") is None  # nothing was to be kept
        processes = tree(server)
    assert not any(map(alive, processes))
    assert not server.folder.exists()


def test_a_durable_redis_keeps_what_a_kill_found_written() -> None:
    with RedisServer(durable=True) as server:
        client = redis.Redis.from_url(server.url)
        client.set("bell", "rung")
        client.waitaof(1, 0, 5000)
        server.kill()
        server.start()
        assert client.get("bell") == b"rung"


def test_servers_die_with_tests_that_are_killed() -> None:
    script = (
        "import sys, time\n"
        "from tests.servers.postgres import PostgresServer\n"
        "from tests.servers.redis import RedisServer\n"
        "with PostgresServer() as postgres, RedisServer() as redis:\n"
        "    print(postgres.process.pid, redis.process.pid, postgres.folder, redis.folder, flush=True)\n"
        "    time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    runner = subprocess.Popen([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True)
    assert runner.stdout is not None
    postgres, valkey, *folders = runner.stdout.readline().split()
    processes = [psutil.Process(int(pid)) for pid in (postgres, valkey)]
    processes += [child for process in processes for child in process.children(recursive=True)]
    runner.kill()
    runner.wait()
    deadline = time.monotonic() + 10
    while any(map(alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(alive, processes))
    for folder in folders:  # which nobody was left to remove
        shutil.rmtree(folder)


def test_celery_worker_and_beat_start_from_settings_and_end(
    fresh_postgres_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    place = Installation(fresh_postgres_url, redis_server.url, tmp_path)
    with CeleryWorker(place) as worker, CeleryBeat(place) as beat:
        assert worker.process and beat.process
        processes = [psutil.Process(process.pid) for process in (worker.process, beat.process)]
        processes += processes[0].children(recursive=True)
        assert all(map(alive, processes))
    assert not any(map(alive, processes))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_postgres_from_a_checkout_in_a_private_home_serves_without_opening_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    programs = copy_wheel(installations()[-1], home / "checkout")
    home.chmod(0o700)
    with PostgresServer(programs=programs) as server:
        assert scalar(server.url, "select 1") == 1
        assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_server_that_cannot_start_says_why() -> None:
    server = PostgresServer()
    server.settings = {"no_such_setting": "on"}
    with pytest.raises(RuntimeError, match="no_such_setting"), server:
        pass
    assert not server.folder.exists()


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_postfix_starts_beside_whatever_the_system_has_and_leaves_nothing_behind() -> None:
    def system() -> list[tuple[str, float]]:
        places = [Path("/etc/postfix"), Path("/var/spool/postfix"), Path("/var/lib/postfix")]
        found = [one for place in places if place.exists() for one in (place, *place.rglob("*"))]
        return sorted((str(one), one.lstat().st_mtime) for one in found)

    before = system()
    with PostfixServer(boxes={"her@mailbox.example": "her"}) as server:
        assert server.process is not None
        processes = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
        with smtplib.SMTP("127.0.0.1", server.port) as client:
            client.sendmail("", ["her@mailbox.example"], b"Subject: x\r\n\r\nHello\r\n")
        deadline = time.monotonic() + 20
        while not server.arrived("her") and time.monotonic() < deadline:
            time.sleep(0.02)
        assert b"Hello" in server.arrived("her")[0].read_bytes()
        assert len(processes) > 1
    deadline = time.monotonic() + 10
    while any(map(alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(alive, processes))
    assert not server.folder.exists()
    assert system() == before
