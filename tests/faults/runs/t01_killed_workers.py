"""T1: workers are killed -9 again and again, each with its whole process group, while mails are due."""

from __future__ import annotations

import signal
import time
from collections import deque
from typing import Any

from tests.faults.runs.frame import Fault, Result, Run, Watch
from tests.faults.runs.rig import Rig, laid

LONG = {"database": "postgresql", "mails": 10_000, "workers": 4, "every": 2.0, "seconds": 60.0, "dead": 5.0}
FEW = {"database": "postgresql", "mails": 240, "workers": 2, "every": 0.0, "after_mails": 60, "kills": 3, "dead": 0.5}


def do(given: Any, watch: Watch) -> Result:
    celery = given.database == "postgresql"
    with laid(watch, given.mails, database=given.database, broker=celery) as rig:
        rig.seconds_of_the_dead = given.dead
        rig.start(given.workers, None if celery else rig.serve)
        if given.every:
            plan = watch.plan("kill -9 of worker", every=given.every, seconds=given.seconds, among=given.workers)
            _by_the_clock(rig, plan)
        else:
            _by_the_mails(rig, given.after_mails, given.kills)
        rig.drained()
        rig.end()
        found, told = rig.tally(), rig.told()
    kills, held = len(watch.done), rig.taken_over
    bounds = {
        "lost 0": found.lost == 0,
        "copies at most 2": found.most <= 2,
        "doubled and unknown at most one per kill": found.doubled + found.unknown <= kills,
        "every mail accepted or unknown": found.states.keys() <= {"accepted", "unknown"},
        "no strange mail": found.strange == 0,
        "the status hides nothing": told == found.states,
        "kills hit what was in hand": held > 0,
    }
    what = "Celery workers, PostgreSQL, Redis" if celery else "`equipoise serve`, SQLite"
    when = f"every {given.every:g} s" if given.every else f"after every {given.after_mails} mails"
    load = f"{given.mails} mails due, {given.workers} × {what}, one killed {when} and replaced."
    words = f"{found.words} The dead held {held} rows."
    return Result(load, {"kill -9": kills}, bounds, words, **found.figures, more={"taken_over": held})


def _by_the_clock(rig: Rig, faults: list[Fault]) -> None:
    """One after the other, each replaced at once, as a supervisor does, for as long as mails are left."""
    waiting, looked = deque(faults), 0.0
    while waiting:
        rig.tick()
        if rig.now - looked > 1:
            looked = rig.now
            if not rig.open():
                return
        if rig.now >= waiting[0].at:
            _replace(rig, waiting.popleft().which)
        time.sleep(0.01)


def _by_the_mails(rig: Rig, mails: int, kills: int) -> None:
    """After every so many mails, in a moment in which the victim has mails in hand: few kills, and none for nothing."""
    for number in range(1, kills + 1):
        rig.until(lambda number=number: rig.arrived() >= number * mails, f"{number * mails} mails")  # type: ignore[misc]
        rig.until(lambda number=number: _kill_one_that_holds(rig, number), "a worker with mails in hand")  # type: ignore[misc]


def _kill_one_that_holds(rig: Rig, number: int) -> bool:
    for turn in range(len(rig.workers)):
        which = (number + turn) % len(rig.workers)
        rig.workers[which].send(signal.SIGSTOP)
        if rig.rows_of(rig.workers[which]):
            _replace(rig, which)
            return True
        rig.workers[which].send(signal.SIGCONT)
    return False


def _replace(rig: Rig, which: int) -> None:
    rig.workers[which].kill()
    rig.watch.note(rig.began, "kill -9 of worker", which)
    rig.workers[which] = rig.worker() if rig.broker is not None else rig.serve()


RUN = Run(
    "T1",
    "A worker that is killed loses no mail, and doubles at most the one that it was handing over.",
    {
        "short": FEW,
        "short-sqlite": FEW | {"database": "sqlite", "mails": 120, "workers": 1, "after_mails": 40, "kills": 2},
        "every-2s": LONG,
        "every-half-second": LONG | {"every": 0.5},
        "sqlite": LONG | {"database": "sqlite", "workers": 1},
    },
    do,
)
