"""T4: PostgreSQL is stopped at once and started again, has no connection left, or locks the ledger, while mails are due
and people send in their answers."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import psycopg

from tests.faults.runs import answering
from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.rig import Rig, laid
from tests.servers.nursery import Child
from tests.servers.postgres import PostgresServer
from tests.servers.process import free_port

WHAT = {"restart": "PostgreSQL -m immediate", "pool": "no connection left", "lock": "ledger locked"}


def do(given: Any, watch: Watch) -> Result:
    # durable: what it acknowledged must outlive the restart
    with PostgresServer(durable=True) as server, laid(watch, given.mails, postgres=server) as rig:
        visits = answering.prepare(rig.store, rig.trial, given.answers, first=1_000_000)
        port = free_port()
        pages = rig.serve("--port", str(port), "--only", "public")
        _until_open(rig, port, pages)
        rig.start(given.workers)
        people = answering.People(f"http://127.0.0.1:{port}", visits, given.seconds / max(given.answers, 1))
        people.start(given.at_once)
        try:
            for number in _moments(rig, given):
                watch.note(rig.began, WHAT[given.fault], number)
                watch.say(f"{WHAT[given.fault]}: {rig.arrived()} mails, {len(people.acknowledged)} answers so far")
                FAULTS[given.fault](server, rig, given)
            rig.drained()
        finally:
            people.join(given.seconds + 60)
        said = pages.log.read_text(errors="replace")
        rig.end()
        pages.kill()
        found = rig.tally()
        sheets = answering.kept(rig.store, people.acknowledged)
    return _result(given, watch, found, people, sheets, said)


def _result(given: Any, watch: Watch, found: Any, people: answering.People, sheets: Any, said: str) -> Result:
    faults, told = len(watch.done), len(people.acknowledged)
    gone = [one for one in people.acknowledged if not sheets[one]]
    most = faults * given.workers if given.fault == "restart" else 0
    bounds = {
        "lost 0": found.lost == 0,
        "copies at most 2": found.most <= 2,
        f"doubled and unknown at most {most}, one per fault and worker": found.doubled + found.unknown <= most,
        "every mail accepted or unknown": found.states.keys() <= {"accepted", "unknown"},
        "every acknowledged answer is in the database": not gone,
        "none is there twice": all(number == 1 for number in sheets.values()),
        "everybody could send in their answers in the end": told == given.answers,
        "no page failed without a word": people.met["500"] == 0 and "Traceback" not in said,
    }
    done = {WHAT[given.fault]: faults}
    load = (
        f"{given.mails} mails due, {given.workers} Celery workers; {given.answers} people send in a questionnaire over "
        f"HTTP meanwhile; {faults} × {WHAT[given.fault]}."
    )
    met = ", ".join(f"{number} × {what}" for what, number in sorted(people.met.items()))
    again = f"people met {met} and tried again" if met else "nobody met an error"
    words = f"{found.words} {told} answers acknowledged, {len(gone)} of them lost; {again}."
    more = {"answers_acknowledged": told, "answers_lost": len(gone), "people_met": dict(people.met)}
    return Result(load, done, bounds, words, **found.figures, more=more)


def _restart(server: PostgresServer, rig: Rig, given: Any) -> None:
    stop_at_once(server)
    server.start()  # it recovers


def stop_at_once(server: PostgresServer) -> None:
    """`pg_ctl -m immediate`: no session is ended in order, nothing is written any more."""
    assert server.process is not None
    server.process.send_signal(signal.SIGQUIT)
    with suppress(subprocess.TimeoutExpired):
        server.process.wait(10)
    server.kill()
    (server.data / "postmaster.pid").unlink(missing_ok=True)


def _no_connection(server: PostgresServer, rig: Rig, given: Any) -> None:
    """Every connection of ours is cut, and others take all there are, for so long."""
    with ExitStack() as stack:
        own = stack.enter_context(psycopg.connect(server.conninfo, autocommit=True))
        stop = time.monotonic() + given.lasts
        while time.monotonic() < stop:
            own.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname like 'faults%'")
            with suppress(psycopg.OperationalError):
                while True:
                    stack.enter_context(psycopg.connect(server.conninfo))
            time.sleep(0.1)


def _lock(server: PostgresServer, rig: Rig, given: Any) -> None:
    """As a migration or a careless maintenance would."""
    with psycopg.connect(rig.database.replace("+psycopg", "")) as locker:
        locker.execute("lock table delivery in access exclusive mode")
        time.sleep(given.lasts)


FAULTS = {"restart": _restart, "pool": _no_connection, "lock": _lock}


def _moments(rig: Rig, given: Any) -> Iterator[int]:
    """By the clock; in the short form when so many mails more have arrived, so that none is for nothing."""
    if given.after_mails:
        for number in range(given.times):
            wanted = (number + 1) * given.after_mails
            rig.until(lambda wanted=wanted: rig.arrived() >= wanted, f"{wanted} mails")  # type: ignore[misc]
            yield number
        return
    plan = rig.watch.plan(WHAT[given.fault], every=given.every, first=given.first, seconds=given.seconds)
    for number, fault in enumerate(plan):
        rig.until(lambda fault=fault: rig.now >= fault.at, "the next fault")  # type: ignore[misc]
        yield number


def _until_open(rig: Rig, port: int, pages: Child) -> None:
    rig.until(lambda: pages.says("participants "), "the pages to be served")


LONG = {
    "fault": "restart", "mails": 6000, "answers": 200, "at_once": 2, "workers": 4, "seconds": 50.0, "first": 8.0,
    "every": 10.0, "lasts": 0.0, "after_mails": 0, "times": 0,
}  # fmt: skip
RUN = Run(
    "T4",
    "PostgreSQL may be stopped at any moment: no mail is lost, and no answer that a person was told we have.",
    {
        "short": LONG
        | {"mails": 150, "answers": 12, "at_once": 1, "workers": 2, "seconds": 4.0, "after_mails": 40, "times": 2},
        "restarts": LONG,
        "no-connections": LONG | {"fault": "pool", "mails": 3000, "seconds": 40.0, "every": 20.0, "lasts": 10.0},
        "locked-30s": LONG | {"fault": "lock", "mails": 3000, "seconds": 40.0, "every": 100.0, "lasts": 30.0},
    },
    do,
)
