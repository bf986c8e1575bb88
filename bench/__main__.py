"""Every benchmark, one after another, and their figures written into bench/README.md.

python -m bench                    all of them; about half an hour
python -m bench allocation         only these, printed and not written
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

BENCHES = (
    "allocation", "claiming", "cli_start", "delivery", "demo", "enrolling", "imputing", "killed", "powering", "proof",
    "rehearsing", "repeated", "report", "scoring", "simulating", "throughput",
)  # fmt: skip
PAGE = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures: written by python -m bench -->", "<!-- end of figures -->"


def main() -> None:
    """Run what was asked for; write the page when all of it ran."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"some of {', '.join(BENCHES)}; all of them if none is named")
    names = parser.parse_args().names or list(BENCHES)
    if unknown := sorted(set(names) - set(BENCHES)):
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    before, paces = os.getloadavg()[0], [_pace()]
    found = {}
    for name in names:
        found[name] = _run(name)
        paces.append(_pace())
    if set(names) == set(BENCHES):
        _write(_page(found, before, paces))
        print(f"The figures are in {PAGE}")


def _run(name: str) -> list[dict[str, Any]]:
    """The JSON lines of one benchmark, which also says its sentences as it goes."""
    found = []
    command = [sys.executable, "-m", f"bench.{name}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PAGE.parents[1]) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if line.startswith("{"):
                found.append(json.loads(line))
    if process.returncode:
        raise SystemExit(f"bench.{name} ended with {process.returncode}")
    return found


def _pace() -> float:
    """Seconds for ten million additions: a shared machine is not equally fast all the time."""
    began, total = time.perf_counter(), 0
    for number in range(10_000_000):
        total += number
    return time.perf_counter() - began


def _page(found: dict[str, list[dict[str, Any]]], load: float, paces: list[float]) -> str:
    lines = [
        f"{time.strftime('%Y-%m-%d')} · {_processor()}, {os.cpu_count()} cores, {_memory()} · {platform.system()}, "
        f"Python {platform.python_version()} · load average before the first benchmark: {load:.1f} · ten million "
        f"additions took {min(paces):.2f} to {max(paces):.2f} s before, between and after the benchmarks",
        "",
        "| command | what it found |",
        "|---|---|",
    ]
    lines += [f"| `python -m bench.{name}` | {one['sentence']} |" for name in BENCHES for one in found[name]]
    return "\n".join(lines)


def _write(figures: str) -> None:
    head, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE} has lost the marks between which the figures stand")
    PAGE.write_text(f"{head}{BEGIN}\n{figures}\n{END}{tail}", encoding="utf-8")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "memory not known"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1024**3:.0f} GB"


if __name__ == "__main__":
    main()
