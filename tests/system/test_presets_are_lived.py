"""A trial that somebody has just started with `new` can be rehearsed at once, from the first page to the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.system.commands import equipoise
from trial.protocol_files.presets import DESIGNS


@pytest.mark.parametrize("design", DESIGNS)
def test_a_new_trial_completes_a_demo(tmp_path: Path, design: str) -> None:
    assert equipoise("new", "mine", "--design", design, cwd=tmp_path).code == 0
    done = equipoise("demo", "mine", "--participants", "10", "--out", "lived", cwd=tmp_path)
    assert done.code == 0, done.err
    results = json.loads((tmp_path / "lived" / "results.json").read_text(encoding="utf-8"))
    assert results
    assert {one.name for one in (tmp_path / "lived").iterdir()} >= {"report.html", "report.pdf", "dataset.csv"}
    assert "Traceback" not in done.err
