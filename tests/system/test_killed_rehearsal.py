"""A rehearsal or a simulation that is itself killed leaves nobody behind who goes on with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.rehearsal.morning_walks import written
from tests.servers.process import alive
from tests.servers.redis import RedisServer
from tests.system.commands import PROTOCOL, running, wait_for

# seconds: until a second worker is at work, on a busy machine; and for those who are to end
LONG, PATIENCE = 400, 10
WISH = ("--participants", "60", "--seed", "6", "--out", "lived", "--faults", "--kills-a-minute", "12")


def words_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def left_behind(
    place: Path, *words: str | Path, once: Callable[[list[psutil.Process], Path], bool]
) -> tuple[list[str], list[psutil.Process]]:
    """What every process was that a command had started by then, and those of them that outlive its kill -9."""
    seen: dict[int, tuple[psutil.Process, str]] = {}
    with running(*words, cwd=place) as command:
        parent = psutil.Process(command.pid)

        def look() -> list[psutil.Process]:
            now = parent.children(recursive=True)
            seen.update({one.pid: (one, words_of(one)) for one in now})  # its words change when it begins
            return now

        wait_for(lambda: once(look(), place / "lived"), process=command, seconds=LONG)
        parent.suspend()  # so that it starts nobody more between the last look and its end
        look()
        parent.kill()
        command.wait()
        _, left = psutil.wait_procs([one for one, _ in seen.values()], timeout=PATIENCE)
        outlive = [one for one in left if alive(one)]
        for one in outlive:  # by its own number: nobody else will end it
            one.kill()
    return [words for _, words in seen.values()], outlive


def rehearse(place: Path) -> tuple[str | Path, ...]:
    return "rehearse", written(place), *WISH


def mails(home: Path) -> int:
    return len(list((home / "mailbox").glob("*.eml")))


def test_nobody_who_sends_outlives_a_rehearsal_that_is_killed(tmp_path: Path) -> None:
    started, left = left_behind(
        tmp_path,
        *rehearse(tmp_path),
        once=lambda now, home: mails(home) > 20 and sum("sending_process" in words_of(one) for one in now) == 2,
    )
    assert [words for words in started if "trial.mail.mailbox" in words]
    assert [words_of(one) for one in left] == []


def test_nobody_who_counts_outlives_a_simulation_that_is_killed(tmp_path: Path) -> None:
    """Processes of a pool wait for ever for one that was killed, if nobody tells them."""
    words = ("power", PROTOCOL, "--n", "400", "--effect", "0.2", "--replicates", "20000", "--processes", "2")
    started, left = left_behind(
        tmp_path, *words, once=lambda now, _: sum("spawn_main" in words_of(one) for one in now) == 2
    )
    assert len([one for one in started if "spawn_main" in one]) == 2
    assert [words_of(one) for one in left] == []


@pytest.mark.servers
def test_no_worker_of_its_outlives_a_rehearsal_that_is_killed(
    fresh_postgres_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    """Neither the first worker nor one that came after a kill, nor their pools, nor the beat, nor the mail server."""
    leaders: set[int] = set()

    def second_at_work(now: list[psutil.Process], _: Path) -> bool:
        workers = [one for one in now if " worker " in words_of(one)]
        leaders.update(one.pid for one in workers if one.ppid() not in {other.pid for other in workers})
        return len(leaders) > 1 and len(workers) == 3

    where = ("--database-url", fresh_postgres_url, "--broker-url", redis_server.url)
    started, left = left_behind(tmp_path, *rehearse(tmp_path), *where, once=second_at_work)
    assert [words for words in started if " beat " in words] and [one for one in started if "trial.mail.mailbox" in one]
    assert [words_of(one) for one in left] == []
