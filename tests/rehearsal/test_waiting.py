"""A waiting arm is lived by pretend people: having waited is what it received, whatever it is given in the end."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.system.commands import in_this_process
from trial.protocol_files import shipped


def test_who_waited_received_what_was_allocated_whatever_came_after_the_wait(tmp_path: Path) -> None:
    preset = str(shipped("examples") / "waitlist")
    done = in_this_process("demo", preset, "--participants", "14", "--seed", "2", "--out", "lived", cwd=tmp_path)
    assert done.code == 0, done.err
    lived = tmp_path / "lived"
    with (lived / "disposition.csv").open(encoding="utf-8", newline="") as file:
        waited = [one for one in csv.DictReader(file) if one["arm"] == "later"]
    assert waited and {(one["exercises_due"], one["exercises_done"]) for one in waited} == {("0", "0")}
    results = json.loads((lived / "results.json").read_text(encoding="utf-8"))
    (its,) = (one for one in results["adherence"] if one["arm"] == "later")
    assert sum(at["n_done"] for at in its["occasions"]) > 0, "they did exercises after the wait"
    (box,) = (one for one in results["flow"]["arms"] if one["arm"] == "later")
    assert (box["received"], box["not_received"], box["discontinued"]) == (len(waited), 0, 0)
    page = (lived / "report.html").read_text(encoding="utf-8")
    assert "exercises_done" not in page and "Waited, as allocated: no exercise done up to day " in page
