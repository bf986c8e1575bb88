"""The short scripts: what R printed when they ran is what the results say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports.capsule.scripting import filled, scripts
from reports.data_file import TrialData, read_data
from reports.results import outside_results
from tests.cli import test_repeated_measures as of_visits
from tests.reports.builder import SMALL_TRIAL
from tests.reports.capsule.by_r import CASES, KEPT, REFERENCE, made_of, run
from trial.protocol_files import ProtocolFolder, read_folder
from trial.stats.mean_change import mean_change

CHANGE = {"score": "mood", "baseline": "baseline", "timepoint": "week_2", "arm": "all", "level": "0.95"}
Read = tuple[ProtocolFolder, TrialData]
Case = tuple[str, Path, dict[str, Any], dict[str, bytes]]


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
    for method in ("clda", "mmrm", "g_computation", "proportional_odds", "anhecova"):
        # of a model of visits only its result says which it took in; the outcome is neither a share nor levels
        other = protocol.model_copy(update={"analysis": protocol.analysis.model_copy(update={"method": method})})
        assert scripts(other, small[1], "small_trial.csv") == {}


def told(found: dict[str, Any]) -> dict[str, float]:
    """What a script should print of an estimate; levels in order have no degrees of freedom."""
    own = {key: found[key] for key in ("estimate", "se", "df", "p") if found[key] is not None}
    return (
        own | {"ci_low": found["ci"][0], "ci_high": found["ci"][1]} | {f"n_{arm}": n for arm, n in found["n"].items()}
    )


def close(case: str) -> float:
    """How near results and scripts come: optimisers stop where the likelihood is flat."""
    return 1e-8 if case.startswith(("status", "responders")) else 1e-5


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    protocol, data = CASES[request.param](tmp_path_factory.mktemp(request.param))
    return request.param, data.parent, *made_of(protocol, data)


def test_what_r_printed_of_the_script_is_what_the_results_say(case: Case) -> None:
    name, _, found, made = case
    assert made["primary_analysis.R"] == (KEPT / f"{name}.R").read_bytes()
    kept = printed((KEPT / f"{name}.txt").read_text())
    assert kept == pytest.approx(told(found), rel=close(name))


@cache
def loads(packages: str) -> bool:
    """Whether R runs this, asked once: loading them takes as long as some of the scripts."""
    return not subprocess.run(["Rscript", "--vanilla", "-e", packages], capture_output=True, check=False).returncode


def test_r_prints_it_again_where_it_is(case: Case) -> None:
    name, folder, found, made = case
    if shutil.which("Rscript") is None:
        pytest.skip("there is no R here; what it printed is kept in tests/reference and held against the results")
    needed = sorted(set(re.findall(rb"library\((\w+)\)", made["primary_analysis.R"])))
    asked = "; ".join(["TRUE", *(f"library({one.decode()})" for one in needed)])
    if not loads(asked):
        pytest.skip(f"R lacks one of {asked}; what it printed is kept in tests/reference")
    assert printed(run(made["primary_analysis.R"], folder)) == pytest.approx(told(found), rel=close(name))


def test_python_prints_it_again(case: Case) -> None:
    name, folder, found, made = case
    assert python(made["primary_analysis.py"], folder, folder) == pytest.approx(told(found), rel=close(name))


@pytest.mark.parametrize(
    "changed", [{"structure": "toeplitz"}, {"timepoints": ["y4"]}], ids=lambda one: next(iter(one))
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
