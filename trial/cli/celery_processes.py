"""Real Celery worker and beat processes for a rehearsal, and waiting for them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path

import typer

from trial.core.access import SYSTEM
from trial.core.errors import Unavailable
from trial.services import rehearsing
from trial.settings import Settings
from trial.storage.work import Store

PATIENCE = 90.0
LOOK = 0.004


@contextmanager
def celery_postman(
    settings: Settings, store: Store, *, start: bool
) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """(drain, ring): ring wakes a worker through the broker; drain waits until nothing is due or in hand."""
    from workers.app import TICK, make_app, require_broker

    app = make_app(settings)
    require_broker(app)

    def ring() -> None:
        app.send_task(TICK, expires=60, ignore_result=True)

    def drain() -> None:
        _wait(store, ring, settings)

    with _processes(settings) if start else nullcontext():
        if not start:
            _say_what_workers_need(settings)
        yield drain, ring
    app.close()


def _say_what_workers_need(settings: Settings) -> None:
    """The keys and the mail server are this demo's own, made a moment ago: nobody could know them beforehand."""
    typer.echo(
        "Start worker and beat now, on the same database and broker, with\n"
        f"  EQUIPOISE_HOME={settings.home.resolve()}\n"
        f"  EQUIPOISE_SMTP_URL={settings.smtp_url}",
        err=True,
    )


def _wait(store: Store, ring: Callable[[], None], settings: Settings) -> None:
    rang = False
    began = time.monotonic()
    while not _idle(store):
        if not rang:
            ring()
            rang = True
        if time.monotonic() - began > PATIENCE:
            where = f"nothing was sent for {PATIENCE:.0f} s; the workers' log is in {settings.home / 'celery'}"
            raise Unavailable("The Celery worker", "EQUIPOISE_BROKER_URL, EQUIPOISE_DATABASE_URL", where)
        time.sleep(LOOK)


def _idle(store: Store) -> bool:
    with store.open_work(SYSTEM, write=False) as work:
        return rehearsing.nothing_in_hand(work)


@contextmanager
def _processes(settings: Settings) -> Iterator[None]:
    """One worker with two processes and one beat, ended by their own handles."""
    started = [start() for start in worker_and_beat(settings)]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def log_of(settings: Settings, name: str) -> Path:
    """Where the worker, or the beat, says what it does."""
    return settings.home / "celery" / f"{name}.log"


def worker_and_beat(settings: Settings, level: str = "WARNING") -> list[Callable[[], subprocess.Popen[bytes]]]:
    """How a worker with two processes is started, and how a beat; each leads a group of its own, and ends with us."""
    logs = log_of(settings, "").parent
    logs.mkdir(parents=True, exist_ok=True)
    commands = {
        "worker": ["worker", "--concurrency=2", f"--loglevel={level}", "--without-gossip", "--without-mingle"],
        "beat": ["beat", "--loglevel=WARNING", f"--schedule={logs / 'schedule'}"],
    }
    return [partial(_start, words, settings, log_of(settings, name)) for name, words in commands.items()]


def _start(words: list[str], settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    surroundings = os.environ | {
        "EQUIPOISE_HOME": str(settings.home.resolve()),
        "EQUIPOISE_DATABASE_URL": settings.database(),
        "EQUIPOISE_BROKER_URL": str(settings.broker_url),
        "EQUIPOISE_SMTP_URL": str(settings.smtp_url),
        "EQUIPOISE_MAIL_FROM": settings.mail_from,
        "EQUIPOISE_TICK_SECONDS": "1",
    }
    command = [sys.executable, "-P", "-m", "workers.tied", "-A", "workers.app", *words]
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            env=surroundings,
            stdin=subprocess.PIPE,  # we hold it, and say nothing: its end is ours
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
