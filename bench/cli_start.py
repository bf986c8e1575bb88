"""`equipoise --help` beside `python -c "import typer"`, in turn, as whole processes.

    python -m bench.cli_start [--runs N]

It also looks that pydantic, SQLAlchemy and NumPy are not loaded by then, and fails where one is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from bench.saying import middle, say

HEAVY = ("pydantic", "sqlalchemy", "numpy")
HELP = [str(Path(sys.executable).with_name("equipoise")), "--help"]
TYPER = [sys.executable, "-c", "import typer"]
# the same entry point as the command's, with a look at what it loaded
LOOK = f"""
import sys
sys.argv = ["equipoise", "--help"]
from trial.cli.main import run
try:
    run()
except SystemExit:
    pass
print(",".join(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
"""


def main() -> None:
    """Measure in pairs, after one of each that does not count."""
    parser = argparse.ArgumentParser(prog="python -m bench.cli_start", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=21, help="counted pairs")
    runs = parser.parse_args().runs
    loaded = _loaded()
    _seconds(HELP), _seconds(TYPER)
    pairs = [(_seconds(HELP), _seconds(TYPER)) for _ in range(runs)]
    ours, typer = (middle([1000 * pair[one] for pair in pairs], 0) for one in (0, 1))
    ratio = middle([ours / reference for ours, reference in pairs])
    figures = {"runs": runs, "help_ms": ours, "import_typer_ms": typer, "ratio": ratio, "heavy_modules": loaded}
    say(
        "cli_start",
        figures,
        f"`equipoise --help` takes {ours:.0f} ms, {ratio} times as long as `import typer` ({typer:.0f} ms); "
        f"{', '.join(loaded) if loaded else 'none of ' + ', '.join(HEAVY)} loaded.",
    )
    if loaded:
        sys.exit(1)


def _seconds(command: list[str]) -> float:
    # the console, not a pipe, decides how wide help is drawn: fixed here, so that every run does the same work
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"COLUMNS": "100"})
    return time.perf_counter() - began


def _loaded() -> list[str]:
    """Which of the heavy packages `--help` has loaded."""
    done = subprocess.run([sys.executable, "-c", LOOK], check=True, capture_output=True, text=True)
    return [name for name in done.stderr.strip().split(",") if name]


if __name__ == "__main__":
    main()
