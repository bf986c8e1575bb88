"""Power over Celery workers: the same figures as in one process, also when a worker dies, and words where none is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.servers.redis import RedisServer
from tests.servers.workers import PowerWorker
from tests.system.commands import environment, in_this_process
from trial.core.errors import Refused, Unavailable
from trial.protocol_files import read_folder, shipped
from trial.rehearsal.power import Asked, Job, jobs_of, one_by_one, simulated
from trial.rehearsal.power_message import Shared, answered
from trial.rehearsal.profile_file import read_profile
from workers.power import over_workers

pytestmark = pytest.mark.servers

ASKED = Asked(read_folder(shipped("larger-trial")), read_profile("realistic"), 7)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


def test_the_figures_are_the_same_over_one_worker_over_two_and_in_one_process(
    redis: RedisServer, tmp_path: Path
) -> None:
    words = ("power", "larger-trial", "--n", "60,90", "--effect", "0.8", "--replicates", "60", "--seed", "7", "--json")
    here = in_this_process(*words, "--processes", "1", cwd=tmp_path)
    assert here.code == 0, here.err
    with PowerWorker(redis.url):
        one = in_this_process(*words, "--broker-url", redis.url, cwd=tmp_path)
        with PowerWorker(redis.url, concurrency=2):
            two = in_this_process(*words, "--broker-url", redis.url, cwd=tmp_path)
    assert one.code == two.code == 0, one.err + two.err
    assert json.loads(one.out) == json.loads(two.out) == json.loads(here.out)


def test_a_worker_that_dies_with_a_batch_in_hand_loses_nothing(redis: RedisServer) -> None:
    jobs = jobs_of([200], [0.3, 0.0], 100)
    told: list[Job] = []
    with PowerWorker(redis.url) as dies, PowerWorker(redis.url):

        def tell(job: Job) -> None:
            told.append(job)
            if len(told) == 2:
                dies.kill()

        found = simulated(ASKED, jobs, over_workers(redis.url, quiet=1.0), tell)
    assert told == jobs and dies.process is None
    assert found == simulated(ASKED, jobs, one_by_one)


def test_a_batch_that_was_lost_on_the_way_is_sent_again(redis: RedisServer) -> None:
    """The broker forgets what it held: nobody has those batches, and the workers say so."""
    import redis as client

    jobs = jobs_of([100], [0.3], 200)
    told: list[Job] = []
    with PowerWorker(redis.url), client.Redis.from_url(redis.url) as broker:

        def tell(job: Job) -> None:
            told.append(job)
            if len(told) == 1:
                assert broker.delete("equipoise-power")

        found = simulated(ASKED, jobs, over_workers(redis.url, quiet=1.0), tell)
    assert found == simulated(ASKED, jobs, one_by_one)


def test_nobody_is_kept_waiting_where_no_worker_answers(redis: RedisServer, tmp_path: Path) -> None:
    words = ("power", "larger-trial", "--n", "60", "--effect", "0.8", "--replicates", "20")
    done = in_this_process(*words, "--broker-url", redis.url, cwd=tmp_path)
    assert done.code == 3 and "A worker for power does not answer" in done.err
    assert "celery -A workers.power worker" in done.err and "Traceback" not in done.err


def test_workers_that_have_all_gone_silent_end_the_run(redis: RedisServer) -> None:
    jobs = jobs_of([300], [0.3], 4000)  # more than one worker does while its first answer is on its way
    with PowerWorker(redis.url) as dies, pytest.raises(Unavailable, match="all have gone silent"):
        simulated(ASKED, jobs, over_workers(redis.url, quiet=0.5, patience=3.0), lambda _: dies.kill())


def test_a_worker_that_is_told_of_no_broker_says_what_to_set(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "celery", "-A", "workers.power", "worker"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "EQUIPOISE_BROKER_URL is not set" in done.stderr


def test_a_broker_that_is_away_is_named(tmp_path: Path) -> None:
    words = ("power", "larger-trial", "--n", "60", "--effect", "0.8", "--replicates", "20")
    done = in_this_process(*words, "--broker-url", "redis://127.0.0.1:1/0", cwd=tmp_path)
    assert done.code == 3 and "The broker does not answer. Check --broker-url" in done.err


def test_a_worker_of_another_version_refuses_and_the_run_says_so(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trial.rehearsal.power_message.version", lambda _: "0.0.0-other")
    with PowerWorker(redis.url), pytest.raises(Refused, match=r"who asks has 0\.0\.0-other"):
        simulated(ASKED, jobs_of([60], [0.3], 20), over_workers(redis.url))


def test_a_worker_takes_no_message_larger_than_is_sent() -> None:
    with pytest.raises(Refused, match="more than a worker takes"):
        answered(Shared(" " * 2_000_001).with_job(Job(60, 0.3, 0, 20)))
    large = replace(ASKED.folder, files={**ASKED.folder.files, "messages/large.en.md": "x" * 2_000_000})
    with pytest.raises(Exception, match="a message to a worker holds"):
        next(iter(over_workers("redis://127.0.0.1:1/0")(replace(ASKED, folder=large), [])), None)
