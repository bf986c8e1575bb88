"""The short scripts: what R printed when they ran is what the results say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from reports.capsule.scripting import filled, scripts
from reports.data_file import TrialData, read_data
from reports.results import outside_results
from tests.reports.builder import SMALL_TRIAL
from trial.protocol_files import ProtocolFolder, read_folder
from trial.stats.mean_change import mean_change

REFERENCE = Path(__file__).parents[2] / "reference"
CHANGE = {"score": "mood", "baseline": "baseline", "timepoint": "week_2", "arm": "all", "level": "0.95"}
Read = tuple[ProtocolFolder, TrialData]


@pytest.fixture(scope="module")
def small() -> Read:
    folder = read_folder(SMALL_TRIAL)
    return folder, read_data(folder, (REFERENCE / "small_trial.csv").read_bytes(), "small_trial.csv")


def printed(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in (line.split() for line in text.splitlines())}


def python(script: bytes, tmp_path: Path) -> dict[str, float]:
    (tmp_path / "script.py").write_bytes(script)
    words = [sys.executable, "-I", str(tmp_path / "script.py")]
    return printed(subprocess.run(words, cwd=REFERENCE, capture_output=True, text=True, check=True).stdout)


def test_the_script_that_r_ran_is_the_one_that_a_capsule_gets(small: Read) -> None:
    made = scripts(small[0].protocol, small[1], "small_trial.csv")
    assert made["primary_analysis.R"] == (REFERENCE / "capsule.R").read_bytes()
    given = CHANGE | {"data": "small_trial.csv"}
    assert filled("mean_change.R", given) == (REFERENCE / "capsule_change.R").read_bytes()


def test_r_and_python_print_what_the_results_say(small: Read, tmp_path: Path) -> None:
    found = outside_results(*small)["estimates"][0]
    own = {"estimate": found["estimate"], "se": found["se"], "df": found["df"], "p": found["p"]}
    own |= {"ci_low": found["ci"][0], "ci_high": found["ci"][1]} | {f"n_{arm}": n for arm, n in found["n"].items()}
    assert printed((REFERENCE / "capsule.txt").read_text()) == pytest.approx(own, rel=1e-8)
    script = scripts(small[0].protocol, small[1], "small_trial.csv")["primary_analysis.py"]
    assert python(script, tmp_path) == pytest.approx(own, rel=1e-8)


def test_r_and_python_print_the_mean_change(small: Read, tmp_path: Path) -> None:
    table = small[1].table
    found = mean_change(table.outcome("mood", "baseline"), table.outcome("mood", "week_2"))
    own = {"estimate": found.estimate, "se": found.se, "df": found.df, "p": found.p}
    own |= {"ci_low": found.ci[0], "ci_high": found.ci[1], "n_all": found.n}
    assert printed((REFERENCE / "capsule_change.txt").read_text()) == pytest.approx(own, rel=1e-8)
    assert python(filled("mean_change.py", CHANGE | {"data": "small_trial.csv"}), tmp_path) == pytest.approx(
        own, rel=1e-8
    )
    assert np.isfinite(found.estimate)


def test_a_primary_analysis_of_another_kind_gets_no_script(small: Read) -> None:
    protocol = small[0].protocol
    other = protocol.model_copy(update={"analysis": protocol.analysis.model_copy(update={"method": "mmrm"})})
    assert scripts(other, small[1], "small_trial.csv") == {}
