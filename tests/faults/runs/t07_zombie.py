"""T7: a worker is frozen with mails in hand, its lease passes, another takes them over, and then it wakes up."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.faults.runs.counting import FOLDER, counted
from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.rig import LONG_AGO, Rig, laid
from trial.storage.tables_delivery import IS_IN_HAND, delivery

COUNT = "tests.faults.runs.counting:install"
NO_FENCE = "tests.faults.runs.counting:without_the_fence"


def do(given: Any, watch: Watch) -> Result:
    counts = watch.folder / f"counts-{time.monotonic_ns()}"
    counts.mkdir()
    first = (COUNT,) if given.fence else (COUNT, NO_FENCE)
    with laid(watch, given.mails) as rig:
        watched = {FOLDER: str(counts)}
        rig.start(2, lambda: rig.worker(first=first, **watched))
        overwritten = sum(_one_night(rig, given, counts, number) for number in range(given.rounds))
        rig.drained()
        rig.end()
        found = rig.tally()
    rejected, cut_off = counted(counts)["rejected write"], counted(counts)["cut off"]
    bounds = {"lost 0": found.lost == 0}
    if given.fence:
        bounds |= {
            "no row that came to its end was written to again": overwritten == 0,
            # frozen in the middle of a transaction for two minutes, the database has ended it meanwhile
            "late writes were refused, or cut off with their transaction": rejected > 0
            or (bool(given.real_lease) and cut_off > 0),
            "copies at most 2": found.most <= 2,
            "doubled and unknown at most one per zombie": found.doubled + found.unknown <= given.rounds,
        }
    else:
        bounds["the control overwrites what another wrote, or doubles more"] = overwritten > 0 or (
            found.doubled > given.rounds
        )
    how = "for the 2 minutes of a lease" if given.real_lease else "until its lease was over (machine time let pass)"
    who = "" if given.fence else " Control: writes without the fence."
    load = f"{given.mails} mails due, 2 Celery workers; {given.rounds} times one is stopped {how}, then goes on.{who}"
    late = f"{rejected} late writes refused, {cut_off} transactions of a sleeper ended, {overwritten} rows overwritten."
    words = f"{found.words} {late}"
    more = {"rejected_writes": rejected, "cut_off": cut_off, "overwritten": overwritten}
    return Result(load, {"SIGSTOP, SIGCONT": given.rounds}, bounds, words, **found.figures, more=more)


def _one_night(rig: Rig, given: Any, counts: Path, number: int) -> int:
    """One worker sleeps with mails in hand; how many ended rows it overwrote when it woke."""
    while not (asleep := _put_to_sleep(rig, number, given.real_lease)):
        if not rig.open():
            raise RuntimeError("all mails have left: there is nothing to sleep on")
        rig.tick()
        time.sleep(0.01)
    which, held = asleep
    rig.until(lambda: len(_ended(rig, held)) == len(held), "another worker to take over", seconds=given.patience)
    before, writes = _ended(rig, held), _writes(counts)
    rig.workers[which].send(signal.SIGCONT)
    rig.watch.say(f"zombie {number + 1}: {len(held)} rows were taken over while it slept")
    # each of its rows is written to once more, unless the database has ended its connection meanwhile
    with suppress(TimeoutError):
        rig.until(lambda: _writes(counts) - writes >= len(held), "its late writes", seconds=given.awake)
    return sum(_ended(rig, held).get(one) != row for one, row in before.items())


def _writes(counts: Path) -> int:
    found = counted(counts)
    return found["rejected write"] + found["write"]


def _ended(rig: Rig, ids: list[int]) -> dict[int, tuple[Any, ...]]:
    """Those of the rows that have come to an end, and what stands in them."""
    shown = (delivery.c[name] for name in ("id", "state", "owner", "attempt", "ended_at", "reply"))
    query = sa.select(*shown).where(delivery.c.id.in_(ids), delivery.c.state.in_(["accepted", "unknown"]))
    with rig.reading() as rows:
        return {row.id: tuple(row) for row in rows.execute(query)}


def _put_to_sleep(rig: Rig, number: int, real_lease: bool) -> tuple[int, list[int]] | None:
    """(which worker, the rows that it holds). With a real lease it is stopped wherever it stands, in the middle of a
    transaction too; else between two of them, for machine time is let pass by a write to its rows."""
    for turn in range(len(rig.workers)):
        which = (number + turn) % len(rig.workers)
        rig.workers[which].send(signal.SIGSTOP)
        held = rig.rows_of(rig.workers[which])
        if len(held) > 1 and (real_lease or _lease_passes(rig, held)):
            rig.watch.note(rig.began, "SIGSTOP of worker", which)
            return which, held
        rig.workers[which].send(signal.SIGCONT)
    return None


def _lease_passes(rig: Rig, held: list[int]) -> bool:
    """False where one of the rows is locked."""
    free = sa.select(delivery.c.id).where(delivery.c.id.in_(held), IS_IN_HAND).with_for_update(skip_locked=True)
    with rig.store.engine.begin() as rows:
        ids = [row.id for row in rows.execute(free)]
        if len(ids) < len(held):
            return False
        rows.execute(sa.update(delivery).where(delivery.c.id.in_(ids)).values(lease_until=LONG_AGO))
    return True


LONG = {"mails": 6000, "rounds": 20, "real_lease": 0, "fence": 1, "patience": 60.0, "awake": 20.0}
FEW = LONG | {"mails": 200, "rounds": 1}
RUN = Run(
    "T7",
    "A worker that wakes up after its lease sends nothing that another took over, and overwrites nothing.",
    {
        "short": FEW,
        "short-control": FEW | {"mails": 100, "fence": 0},
        "machine-time": LONG,
        "real-lease": LONG | {"mails": 1000, "rounds": 1, "real_lease": 1, "patience": 300.0},
        "control": LONG | {"mails": 1000, "rounds": 3, "fence": 0},
    },
    do,
)
