"""Copying the reference, its increments, draws and bounds, from the protocol to the words of the report."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from reports import sensitivity
from reports.document import Table, Terms
from reports.labels import Labels
from tests.reports.planned import plan, results_of
from trial.cli.summary import _sensitivity as printed
from trial.core import families as checks
from trial.stats.lee_bounds import lee_bounds


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Labels]:
    return results_of(tmp_path_factory.mktemp("missing"), plan("missing"))


def words(done: tuple[dict[str, Any], Labels]) -> dict[str, str]:
    return dict(next(one for one in sensitivity.blocks(*done) if isinstance(one, Terms)).items)


def test_each_way_of_being_like_the_reference_says_which_it_is_and_by_which_error(
    done: tuple[dict[str, Any], Labels],
) -> None:
    copies, keeps, drawn, _ = done[0]["sensitivity"]
    assert [one["problem"] for one in done[0]["sensitivity"]] == [None] * 4
    assert [one["error"] for one in (copies, keeps, drawn)] == ["jackknife", "jackknife", "rubin"]
    assert drawn["imputation"]["imputations"] == 200
    assert copies["imputation"]["lost"] == keeps["imputation"]["lost"] == drawn["imputation"]["lost"] > 0
    said = words(done)
    assert "lay from Chores list's" in said["Copy reference"] and "jackknife" in said["Copy reference"]
    assert "keeps what Gratitude list had gained" in said["Copy increments in reference"]
    assert "Rubin\u2019s rules, which are conservative here" in said["Jump to reference, by draws"]


def test_bounds_stand_in_the_table_with_their_interval_and_without_a_p(done: tuple[dict[str, Any], Labels]) -> None:
    one, labels = done[0]["sensitivity"][3], done[1]
    assert one["estimate"] is None and one["p"] is None
    bounds = one["bounds"]
    assert one["ci"][0] < bounds["lower"] <= bounds["upper"] < one["ci"][1]
    assert one["n"] == dict(zip(one["contrast"], bounds["with_outcome"]["n"], strict=True))
    table = next(each for each in sensitivity.blocks(*done) if isinstance(each, Table))
    assert table.rows[-1].cells[0] == "Bounds for unequal loss (Lee)" and table.rows[-1].cells[-1] == "\u2013"
    assert " to " in table.rows[-1].cells[3] and "(" in table.rows[-1].cells[3]
    said = words(done)["Bounds for unequal loss (Lee)"]
    assert "percentage points (95% confidence interval" in said and "No test decides" in said
    assert labels.arm(bounds["trimmed"]) in said
    assert any("Bounds for unequal loss (Lee)" in line and "% CI" in line for line in printed(done[0]))


def test_the_bounds_are_those_of_the_data_file(done: tuple[dict[str, Any], Labels]) -> None:
    import csv

    from tests.reports.planned import DATA

    rows = list(csv.DictReader(DATA.open(encoding="utf-8")))
    arms = {row["participant"]: row["arm"] for row in rows}
    mood = {row["participant"]: float(row["mood"]) for row in rows if row["timepoint"] == "week_2" and row["mood"]}
    outcome = np.array([mood.get(each, math.nan) for each in arms])
    found = lee_bounds(outcome, list(arms.values()), ("gratitude", "chores"))
    bounds = done[0]["sensitivity"][3]["bounds"]
    assert (found.lower, found.upper) == pytest.approx((bounds["lower"], bounds["upper"]))


def test_draws_belong_to_the_methods_that_know_a_reference() -> None:
    tree = {"analysis": {"sensitivity": [{"id": "a", "method": "tipping_point", "by": "draws"}]}}
    (found,) = checks.find(tree)
    assert found.path == ("analysis", "sensitivity", 0, "by") and "'tipping_point' does not" in found.what
