"""A real trial whose outcome is the change since the baseline, analysed from its files and held against R."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.reports.elsewhere import folder_with, write_data
from tests.reports.reading import page_of

REFERENCE = Path(__file__).parents[1] / "reference"
LOW = {"id": "stress", "label": {"en": "Stress after the disaster"}, "score": "mood", "better": "lower"}
PLAN = {"primary": {"outcome": "stress", "timepoint": "week_2", "contrast": ["cbt", "emdr"]}}
ARMS = {"C": "cbt", "E": "emdr"}


@pytest.fixture(scope="module")
def people() -> list[dict[str, str]]:
    """The children of fdd whose score before treatment is known."""
    with (REFERENCE / "fdd.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["prop1"]]


def analysed(equipoise: Shell, people: list[dict[str, str]], folder: Path, metric: str) -> tuple[dict[str, Any], str]:
    """results.json's primary estimate, and the page."""
    protocol = folder_with(
        folder / metric, outcomes=[LOW | {"metric": metric}], analysis=PLAN | {"baseline_table": ["mood"]},
        arms=("cbt", "emdr"), score={"times": 5}, allocation={"method": "simple"},
    )  # fmt: skip
    rows = [
        (one["id"], ARMS[one["trt"]], at, one[to])
        for one in people
        for at, to in (("baseline", "prop1"), ("week_2", "prop2"))
    ]
    data = write_data(folder / "fdd.csv", ("mood",), rows)
    out = folder / f"{metric}-results"
    assert equipoise("analyse", protocol, "--data", data, "--out", out).code == 0
    return json.loads((out / "results.json").read_text())["estimates"][0], page_of(out)


def test_the_change_differs_between_arms_as_r_says_the_values_do(
    equipoise: Shell, people: list[dict[str, str]], tmp_path: Path
) -> None:
    (of_value, _), (found, page) = (analysed(equipoise, people, tmp_path, metric) for metric in ("value", "change"))
    told = json.loads((REFERENCE / "ancova.json").read_text())["analyses"]["fdd_prop2"]["HC3"]
    expected = told["contrasts"]["C"]
    for key, its in (("estimate", "estimate"), ("se", "se"), ("p", "p")):
        assert found[key] == pytest.approx(expected[its], rel=1e-8)
        assert of_value[key] == pytest.approx(found[key], rel=1e-10)
    assert found["ci"] == pytest.approx([expected["low"], expected["high"]], rel=1e-8)
    seen = [one for one in people if one["prop2"]]
    at_start = fmean(float(one["prop1"]) for one in seen)
    for letter, arm in ARMS.items():
        its, r = found["arms"][arm], told["adjusted_means"][letter]
        assert its["adjusted_mean"] == pytest.approx(r["mean"] - at_start, rel=1e-8)
        assert its["adjusted_ci"] == pytest.approx([r["low"] - at_start, r["high"] - at_start], rel=1e-8)
        changes = [float(one["prop2"]) - float(one["prop1"]) for one in seen if one["trt"] == letter]
        assert (its["mean"], its["sd"]) == pytest.approx((fmean(changes), stdev(changes)))
        assert its["n_with_data"] == found["n"][arm] == len(changes)
    assert found["g"]["estimate"] == pytest.approx(of_value["g"]["estimate"])
    assert "Analysed as the change since the baseline: Stress after the disaster." in page
    assert "Adjusted mean change" in page and "adjusted difference of mean changes" in page
