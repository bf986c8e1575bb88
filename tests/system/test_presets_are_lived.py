"""A trial that somebody has just started with `new`, and each of the library, is rehearsed to its report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.system.commands import in_this_process
from trial.protocol_files import shipped
from trial.protocol_files.presets import DESIGNS

LIBRARY = sorted(path.parent.name for path in shipped("").glob("*/protocol.yaml"))
# the plainest and the one that differs most; the others are lived with the library
QUICK = ("two-arm", "factorial")
FILES = {"report.html", "report.pdf", "results.json", "dataset.csv", "codebook.csv"}


def lived(protocol: str, people: int, folder: Path) -> None:
    done = in_this_process("demo", protocol, "--participants", str(people), "--out", "lived", cwd=folder)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    assert {one.name for one in (folder / "lived").iterdir()} >= FILES
    results = json.loads((folder / "lived" / "results.json").read_text(encoding="utf-8"))
    assert 0 < results["flow"]["randomised"] < results["flow"]["assessed"] <= people


@pytest.mark.parametrize(
    "design", [pytest.param(one, marks=() if one in QUICK else pytest.mark.long) for one in DESIGNS]
)
def test_a_new_trial_completes_a_demo(tmp_path: Path, design: str) -> None:
    assert in_this_process("new", "mine", "--design", design, cwd=tmp_path).code == 0
    lived("mine", 10, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("protocol", LIBRARY)
def test_each_trial_of_the_library_completes_a_demo(tmp_path: Path, protocol: str) -> None:
    lived(protocol, 60, tmp_path)
