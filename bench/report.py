"""The CONSORT report of 100,000 people at 8 timepoints, and of 500 at 5 with its PDF, each as a process of its own.

    python -m bench.report [--people 100000] [--growth 12500] [--capsule]

From a frozen folder to an ANCOVA, a mixed model for repeated measures, tables, figures and HTML; the small one in every
format. The reference is a process that reads the same frozen CSV files with pandas and does nothing else, in turn.
Memory is the most that the process ever had. The same with an eighth of the people says how the cost grows. `--capsule`
measures the restricted capsule of the large trial too.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.demo import Ended, run
from bench.frozen_people import freeze
from bench.saying import say

LARGE, SMALL = ("json", "html", "files"), ("json", "html", "pdf", "docx", "files")
# what is timed of a report: where a function is looked up when it is called, and the name of the stage
STAGES = {
    "reading": ("reports.frozen", "read_frozen"),
    "the plan": ("reports.results", "run_plan"),
    "sensitivity analyses": ("reports.results", "run_sensitivity"),
    "all that is counted": ("reports.results", "frozen_results"),
    "tables and figures": ("reports.sections", "document"),
    "HTML": ("reports.html", "render_html"),
    "PDF": ("reports.pdf", "render_pdf"),
    "Word": ("reports.docx", "render_docx"),
    "pictures": ("reports.pictures", "png_files"),
}
WITHIN = {"all that is counted": ("the plan", "sensitivity analyses")}
READ = """
import sys, pandas
for name in sys.argv[1:]:
    pandas.read_csv(name, dtype=str)
"""


def main() -> None:
    """The small report, the large one and one of an eighth of its people; or the child that makes one."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=100_000, help="people of the large trial")
    parser.add_argument("--growth", type=int, help="people of the one beside it; an eighth of them if not said")
    parser.add_argument("--capsule", action="store_true", help="the restricted capsule of the large trial as well")
    parser.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        made = _capsule if given.make[1] == "capsule" else _report
        print(json.dumps(made(Path(given.make[0]), given.make[1].split(","))))
        return
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        _measured(freeze(root / "small", 500, 5), 500, 5, SMALL)
        fewer = given.growth or max(given.people // 8, 100)
        less = _measured(freeze(root / "fewer", fewer, 8), fewer, 8, LARGE)
        whole = freeze(root / "large", given.people, 8)
        most = _measured(whole, given.people, 8, LARGE)
        times = given.people / fewer
        figures = {"people": given.people, "times": round(times, 1), "cpu_times": round(most.cpu / less.cpu, 1)}
        words = f"{times:.1f} times the people take {figures['cpu_times']} times the seconds of processor."
        say("report", figures, words)
        if given.capsule:
            _measured(whole, given.people, 8, ("capsule",))


def _measured(directory: Path, people: int, waves: int, formats: Sequence[str]) -> Ended:
    """One report, or a capsule, and what reading alone takes."""
    files = sorted(str(one) for one in directory.glob("*.csv"))
    megabytes = sum(Path(one).stat().st_size for one in files) / 1e6
    alone = run([sys.executable, "-c", READ, *files])
    ended = run([sys.executable, "-m", "bench.report", "--make", str(directory), ",".join(formats)])
    stages = json.loads(ended.printed)
    what = "restricted capsule" if formats == ("capsule",) else f"report as {', '.join(formats)}"
    figures = {
        "people": people,
        "timepoints": waves,
        "what": what,
        "csv_megabytes": round(megabytes),
        "wall_s": round(ended.wall, 1),
        "cpu_s": round(ended.cpu, 1),
        "peak_mb": round(ended.megabytes),
        "read_alone_cpu_s": round(alone.cpu, 1),
        "read_alone_mb": round(alone.megabytes),
        "ratio": round(ended.cpu / alone.cpu, 2),
        "stages_cpu_s": stages,
    }
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in stages.items() if seconds >= 0.05)
    say(
        "report",
        figures,
        f"{people:,} people at {waves} timepoints ({megabytes:,.0f} MB of CSV): the {what} takes {ended.wall:.1f} s "
        f"({ended.cpu:.1f} s of processor: {parts}) and {ended.megabytes:,.0f} MB at most; "
        f"pandas reads the files alone in {alone.cpu:.1f} s with {alone.megabytes:,.0f} MB: ratio "
        f"{figures['ratio']}.",
    )
    return ended


def _report(directory: Path, formats: Sequence[str]) -> dict[str, float]:
    """Seconds of processor of each stage of one report; `the rest` is everything else, with loading the modules."""
    from reports import build_report

    spent: Counter[str] = Counter()
    for stage, (module, name) in STAGES.items():
        place = importlib.import_module(module)
        setattr(place, name, _timed(getattr(place, name), stage, spent))
    build_report(directory, formats)
    for outer, inner in WITHIN.items():
        spent[outer] -= sum(spent[one] for one in inner)
    spent["the rest"] = time.process_time() - sum(spent.values())
    return {stage: round(seconds, 2) for stage, seconds in spent.items()}


def _timed(call: Callable[..., Any], stage: str, spent: Counter[str]) -> Callable[..., Any]:
    def timed(*args: Any, **more: Any) -> Any:
        began = time.process_time()
        try:
            return call(*args, **more)
        finally:
            spent[stage] += time.process_time() - began

    return timed


def _capsule(directory: Path, _: Sequence[str]) -> dict[str, float]:
    from reports.capsule.making import Wish, make_capsule, write_capsule

    began = time.process_time()
    made = make_capsule(directory, Wish("restricted", "2026-01-01"))
    between = time.process_time()
    write_capsule(made, directory.with_name("capsule"))
    return {"making": round(between - began, 2), "writing": round(time.process_time() - between, 2)}


if __name__ == "__main__":
    main()
