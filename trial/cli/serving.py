"""`equipoise serve` and `equipoise mailbox`: the two web applications, the worker loop, the local mail server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import typer
import uvicorn

from trial.cli.demo import MARKER
from trial.cli.places import operator, ready_store, settings_of
from trial.core.errors import BadInput, Problem, Unavailable
from trial.mail.mailbox import run_mailbox, started_mailbox
from trial.services import trials
from trial.settings import Settings
from trial.storage.work import Store
from trial.web.desk.app import create_desk_app
from trial.web.participant.app import create_participant_app


def run_serve(
    *, home: Path | None, database_url: str | None, broker_url: str | None, host: str, port: int, only: str | None
) -> None:
    """Serve until interrupted."""
    if only not in (None, "public", "desk"):
        raise BadInput([Problem("--only", None, None, f"{only!r} is no part.", "Use public or desk.")])
    settings = settings_of(home=home, database_url=database_url, broker_url=broker_url)
    finished = _finished_demo(settings.home)
    store = settings.store(read_only=True) if finished else ready_store(settings)
    with ExitStack() as stack:
        ring = _silent if finished else stack.enter_context(_sending(settings, store))
        public = _public(settings, store, ring, host, read_only=finished)
        desk = _desk(settings, store, finished)
        _announce(store, host, port, finished, only)
        _serve({"public": (public, port), "desk": (desk, port if only == "desk" else port + 1)}, host, only)


def serve_mailbox(*, home: Path | None, host: str, port: int) -> None:
    """Run the local mail server until interrupted."""
    run_mailbox(settings_of(home=home).home / "mailbox", host, port)


def _finished_demo(home: Path) -> bool:
    """Whether this home holds a rehearsal; one that was killed half-way cannot be shown."""
    marker = home / MARKER
    if not marker.is_file():
        return False
    if not json.loads(marker.read_text()).get("finished"):
        mend = "Run it again: equipoise demo --out " + str(home)
        raise BadInput([Problem(str(home), None, None, "this demo did not finish.", mend)])
    return True


def _silent() -> None:
    """A finished rehearsal sends nothing."""


@contextmanager
def _sending(settings: Settings, store: Store) -> Iterator[Callable[[], None]]:
    """Who sends: Celery workers on the broker, or a loop in this process. Gives the bell that wakes them."""
    if settings.broker_url:
        from workers.app import TICK, make_app

        app = make_app(settings)
        yield lambda: _ring_celery(app, TICK)
        return
    with ExitStack() as stack:
        if not settings.smtp_url:
            box = stack.enter_context(started_mailbox(settings.home / "mailbox"))
            settings = settings.model_copy(update={"smtp_url": box.url})
        settings.sender().mailer.check()
        bell, ended = threading.Event(), threading.Event()
        loop = threading.Thread(target=_worker_loop, args=(settings, store, bell, ended), name="worker")
        loop.start()
        try:
            yield bell.set
        finally:
            ended.set()
            bell.set()
            loop.join()


def _ring_celery(app: Any, task: str) -> None:
    """Losing a ring costs one tick, never an answer: the page is served whether the broker is there or not."""
    try:
        app.send_task(task, expires=60, ignore_result=True, retry=False)
    except Exception as error:
        typer.echo(f"equipoise: the broker could not be reached ({type(error).__name__}); beat will wake it", err=True)


def _worker_loop(settings: Settings, store: Store, bell: threading.Event, ended: threading.Event) -> None:
    from workers.timetable import tick

    sender = settings.sender()
    while not ended.is_set():
        try:
            tick(store.open_work, sender)
        except Unavailable as error:
            typer.echo(f"equipoise: {error}", err=True)
        bell.wait(settings.tick_seconds)
        bell.clear()
    sender.mailer.close()


def _public(settings: Settings, store: Store, ring: Callable[[], None], host: str, *, read_only: bool) -> Any:
    address = urlsplit(settings.base_url)
    hosts = sorted({address.hostname or "127.0.0.1", "127.0.0.1", "localhost", host} - {"0.0.0.0"})  # noqa: S104
    return create_participant_app(
        open_work=store.open_work,
        secret=store.keys.cookie,
        https=address.scheme == "https",
        ring=ring,
        read_only=read_only,
        hosts=hosts,
    )


def _desk(settings: Settings, store: Store, finished: bool) -> Any:
    home = settings.home
    report = home if (home / "report.html").is_file() else None
    return create_desk_app(
        mailbox=home / "mailbox",
        report=report,
        title="A finished rehearsal" if finished else "Equipoise",
        status=lambda: _figures(store),
    )


def _figures(store: Store) -> dict[str, object]:
    with store.open_work(operator(), write=False) as work:
        found = [trials.status(work, trial.slug) for trial in trials.all_trials(work)]
    return {
        f"{one.trial.slug}: {name}": value
        for one in found
        for name, value in asdict(one).items()
        if name in ("assessed", "consented", "randomized", "stopped", "open_adverse_events")
    }


def _announce(store: Store, host: str, port: int, finished: bool, only: str | None) -> None:
    with store.open_work(operator(), write=False) as work:
        slugs = [trial.slug for trial in trials.all_trials(work)]
    if finished:
        typer.echo("A finished rehearsal, shown on its own clock. Nothing is sent, nothing is kept.")
    if only != "desk":
        for slug in slugs or [""]:
            typer.echo(f"participants  http://{host}:{port}/{slug}")
    if only != "public":
        typer.echo(f"team          http://{host}:{port if only == 'desk' else port + 1}/")


def _serve(apps: dict[str, tuple[Any, int]], host: str, only: str | None) -> None:
    """The wanted applications, each in its own server; the last one in the main thread, where signals arrive."""
    servers = [
        uvicorn.Server(
            uvicorn.Config(app, host=host, port=port, access_log=False, server_header=False, log_level="warning")
        )
        for name, (app, port) in apps.items()
        if only in (None, name)
    ]
    threads = [threading.Thread(target=server.run, daemon=True) for server in servers[:-1]]
    for thread in threads:
        thread.start()
    servers[-1].run()
    for server, thread in zip(servers, threads, strict=False):
        server.should_exit = True
        thread.join(5)
