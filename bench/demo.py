"""The whole demo as a process: participants per second, and the most memory any of its processes held.

    python -m bench.demo [--participants 30 120]

Start-up is measured apart: a process that loads what a demo loads, and does nothing with it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.saying import middle, say

DEMO = [str(Path(sys.executable).with_name("equipoise")), "demo", "--json"]
# what a demo has loaded when it ends: the command, the worker's tick, the report with its three formats
LOADED = (
    "trial.cli.demo, trial.cli.summary, workers.timetable, alembic.command, reports.sections, reports.html, reports.pdf"
)
STARTS = 3


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended: wall and processor seconds, peak memory of its largest process, what it printed."""

    wall: float
    cpu: float
    megabytes: float
    printed: str


def main() -> None:
    """Measure start-up, then one demo of each size."""
    parser = argparse.ArgumentParser(prog="python -m bench.demo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--participants", type=int, nargs="+", default=[30, 120], help="sizes, one demo each")
    sizes = parser.parse_args().participants
    start_up = middle([run([sys.executable, "-c", f"import {LOADED}"]).wall for _ in range(STARTS)])
    for size in sizes:
        _measure(size, start_up)


def _measure(size: int, start_up: float) -> None:
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "demo"
        ended = run([*DEMO, "--participants", str(size), "--out", str(out)])
        mails = sum(1 for _ in (out / "mailbox").glob("*.eml"))
        arms = json.loads(ended.printed)["results"]["flow"]["arms"]
    figures = {
        "participants": size,
        "randomized": sum(arm["allocated"] for arm in arms),
        "mails": mails,
        "wall_s": round(ended.wall, 1),
        "start_up_s": start_up,
        "cpu_s": round(ended.cpu, 1),
        "participants_per_s": round(size / (ended.wall - start_up), 2),
        "peak_mb": round(ended.megabytes),
    }
    say(
        "demo",
        figures,
        f"A demo of {size} people ({mails} mails) takes {ended.wall:.1f} s ({ended.cpu:.1f} s of processor), "
        f"{start_up} s of them to start: "
        f"{figures['participants_per_s']} people per second without the start, {ended.megabytes:.0f} MB at most.",
    )


def run(command: list[str]) -> Ended:
    """Run one process to its end; its figures include the children that it waited for."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env=_plain_environment())
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{err.read()}")
        # ru_maxrss is in kilobytes on Linux, in bytes on macOS
        unit = 1024**2 if sys.platform == "darwin" else 1024
        return Ended(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit, out.read())


def _plain_environment() -> dict[str, str]:
    """No settings of another installation."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EQUIPOISE_")}


if __name__ == "__main__":
    main()
