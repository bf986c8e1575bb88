"""Damages protocols for as long as it is told to and looks for a crash, a hang or a blow-up in reader and linter.

    python -m tests.fuzz_loader --minutes 10

Every execution is a number: `--seed` and that number make the same damage again. What leads to an answer of a new kind
is kept as a seed for further damage; seeds and finds are written to a folder and are there for the next run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import resource
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.random import Generator

from trial.core.errors import Problem
from trial.protocol_files import ProtocolFolder, read_folder, remarks, shipped
from trial.protocol_files.folder import examine_files

Files = dict[str, str]
KEPT = Path(__file__).parents[1] / ".hypothesis" / "fuzz_loader"
SECONDS, MEGABYTES = 1.0, 256
MARKS = (
    ": ", "- ", "\n", "  ", "\t", "[", "]", "{", "}", "&a ", "*a", "!!x ", "'", '"', "#", "|\n", ">-\n", "? ",
    "---\n", "<<: ", "%YAML 1.1\n", "\x00", "\ufeff", "\u2028", "\u200b", "é", "\U0001f600", "{{ ", " }}",
    "{{ link }}", "null", "true", "-1", "0", "99999999999999999999", "1e999", ".nan", "2026-02-30", "3650 days",
    "25:00", "en", "letter", "cesd", "cesd_9",
)  # fmt: skip


def cut(text: str, rng: Generator) -> str:
    start, end = _span(text, rng)
    return text[:start] + text[end:]


def double(text: str, rng: Generator) -> str:
    start, end = _span(text, rng)
    return text[:end] + text[start:end] * int(rng.integers(1, 4)) + text[end:]


def mark(text: str, rng: Generator) -> str:
    at = int(rng.integers(0, len(text) + 1))
    return text[:at] + MARKS[rng.integers(len(MARKS))] + text[at:]


def move_line(text: str, rng: Generator) -> str:
    lines = text.splitlines(keepends=True) or [""]
    line = lines.pop(int(rng.integers(len(lines))))
    lines.insert(int(rng.integers(len(lines) + 1)), line)
    return "".join(lines)


def indent(text: str, rng: Generator) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = int(rng.integers(len(lines)))
    lines[at] = lines[at][1:] if rng.random() < 0.4 else " " * int(rng.integers(1, 5)) + lines[at]
    return "".join(lines)


def another_value(text: str, rng: Generator) -> str:
    """A value of the file, or one of the marks, in the place of another value."""
    values = list(re.finditer(r"(?<=: )[^\n{}\[\],]+", text))
    if not values:
        return mark(text, rng)
    old = values[rng.integers(len(values))]
    new = values[rng.integers(len(values))][0] if rng.random() < 0.6 else MARKS[rng.integers(len(MARKS))]
    return text[: old.start()] + new + text[old.end() :]


def nest(text: str, rng: Generator) -> str:
    at, deep = int(rng.integers(0, len(text) + 1)), int(rng.integers(2, 400))
    opening = ("[", "{a: ", "- ", "(", "not ")[rng.integers(5)]
    return text[:at] + opening * deep + text[at:]


def swell(text: str, rng: Generator) -> str:
    start, end = _span(text, rng)
    return text[:end] + text[start:end] * int(rng.integers(10, 2000)) + text[end:]


DAMAGE: tuple[Callable[[str, Generator], str], ...] = (
    cut, double, mark, mark, move_line, indent, another_value, another_value, another_value, nest, swell,
)  # fmt: skip


def _span(text: str, rng: Generator) -> tuple[int, int]:
    start = int(rng.integers(0, len(text) + 1))
    return start, min(len(text), start + int(rng.integers(0, 120)))


def damaged(files: Files, rng: Generator) -> Files:
    """The files with one to four slips, most of them in the protocol itself."""
    names = sorted(files)
    for _ in range(int(rng.integers(1, 5))):
        name = "protocol.yaml" if rng.random() < 0.7 else names[rng.integers(len(names))]
        files = {**files, name: DAMAGE[rng.integers(len(DAMAGE))](files[name], rng)}
    return files


def judge(files: Files) -> str:
    """The kind of answer that reader and linter give; raise AssertionError where it is none."""
    folder, problems = examine_files(files)
    assert folder is not None or problems, "refused without a word"
    for one in problems:
        _told(one, files)
    found = []
    if isinstance(folder, ProtocolFolder):
        found = remarks(folder, sure=not problems)
        assert all(one.line >= 1 and one.what and one.mend for one in found)
    kinds = {re.sub(r"`[^`]*`|'[^']*'|\d+|\S+\.(?:md|yaml)", "…", one.what)[:60] for one in problems}
    return "|".join(sorted(kinds | {one.code for one in found}))


def _told(one: Problem, files: Files) -> None:
    assert one.what and one.mend and one.file in files, f"a problem without a place: {one}"
    assert one.line is None or 1 <= one.line <= files[one.file].count("\n") + 2, f"a line that is not there: {one}"


def starts(kept: Path) -> list[Files]:
    """The shipped protocols, the small ones of the tests, and what earlier runs have kept."""
    small = [Path(__file__).parent / "core" / name for name in ("evening_trial", "linting/quiet_trial")]
    places = [path.parent for path in sorted(shipped("").glob("*/protocol.yaml"))] + small * 4
    found = [dict(read_folder(place).files) for place in places]
    return found + [json.loads(path.read_text(encoding="utf-8")) for path in sorted(kept.glob("seed-*.json"))]


def keep(kept: Path, kind: str, files: Files) -> Path:
    text = json.dumps(files)
    path = kept / f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    path.write_text(text, encoding="utf-8")
    return path


def run(minutes: float, seed: int, kept: Path) -> int:
    """Damage until the time is over; the number of finds."""
    kept.mkdir(parents=True, exist_ok=True)
    seeds, kinds, finds, number, slowest = starts(kept), set[str](), 0, 0, 0.0
    until = time.monotonic() + 60 * minutes
    while time.monotonic() < until:
        rng = np.random.default_rng([seed, number])
        files = damaged(seeds[rng.integers(len(seeds))], rng)
        number += 1
        began = time.process_time()
        try:
            kind, why = judge(files), ""
        except Exception:
            kind, why = "", traceback.format_exc(limit=-4)
        spent = time.process_time() - began
        slowest = max(slowest, spent)
        if spent > SECONDS:
            why += f"took {spent:.2f} s of processor time"
        if why:
            finds += 1
            print(f"find {finds} at execution {number}: {keep(kept, 'find', files)}\n{why}", flush=True)
        elif kind not in kinds and len(seeds) < 2000 and sum(map(len, files.values())) < 100_000:
            kinds.add(kind)
            seeds.append(files)
            keep(kept, "seed", files)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    finds += memory > MEGABYTES
    print(
        f"{number} executions in {minutes:g} minutes, {len(kinds)} kinds of answer, slowest {slowest:.2f} s of "
        f"processor time, {memory:.0f} MB at most, {finds} finds."
    )
    return finds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=Path, default=KEPT, help="folder of seeds and finds")
    given = parser.parse_args()
    return 1 if run(given.minutes, given.seed, given.seeds) else 0


if __name__ == "__main__":
    sys.exit(main())
