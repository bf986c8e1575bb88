"""A second randomisation is lived by pretend people, verified by command and script, and told in the report."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.core.published import script
from tests.system.commands import in_this_process
from tests.system.evidence import read_sqlite
from trial.protocol_files import shipped


def test_who_still_feels_low_is_allocated_once_more(tmp_path: Path) -> None:
    preset = str(shipped("examples") / "second-stage")
    done = in_this_process("demo", preset, "--participants", "20", "--seed", "5", "--out", "lived", cwd=tmp_path)
    assert done.code == 0, done.err
    lived = tmp_path / "lived"
    rows = read_sqlite(lived / "equipoise.sqlite")
    second = [one for one in rows["allocation"] if one["stage"] == "second"]
    assert {one["arm"] for one in second} == {"pause", "three_lines"}
    with (lived / "stages.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert sum(one["state"] == "allocated" for one in told) == len(second) > 1
    assert len(told) == len(rows["stage_entry"]) and "waiting" not in {one["state"] for one in told}
    further = {one["participant_id"] for one in rows["occasion"] if one["timepoint"] == "further"}
    assert further == {one["participant_id"] for one in second}
    counted = json.loads((lived / "results.json").read_text(encoding="utf-8"))["stages"][0]["arms"]
    assert sum(one["allocated"] for one in counted) == len(second)
    assert "Further stage: Further exercises for those who still feel low, by arm" in (lived / "report.html").read_text(
        encoding="utf-8"
    )
    trial = json.loads((lived / "freeze.json").read_text(encoding="utf-8"))["trial"]["slug"]
    verified = in_this_process("randomization", "verify", trial, "--home", "lived", cwd=tmp_path)
    assert verified.code == 0 and f"All {len(rows['allocation'])} allocations" in verified.out, verified
    digest = str(rows["seal"][0]["digest"])
    assert f"All {len(rows['allocation'])} allocations" in script().verify(lived, digest)
