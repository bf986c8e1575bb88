"""Rehearsals: contacts a second by pages and mail server, and through the services alone, the same people in both.

    python -m bench.rehearsing [--participants 60] [--large 1000]

A contact is a mail and what it leads to. Each rehearsal is lived in a process of its own, from an empty folder to the
frozen dataset; what a command writes of it afterwards is left out, and so is loading the program. The whole path is the
reference of `--fast`: the same trial, of which the same bytes are frozen. Then `--fast` with `--large` people.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.demo import run
from bench.saying import say

TRIALS, LARGE = ("soothing-touch", "larger-trial"), "soothing-touch"
SEED, EFFECT = 7, 0.3


@dataclass(frozen=True, slots=True)
class Lived:
    """One rehearsal: seconds on the wall and of all its processors, what it sent, the digest of what it froze."""

    seconds: float
    cpu: float
    mails: int
    dataset: str
    megabytes: float


def main() -> None:
    """Measure each once: thousands of contacts are their own repetition."""
    parser = argparse.ArgumentParser(prog="python -m bench.rehearsing", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--participants", type=int, default=60, help="people of the rehearsals that are compared")
    parser.add_argument("--large", type=int, default=1000, help="people of the rehearsal by --fast alone")
    parser.add_argument("--child", nargs=3, metavar=("TRIAL", "PEOPLE", "MODE"), help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.child:
        trial, people, mode = wish.child
        print(json.dumps(_live(trial, int(people), fast=mode == "fast")))
        return
    for trial in TRIALS:
        _compare(trial, wish.participants)
    _large(wish.large)


def _compare(trial: str, people: int) -> None:
    whole, fast = (_in_a_process(trial, people, mode) for mode in ("whole", "fast"))
    if whole.dataset != fast.dataset:
        raise SystemExit(f"{trial}: the two froze different datasets")
    rate, quick = round(whole.mails / whole.seconds), round(fast.mails / fast.seconds)
    ratio = round(whole.cpu / fast.cpu, 1)
    figures = {"trial": trial, "participants": people, "mails": whole.mails, "seconds": whole.seconds}
    figures |= {"cpu_s": whole.cpu, "contacts_per_s": rate, "fast_seconds": fast.seconds, "fast_cpu_s": fast.cpu}
    figures |= {"fast_contacts_per_s": quick, "ratio": ratio}
    say(
        "rehearsing",
        figures,
        f"{people} people of {trial} and their {whole.mails:,} mails by pages and mail server: {whole.seconds} s "
        f"({whole.cpu} s of processor), {rate} contacts a second; through the services alone {fast.seconds} s "
        f"({fast.cpu} s of processor), {quick} a second, with the same dataset: ratio of the processors' {ratio}.",
    )


def _large(people: int) -> None:
    lived = _in_a_process(LARGE, people, "fast")
    each = round(lived.mails / people, 1)
    figures = {"trial": LARGE, "participants": people, "mails": lived.mails, "seconds": lived.seconds}
    figures |= {"cpu_s": lived.cpu, "peak_mb": lived.megabytes}
    say(
        "rehearsing",
        figures,
        f"{people:,} people of {LARGE} through the services alone, {each} contacts each: {lived.seconds} s "
        f"({lived.cpu} s of processor), {lived.megabytes:.0f} MB at most.",
    )


def _in_a_process(trial: str, people: int, mode: str) -> Lived:
    ended = run([sys.executable, "-m", "bench.rehearsing", "--child", trial, str(people), mode])
    found = json.loads(ended.printed.splitlines()[-1])
    return Lived(**found, megabytes=round(ended.megabytes))


def _live(trial: str, people: int, *, fast: bool) -> dict[str, object]:
    from trial.cli.living import Wish, live

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "rehearsal"
        wish = Wish(trial, people, SEED, out, EFFECT, None, None, True, fast=fast)
        began, used = time.perf_counter(), _processor()
        with live(wish, quiet=True) as lived:
            seconds = round(time.perf_counter() - began, 1)
            with lived.store.engine.connect() as rows:
                mails = rows.exec_driver_sql("select count(*) from delivery where state = 'accepted'").scalar_one()
        dataset = hashlib.sha256(lived.files["dataset.csv"].encode()).hexdigest()
    return {"seconds": seconds, "cpu": round(_processor() - used, 1), "mails": mails, "dataset": dataset}


def _processor() -> float:
    """Seconds of processor so far, with those of the mail server once it has ended."""
    both = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


if __name__ == "__main__":
    main()
