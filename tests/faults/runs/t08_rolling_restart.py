"""T8: a deploy, again and again: each worker in turn is told to end (SIGTERM) at its work, and replaced."""

from __future__ import annotations

import signal
import time
from typing import Any

import sqlalchemy as sa

from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.rig import Rig, laid
from trial.storage.tables_delivery import delivery

LONGEST = 30.0


def do(given: Any, watch: Watch) -> Result:
    with laid(watch, given.mails) as rig:
        rig.start(given.workers)
        exits, interrupted = [], 0
        for deploy in range(given.deploys):
            left = list(range(given.workers))
            # whoever is at work: one that has nothing to do would show nothing
            while left and rig.open():
                which = _at_work(rig, left)
                interrupted += which is not None
                left.remove(which := left[0] if which is None else which)
                exits.append(_end(rig, which))
            watch.say(f"deploy {deploy + 1}: {rig.arrived()} mails arrived, longest exit {max(exits):.1f} s")
        rig.drained()
        rig.end()
        with rig.reading() as rows:
            query = sa.select(sa.func.count()).select_from(delivery).where(delivery.c.attempt > 1)
            given_back = int(rows.execute(query).scalar_one())
        found = rig.tally()
    bounds = {
        "lost 0": found.lost == 0,
        "doubled 0": found.doubled == 0,
        "unknown 0": found.unknown == 0,
        f"every exit within {LONGEST:.0f} s": max(exits) < LONGEST,
        "workers were told to end in the middle of their work": interrupted > 0,
    }
    load = (
        f"{given.mails} mails due, {given.workers} Celery workers; one after the other is told to end at its work and "
        f"replaced, up to {given.deploys} times each while mails are left."
    )
    words = f"{found.words} Longest exit {max(exits):.1f} s; {given_back} rows given back and sent by another."
    more = {"longest_exit_s": round(max(exits), 2), "given_back": given_back, "interrupted": interrupted}
    return Result(load, {"SIGTERM": len(exits)}, bounds, words, **found.figures, more=more)


def _at_work(rig: Rig, among: list[int]) -> int | None:
    """The first of these that has mails in hand, waited for; None where every mail came to an end before."""
    found: list[int] = []

    def seen() -> bool:
        found[:] = [one for one in among if rig.rows_of(rig.workers[one])]
        return bool(found) or not rig.open()

    rig.until(seen, "a worker at work")
    return found[0] if found else None


def _end(rig: Rig, which: int) -> float:
    """Seconds until it was gone; the next one starts at the same moment."""
    old = rig.workers[which]
    old.send(signal.SIGTERM, group=False)
    began = time.monotonic()
    rig.watch.note(rig.began, "SIGTERM to worker", which)
    rig.workers[which] = rig.worker()
    while old.lives and time.monotonic() - began < 4 * LONGEST:
        rig.tick()
        time.sleep(0.005)
    took = time.monotonic() - began
    old.kill()
    return took


LONG = {"mails": 10_000, "workers": 4, "deploys": 20}
RUN = Run(
    "T8",
    "A deploy loses no mail and doubles none, and no worker makes it wait.",
    {"short": {"mails": 200, "workers": 2, "deploys": 1}, "deploys": LONG},
    do,
)
