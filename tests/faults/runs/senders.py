"""Real senders: each with a connection of its own to the database and to the mail server, sending whatever is due."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

from tests.storage.stores import opened
from trial.core.errors import EquipoiseError
from trial.mail.smtp import SmtpMailer
from trial.services.delivery import Sender, run_once
from trial.storage.work import Store
from workers.timetable import send_due

FROM = "study@equipoise.example"
# rows that a sender would take now or has in hand
BUSY = """select count(*) from delivery, (select instant from clock) as pretend
where state in ('claimed', 'data_started') or state in ('planned', 'due', 'retry')
and due_at <= pretend.instant and (retry_from is null or retry_from <= {now})"""
NOW = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')", "postgresql": "clock_timestamp()"}


def send_until(
    url: str, smtp: str, stop: Callable[[], bool], *, owner: str = "", per_minute: int = 0, timeout: float = 5.0,
    certificate: str = "",
) -> None:  # fmt: skip
    """Batch after batch; a database or server that is away is tried again a moment later."""
    tls = ssl.create_default_context(cafile=certificate or None) if certificate else None
    mailer = SmtpMailer(smtp, timeout=timeout, tls=tls)
    name = owner or f"{os.getpid()}-{threading.get_ident()}"
    sender = Sender(mailer, FROM, name, account="relay", per_minute=per_minute)
    with opened(url) as store:
        while not stop():
            try:
                found = send_due(store.open_work, sender) if per_minute else run_once(store.open_work, sender)
            except EquipoiseError:
                found = 0
            if not found:
                time.sleep(0.05)
    mailer.close()


@contextmanager
def senders(url: str, smtp: str, count: int, *, processes: bool = False, **options: Any) -> Iterator[None]:
    """So many at once, as threads or as processes, until this is left."""
    if not processes:
        end = threading.Event()
        threads = [
            threading.Thread(target=send_until, args=(url, smtp, end.is_set), kwargs=options, daemon=True)
            for _ in range(count)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            end.set()
            for thread in threads:
                thread.join(60)
        return
    command = [sys.executable, "-m", "tests.faults.runs.senders", json.dumps([url, smtp, options])]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            assert process.stdin is not None
            process.stdin.close()
        for process in running:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def busy(store: Store) -> int:
    """How many rows a sender would take now, or has in hand."""
    return scalar(store, BUSY.format(now=NOW[store.engine.dialect.name]))


@contextmanager
def look(store: Store) -> Iterator[Connection]:
    """To read beside the senders: on SQLite without waiting for the one who writes."""
    with store.engine.execution_options(reads=True).connect() as rows:
        yield rows


def scalar(store: Store, statement: str) -> int:
    with look(store) as rows:
        return int(rows.execute(text(statement)).scalar_one() or 0)


def until_idle(store: Store, seconds: float = 600) -> None:
    """Wait until nobody has anything to do at this moment."""
    deadline = time.monotonic() + seconds
    while busy(store):
        if time.monotonic() > deadline:
            raise AssertionError("the senders came to no end")
        time.sleep(0.05)


def let_machine_time_pass(store: Store) -> int:
    """As if the machine's clock had gone on past every wait; how many rows waited."""
    with store.engine.begin() as rows:
        return rows.execute(text("update delivery set retry_from = null where state = 'retry'")).rowcount


def main() -> None:
    url, smtp, options = json.loads(sys.argv[1])
    ended = threading.Event()

    def wait_for_end_of_input() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_end_of_input, daemon=True).start()
    send_until(url, smtp, ended.is_set, **options)


if __name__ == "__main__":
    main()
