"""Trials whose primary analysis R makes again by the script of their capsule, and what it printed.

`.venv/bin/python -m tests.reports.capsule.by_r` runs every script by the R that is here and keeps script and output
beside one another in `tests/reference/capsules`: `mmrm.R` and `mmrm.txt`. It needs the packages that each script names.
The data are made by the tests that the trials are taken from.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from reports.capsule.scripting import scripts
from reports.data_file import read_data
from reports.results import outside_results
from tests.cli import test_analyse_levels as of_levels
from tests.cli import test_repeated_measures as of_visits
from tests.cli.test_analyse_proportions import MEASURES, fdd, respiratory
from trial.protocol_files import read_folder

REFERENCE = Path(__file__).parents[2] / "reference"
KEPT = REFERENCE / "capsules"
Made = tuple[Path, Path]  # a protocol's folder and the file of data


def _visits(method: str, degrees: str, folder: Path) -> Made:
    of_visits.files(folder, of_visits.planned(method, repeated={"degrees_of_freedom": degrees}))
    return folder / "protocol", folder / "data.csv"


def _levels(folder: Path) -> Made:
    return of_levels.trial(folder), of_levels.people(folder)


def _shares(trial: Callable[[Path, str], Made], measure: str, folder: Path) -> Made:
    return trial(folder, measure)


CASES: dict[str, Callable[[Path], Made]] = {
    "mmrm": partial(_visits, "mmrm", "satterthwaite"),
    "mmrm_kenward_roger": partial(_visits, "mmrm", "kenward_roger"),
    "clda": partial(_visits, "clda", "satterthwaite"),
    "clda_kenward_roger": partial(_visits, "clda", "kenward_roger"),
    "levels": _levels,
    **{f"status_{measure}": partial(_shares, respiratory, measure) for measure in MEASURES},
    **{f"responders_{measure}": partial(_shares, fdd, measure) for measure in MEASURES},
}


def made_of(protocol: Path, data: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The primary estimate, and its scripts."""
    folder = read_folder(protocol)
    read = read_data(folder, data.read_bytes(), data.name)
    found = outside_results(folder, read)["estimates"][0]
    return found, scripts(folder.protocol, read, data.name, found)


def run(script: bytes, folder: Path) -> str:
    """What R prints of a script in the folder of its data."""
    (folder / "script.R").write_bytes(script)
    words = ["Rscript", "--vanilla", "script.R"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Make every pair of files again."""
    for name, trial in CASES.items():
        with tempfile.TemporaryDirectory() as place:
            protocol, data = trial(Path(place))
            script = made_of(protocol, data)[1]["primary_analysis.R"]
            (KEPT / f"{name}.txt").write_text(run(script, data.parent), encoding="utf-8")
            (KEPT / f"{name}.R").write_bytes(script)
            print(f"{name}.txt")


if __name__ == "__main__":
    main()
