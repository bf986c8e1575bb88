"""A real worker of two processes and a real beat, scraped: what they count is what the ledger says, added up over all
processes, and holds nothing of anybody."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
import redis

from tests.servers.process import free_port, wait_until
from tests.servers.redis import RedisServer
from tests.servers.workers import CeleryBeat, CeleryWorker, Installation
from tests.services.scene import Scene
from trial.core.delivery import ContactState
from trial.mail.mailbox import started_mailbox
from trial.metrics.meters import LABELS
from trial.settings import Settings
from trial.storage import participants, schema

pytestmark = pytest.mark.servers
S = ContactState
PEOPLE = 21
SAMPLE = re.compile(r"^(\w+)(?:{(.*)})? (\S+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="([^"]*)"')


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            assert answer.headers["cache-control"] == "no-store"
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def samples(port: int) -> dict[tuple[str, str], float]:
    """(name, labels as they are written) -> value."""
    return {(name, labels): float(value) for name, labels, value in SAMPLE.findall(ask(port, "/metrics")[1])}


def accepted(port: int) -> float:
    return samples(port).get(("equipoise_mails_total", 'outcome="accepted"'), 0.0)


def test_a_worker_of_two_processes_is_read_as_one_and_a_killed_one_stays_counted(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    store = Settings(home=tmp_path).store()
    schema.upgrade(store.engine)
    redis.Redis.from_url(redis_server.url).flushall()
    scene = Scene(store)
    port, other = free_port(), free_port()
    url = f"sqlite:///{tmp_path / 'equipoise.sqlite'}"

    def place(number: int, **more: str) -> Installation:
        settings = {"SMTP_URL": mailbox.url, "METRICS": f"127.0.0.1:{number}", "WATCHDOG_SECONDS": "0", **more}
        return Installation(url, redis_server.url, tmp_path, settings)

    with (
        started_mailbox(tmp_path / "mailbox") as mailbox,
        CeleryWorker(place(port), concurrency=2) as worker,
        CeleryBeat(place(other, TICK_SECONDS="1")),
    ):
        wait_until(lambda: ask(port, "/healthz/live")[0] == 200, seconds=20)
        assert samples(port)["equipoise_mails_total", 'outcome="accepted"'] == 0.0
        for _ in range(PEOPLE):
            scene.to_code()
        wait_until(lambda: all(one.state is S.ACCEPTED for one in scene.contacts()), seconds=40)
        wait_until(lambda: accepted(port) == PEOPLE, seconds=10)
        # those that count from here on are others, and what is told is of both
        assert worker.process is not None
        pool = psutil.Process(worker.process.pid).children()
        for one in pool:
            one.kill()
        wait_until(lambda: not set(pool) & set(psutil.Process(worker.process.pid).children()), seconds=20)
        assert accepted(port) == PEOPLE
        scene.to_code()
        wait_until(lambda: accepted(port) == PEOPLE + 1, seconds=40)
        # a round is counted when it ends, and its mails are before
        wait_until(lambda: samples(port).get(("equipoise_ticks_total", 'result="done"'), 0.0) >= 2, seconds=20)
        told = samples(port)
        for stage in ("look", "render", "smtp", "record"):
            assert told["equipoise_mail_stage_duration_seconds_count", f'stage="{stage}"'] == PEOPLE + 1
        assert told["equipoise_claimed_mails_sum", ""] == PEOPLE + 1
        assert told["equipoise_database_up", ""] == 1 and told["equipoise_mails_due", ""] == 0
        assert told["equipoise_last_claim_timestamp_seconds", ""] > 1.7e9
        status, said = ask(port, "/healthz/ready")
        assert status == 200 and json.loads(said)["ready"]
        beat = samples(other)
        assert beat["equipoise_beat_ticks_sent_total", ""] >= 2
        assert ask(other, "/healthz/ready")[0] == 200
        everything = ask(port, "/metrics")[1] + ask(other, "/metrics")[1] + said
    holds_nothing_of_anybody(scene, everything)
    store.engine.dispose()


def holds_nothing_of_anybody(scene: Scene, text: str) -> None:
    """No address, study code, trial or arm; and a label has no value that is not known beforehand."""
    with scene.work(write=False) as work:
        codes = [one.code for one in participants.of_trial(work, scene.id)]
    arms = [one.id for one in scene.folder.protocol.arms] + [str(one.label["en"]) for one in scene.folder.protocol.arms]
    assert not [one for one in (*codes, *arms, scene.slug, "mailbox.example", "@") if one in text]
    values = {(name, value) for name, value in LABEL.findall(text) if name not in ("le", "pid")}
    assert values and all(value in LABELS[name] for name, value in values)
