"""T6: several beats, and several processes that send by themselves, all for one database."""

from __future__ import annotations

import time
from typing import Any

from tests.faults.runs.counting import FOLDER, counted
from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.rig import laid

NOT_YET = 3600.0
COUNT = "tests.faults.runs.counting:install"


def do(given: Any, watch: Watch) -> Result:
    counts = watch.folder / f"counts-{time.monotonic_ns()}"
    counts.mkdir()
    watched = {FOLDER: str(counts)}
    with laid(watch, given.mails, TICK_SECONDS=str(given.tick)) as rig:
        rig.spread(given.seconds, after=NOT_YET)
        rig.start(given.workers, lambda: rig.worker(first=(COUNT,), **watched), beats=given.beats)
        serving = [rig.serve(broker=False, first=(COUNT,), **watched) for _ in range(given.embedded)]
        rig.workers += serving
        rig.until(lambda: all(one.says("participants ") for one in serving), "the pages to be served")
        rig.spread(given.seconds)
        rig.drained()
        rings = sum(one.log.read_text().count("Sending due task") for one in rig.beats)
        rig.end()
        found = rig.tally()
        owners = rig.owners()
    did = counted(counts)
    claims, empty = did["claim"], did["empty claim"]
    senders = given.workers + given.embedded
    bounds = {
        "lost 0": found.lost == 0,
        "doubled 0": found.doubled == 0,
        "every mail accepted": found.states.keys() == {"accepted"},
        "no strange mail": found.strange == 0,
        "more than one sent": owners > 1,
        "rings came too often": rings > given.seconds / given.tick,
    }
    load = (
        f"{given.mails} mails due one after the other in {given.seconds:g} s; {given.beats} beats ring every "
        f"{given.tick:g} s for {given.workers} Celery workers, beside {given.embedded} × `equipoise serve` that sends "
        "by itself."
    )
    words = f"{found.words} {rings} rings; {claims} claims by {owners} of {senders} found mails, {empty} found none."
    more = {"rings": rings, "claims": claims, "empty_claims": empty, "senders": owners}
    return Result(load, {"beat too many": given.beats - 1}, bounds, words, **found.figures, more=more)


LONG = {"mails": 3000, "seconds": 60.0, "workers": 2, "beats": 2, "embedded": 2, "tick": 1.0}
RUN = Run(
    "T6",
    "Beats and schedulers too many cost empty claims and nothing else.",
    {
        "short": LONG | {"mails": 100, "seconds": 3.0, "workers": 1, "embedded": 1, "tick": 0.3},
        "two-beats": LONG,
        "five-beats": LONG | {"beats": 5},
    },
    do,
)
