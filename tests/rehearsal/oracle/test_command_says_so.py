"""A rehearsal that differs from its recount ends loudly: exit code 1, the first differences, everything on the disk."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.rehearsal.morning_walks import written
from trial.cli.errors import exit_code
from trial.cli.living import Wish, live
from trial.cli.recounting import FILE, RecountDiffers, held_to_report, recounted
from trial.services.freeze import write_freeze


def test_a_difference_ends_the_command_and_leaves_everything_in_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wish = Wish(written(tmp_path), 12, 2, tmp_path / "lived", 0.3, None, None, True, fast=True)
    with live(wish, quiet=True) as lived:
        write_freeze(lived.files, wish.out)
        right = recounted(lived, wish, quiet=False)
        assert capsys.readouterr().out == f"{right.sentence}.\n"
        lines = lived.files["disposition.csv"].splitlines(keepends=True)
        fewer = "".join(one for one in lines if one != lines[1])
        with pytest.raises(RecountDiffers) as told:
            recounted(replace(lived, files={**lived.files, "disposition.csv": fewer}), wish, quiet=False)
    assert exit_code(told.value) == 1
    first, *others = str(told.value).splitlines()
    kept = json.loads((wish.out / FILE).read_text())
    assert first.startswith("Recounted by separate code: ")
    assert first.endswith(f"{len(kept['differences'])} differences.")
    assert kept["differences"][0]["sentence"] == others[0]
    assert others[-1] == f"All that was compared: {wish.out / FILE}"
    assert (wish.out / "dataset.csv").is_file()
    flow = {"screenings": 0, "assessed": 0, "excluded": 0, "randomised": 0, "excluded_by_stage": [], "arms": []}
    with pytest.raises(RecountDiffers, match=r"Assessed: 12 by the recount, and the report says 0\."):
        held_to_report(right, {"flow": flow}, wish)
