"""Delivery (claim, compose, SMTP, record) beside a bare loop that only builds the same message and sends it.

    python -m bench.delivery [--people N] [--rounds N] [--no-postgres]

Both send to the same sink in the same run, in turn, over one kept connection from one thread. The bare loop builds its
message with the classic `email.mime` classes and keeps no record: it is what a script without a ledger would do. A loop
that sends ready-made bytes shows how much the sink itself could take.
"""

from __future__ import annotations

import argparse
import email
import smtplib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

from bench.classic import build, parts_of
from bench.saying import middle, say
from bench.sink import started_sink
from bench.waves import EVENINGS, move, require_all_accepted, trial_of
from trial.mail.mailbox import started_mailbox
from trial.mail.mailbox_files import mail_path
from trial.mail.smtp import SmtpMailer
from trial.services.delivery import Sender, run_once
from trial.storage.engine import sqlite_url
from trial.storage.work import Store

SENDER = "study@equipoise.example"
Make = Callable[[int], AbstractContextManager[Store]]


def main() -> None:
    """Measure each database against each sink."""
    parser = argparse.ArgumentParser(prog="python -m bench.delivery", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=120, help="mails in each wave")
    parser.add_argument("--rounds", type=int, default=7, help=f"counted waves, at most {len(EVENINGS) - 1}")
    parser.add_argument("--no-postgres", action="store_true", help="leave PostgreSQL out")
    given = parser.parse_args()
    rounds = min(given.rounds, len(EVENINGS) - 1)
    with specimen_mail() as specimen, ExitStack() as stack:
        databases: dict[str, Make] = {"SQLite": _sqlite}
        if not given.no_postgres:
            databases |= _postgres(stack)
        for database, make in databases.items():
            for sink, start in {"bare sink": started_sink, "our mailbox": _mailbox}.items():
                with start() as address, make(given.people) as store:
                    _measure(database, sink, address, store, specimen, given.people, rounds)


def _measure(database: str, sink: str, address: str, store: Store, specimen: Message, people: int, rounds: int) -> None:
    found: list[tuple[float, float, float]] = []
    with closing(SmtpMailer(address)) as mailer, _connection(address) as connection:
        ways = (
            _ledger(store, Sender(mailer, SENDER, "bench")),
            _bare_loop(connection, specimen),
            _ready_bytes(connection, specimen),
        )
        for evening in EVENINGS[: rounds + 1]:
            move(store, evening)
            with_ledger, bare_loop, ready_bytes = (_rate(way, people) for way in ways)
            found.append((with_ledger, bare_loop, ready_bytes))
    require_all_accepted(store, people * (rounds + 1))
    ledger, bare, ready = zip(*found[1:], strict=True)  # the first wave warmed up
    ratio = middle([ours / reference for ours, reference in zip(ledger, bare, strict=True)])
    figures = {
        "database": database,
        "sink": sink,
        "mails": people * rounds,
        "delivery_per_s": middle(ledger, 0),
        "bare_loop_per_s": middle(bare, 0),
        "ready_bytes_per_s": middle(ready, 0),
        "ratio": ratio,
    }
    say(
        "delivery",
        figures,
        f"{database} to {sink}: {figures['delivery_per_s']:.0f} mails per second with the ledger, "
        f"{figures['bare_loop_per_s']:.0f} by the bare loop: ratio {ratio}. "
        f"The sink itself took {figures['ready_bytes_per_s']:.0f} per second.",
    )


def _rate(send: Callable[[int], int], people: int) -> float:
    """Mails per second; stops the benchmark where one was not sent."""
    began = time.perf_counter()
    sent = send(people)
    seconds = time.perf_counter() - began
    if sent != people:
        raise SystemExit(f"{sent} mails were handled where {people} were due")
    return people / seconds


def _ledger(store: Store, sender: Sender) -> Callable[[int], int]:
    """Everything that is due, by the trial's own delivery."""

    def send(_: int) -> int:
        handled = 0
        while taken := run_once(store.open_work, sender):
            handled += taken
        return handled

    return send


def _bare_loop(connection: smtplib.SMTP, specimen: Message) -> Callable[[int], int]:
    """The same headers, text and HTML for each person, built with email.mime and sent at once."""
    parts = parts_of(specimen)

    def send(people: int) -> int:
        for number in range(people):
            address, content = build(parts, number)
            connection.sendmail(SENDER, [address], content)
        return people

    return send


def _ready_bytes(connection: smtplib.SMTP, specimen: Message) -> Callable[[int], int]:
    content = specimen.as_bytes()

    def send(people: int) -> int:
        for _ in range(people):
            connection.sendmail(SENDER, ["p00000@mailbox.example"], content)
        return people

    return send


@contextmanager
def specimen_mail() -> Iterator[Message]:
    """One evening mail as the trial sends it."""
    with tempfile.TemporaryDirectory() as place, started_mailbox(Path(place)) as box, _sqlite(1) as store:
        with closing(SmtpMailer(box.url)) as mailer:
            move(store, EVENINGS[0])
            run_once(store.open_work, Sender(mailer, SENDER, "bench"))
        yield email.message_from_bytes(mail_path(box.directory, 1).read_bytes())


@contextmanager
def _connection(address: str) -> Iterator[smtplib.SMTP]:
    server = urlsplit(address)
    with smtplib.SMTP(server.hostname or "", server.port or 0, local_hostname="[127.0.0.1]") as connection:
        yield connection


@contextmanager
def _mailbox() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as place, started_mailbox(Path(place)) as box:
        yield box.url


@contextmanager
def _sqlite(people: int) -> Iterator[Store]:
    with (
        tempfile.TemporaryDirectory() as place,
        trial_of(people, Path(place), sqlite_url(Path(place) / "trial.sqlite")) as store,
    ):
        yield store


def _postgres(stack: ExitStack) -> dict[str, Make]:
    """A server of the tests, keeping its promises about the disk; none where there is none to start."""
    try:
        from tests.servers.postgres import PostgresServer

        server = stack.enter_context(PostgresServer(durable=True))
    except (ImportError, RuntimeError) as error:
        print(f"without PostgreSQL: {error}", file=sys.stderr)
        return {}

    @contextmanager
    def make(people: int) -> Iterator[Store]:
        with tempfile.TemporaryDirectory() as place:
            database = server.create_database(f"bench_{Path(place).name.lower()}")
            with trial_of(people, Path(place), database) as store:
                yield store

    return {"PostgreSQL": make}


if __name__ == "__main__":
    main()
