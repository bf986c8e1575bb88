"""Where metrics are read beside the pages: what `serve` tells, what it refuses, and why a pool needs its folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.services.post import Post
from tests.services.scene import Scene
from tests.storage.stores import ON_SQLITE
from trial.cli.metering import meters_of
from trial.core.access import SYSTEM
from trial.core.delivery import ContactState
from trial.core.errors import Refused
from trial.metrics.endpoint import Endpoint
from trial.metrics.meters import WorkerMeters
from trial.metrics.registries import of_process
from trial.settings import Settings
from trial.storage.work import Store
from workers.rounds import go_round

ROOT = Path(__file__).parents[2]
FORKED = """
import os, sys
from trial.metrics.meters import WorkerMeters, value
from trial.metrics.registries import of_pool, of_process
mine = of_process()
meters = WorkerMeters(mine)
for _ in range(2):
    if not os.fork():
        meters.claimed(3)
        os._exit(0)
    os.wait()
meters.claimed(4)
print(value(of_pool(sys.argv[1]) if len(sys.argv) > 1 else mine, "equipoise_claimed_mails_sum"))
"""


def ask(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.headers["cache-control"] == "no-store"
            assert "Python" not in answer.headers["server"]
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@ON_SQLITE
def test_serve_without_a_broker_tells_what_its_pages_and_its_loop_do(store: Store, post: Post) -> None:
    scene, port = Scene(store), free()
    scene.to_code()
    with meters_of(Settings(metrics=f"127.0.0.1:{port}"), store) as (web, worker):
        assert web is not None and worker is not None
        assert "equipoise_mails_due 1.0" in ask(port, "/metrics")[1]
        go_round(store.open_work, post.sender(), None, worker)
        web.answered("desk", "GET", "/{slug}", 200, 0.2)
        _, text = ask(port, "/metrics")
        counted = 'equipoise_http_requests_total{app="desk",method="GET",route="/{slug}",status="200"} 1.0'
        done = ('equipoise_mails_total{outcome="accepted"} 1.0', 'equipoise_ticks_total{result="done"} 1.0')
        for line in ("equipoise_mails_due 0.0", "process_resident_memory_bytes", counted, *done):
            assert line in text, line
        assert "_created" not in text
        assert ask(port, "/healthz/live") == (200, '{"live": true}')
        status, said = ask(port, "/healthz/ready")
        assert status == 200 and json.loads(said)["checks"]["worker"]["ok"]
        assert ask(port, "/metrics", "HEAD") == (200, "")
        assert ask(port, "/")[0] == 404 and ask(port, "/metrics", "POST")[0] == 501
    with pytest.raises(OSError):
        ask(port, "/metrics")


@ON_SQLITE
def test_a_round_that_fails_is_counted_as_failed_and_what_it_did_not_commit_is_not(store: Store) -> None:
    class Broken(Exception):
        pass

    with meters_of(Settings(metrics=f"127.0.0.1:{free()}"), store) as (_, meters):
        assert meters is not None

        def broken_round() -> None:
            with meters.tick(), meters.counting(store.open_work)(SYSTEM) as work:
                work.moved.append(ContactState.HELD)
                raise Broken

        with pytest.raises(Broken):
            broken_round()
        assert meters.ticks.labels("failed")._value.get() == 1
        assert sum(meters.mails.labels(one)._value.get() for one in ("accepted", "failed", "held")) == 0


@ON_SQLITE
def test_an_address_that_is_taken_is_named_and_without_one_nothing_listens(store: Store) -> None:
    taken = Endpoint(("127.0.0.1", 0), of_process(), lambda: (True, {}))
    try:
        with pytest.raises(Refused, match="EQUIPOISE_METRICS"), meters_of(
            Settings(metrics=f"127.0.0.1:{taken.port}"), store
        ):  # fmt: skip
            pass
    finally:
        taken.close()
    with meters_of(Settings(), store) as found:
        assert found == (None, None)


def test_processes_made_from_one_are_counted_together_by_their_folder_and_lost_without_it(tmp_path: Path) -> None:
    """The control is the second: what a child counted in its own memory nobody else ever sees."""
    told = []
    for folder in ([str(tmp_path)], []):
        surroundings = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
        surroundings |= {"PROMETHEUS_MULTIPROC_DIR": folder[0]} if folder else {}
        words = [sys.executable, "-c", FORKED, *folder]
        done = subprocess.run(words, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True)
        told.append(float(done.stdout))
    assert told == [10.0, 4.0]


def test_a_stage_within_another_is_not_counted_twice() -> None:
    registry = of_process()
    meters = WorkerMeters(registry)
    with meters.stage("smtp"), meters.stage("look"), meters.stage("render"):
        sum(range(200_000))
    spent = {
        stage: registry.get_sample_value("equipoise_mail_stage_duration_seconds_sum", {"stage": stage}) or 0.0
        for stage in ("smtp", "look", "render")
    }
    assert spent["render"] > spent["smtp"] + spent["look"]
