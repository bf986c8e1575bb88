"""The short scripts: what R printed when they ran is what the results say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports.capsule.scripting import filled, scripts
from reports.data_file import TrialData, read_data
from reports.results import outside_results
from tests.cli import test_repeated_measures as of_visits
from tests.cli.test_analyse_proportions import fdd, respiratory
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


def python(script: bytes, tmp_path: Path, where: Path = REFERENCE) -> dict[str, float]:
    (tmp_path / "script.py").write_bytes(script)
    words = [sys.executable, "-I", str(tmp_path / "script.py")]
    return printed(subprocess.run(words, cwd=where, capture_output=True, text=True, check=True).stdout)


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
    for method in ("clda", "mmrm", "g_computation"):  # of a model of visits only its result says which it took in
        other = protocol.model_copy(update={"analysis": protocol.analysis.model_copy(update={"method": method})})
        assert scripts(other, small[1], "small_trial.csv") == {}


def by_r(script: bytes, folder: Path) -> dict[str, float]:
    (folder / "script.R").write_bytes(script)
    words = ["Rscript", "--vanilla", "script.R"]
    return printed(subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout)


def made_of(protocol: Path, data: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The primary estimate, and its scripts."""
    folder = read_folder(protocol)
    read = read_data(folder, data.read_bytes(), data.name)
    found = outside_results(folder, read)["estimates"][0]
    return found, scripts(folder.protocol, read, data.name, found)


def needs_r(*packages: str) -> None:
    """Skip where there is no R with these packages."""
    if shutil.which("Rscript") is None:
        pytest.skip("there is no R here")
    asked = "; ".join(f"library({one})" for one in packages)
    if packages and subprocess.run(["Rscript", "--vanilla", "-e", asked], capture_output=True, check=False).returncode:
        pytest.skip(f"R lacks one of {', '.join(packages)}")


@pytest.mark.parametrize("trial", [respiratory, fdd], ids=["a yes or no", "who improves"])
@pytest.mark.parametrize("measure", ["risk_difference", "risk_ratio", "odds_ratio"])
@pytest.mark.parametrize("language", ["R", "py"])
def test_proportions_are_made_again(tmp_path: Path, trial: Any, measure: str, language: str) -> None:
    if language == "R":
        needs_r()
    protocol, data = trial(tmp_path, measure)
    found, made = made_of(protocol, data)
    script = made[f"primary_analysis.{language}"]
    again = by_r(script, data.parent) if language == "R" else python(script, data.parent, data.parent)
    own = {key: found[key] for key in ("estimate", "se", "df", "p")}
    own |= {"ci_low": found["ci"][0], "ci_high": found["ci"][1]} | {f"n_{arm}": n for arm, n in found["n"].items()}
    assert again == pytest.approx(own, rel=1e-8)


# optimisers stop where the likelihood is flat
@pytest.mark.parametrize(("language", "close"), [("R", 1e-5), ("py", 1e-6)])
def test_a_model_of_visits_is_fitted_again(tmp_path: Path, language: str, close: float) -> None:
    if language == "R":
        needs_r("nlme")
    of_visits.files(tmp_path, of_visits.planned("mmrm"))
    found, made = made_of(tmp_path / "protocol", tmp_path / "data.csv")
    script = made[f"primary_analysis.{language}"]
    again = by_r(script, tmp_path) if language == "R" else python(script, tmp_path, tmp_path)
    own = {"estimate": found["estimate"], "se": found["se"]} | {f"n_{arm}": n for arm, n in found["n"].items()}
    assert again == pytest.approx(own, rel=close)


@pytest.mark.parametrize(
    "changed",
    [{"structure": "toeplitz"}, {"degrees_of_freedom": "kenward_roger"}, {"timepoints": ["y4"]}],
    ids=lambda one: next(iter(one)),
)
def test_a_model_of_visits_that_the_script_would_fit_otherwise_gets_none(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    of_visits.files(tmp_path, of_visits.planned("mmrm"))
    folder = read_folder(tmp_path / "protocol")
    read = read_data(folder, (tmp_path / "data.csv").read_bytes(), "data.csv")
    its = {"structure": "unstructured", "degrees_of_freedom": "satterthwaite", "timepoints": ["y1", "y4"]}
    found = {"outcome": "low_mood", "repeated": its}
    assert scripts(folder.protocol, read, "data.csv", found)
    assert scripts(folder.protocol, read, "data.csv", found | {"repeated": its | changed}) == {}
