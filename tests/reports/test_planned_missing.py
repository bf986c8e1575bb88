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
from tests.stats.odd import people, planned
from trial.cli.summary import _sensitivity as printed
from trial.core import families as checks
from trial.core.protocol import Auxiliary
from trial.stats.lee_bounds import lee_bounds
from trial.stats.sensitivity import run_sensitivity


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Labels]:
    return results_of(tmp_path_factory.mktemp("missing"), plan("missing"))


def words(done: tuple[dict[str, Any], Labels]) -> dict[str, str]:
    return dict(next(one for one in sensitivity.blocks(*done) if isinstance(one, Terms)).items)


def test_each_way_of_being_like_the_reference_says_which_it_is_and_by_which_error(
    done: tuple[dict[str, Any], Labels],
) -> None:
    copies, keeps, drawn, *_ = done[0]["sensitivity"]
    assert [one["problem"] for one in done[0]["sensitivity"]] == [None] * 6
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
    (row,) = [each for each in table.rows if each.cells[0] == "Bounds for unequal loss (Lee)"]
    assert row.cells[-1] == "\u2013" and " to " in row.cells[3] and "(" in row.cells[3]
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


def test_a_tipping_point_by_draws_says_how_and_has_its_grid_and_words(done: tuple[dict[str, Any], Labels]) -> None:
    tip = done[0]["sensitivity"][4]
    assert (tip["error"], tip["imputation"]["imputations"]) == ("rubin", 200)
    first = tip["tipping"]["grid"][0]
    assert (first["estimate"], first["p"]) == pytest.approx((tip["estimate"], tip["p"])) and first["delta"] == 0
    assert sum(tip["filled"].values()) > 0
    said = words(done)["Tipping point, by draws"]
    assert "drawn 200 times from it" in said and "is made worse, step by step, in all sets alike" in said
    assert "joined by Rubin's rules" in said and "jackknife" not in said
    table = next(each for each in sensitivity.blocks(*done) if isinstance(each, Table))
    assert "Tipping point, by draws, nothing added" in [row.cells[0] for row in table.rows]


def test_auxiliaries_stand_in_the_model_that_outcomes_are_drawn_from(done: tuple[dict[str, Any], Labels]) -> None:
    helped = done[0]["sensitivity"][5]
    assert helped["imputation"]["auxiliaries"] == ["calm at week_2"]
    calm = f"{done[1].variable('calm')} {done[1].at('week_2')}"
    assert calm == "Calm (0 to 3) at 2 weeks"
    assert f"and, as auxiliaries, {calm}, given the planned covariates" in words(done)["Multiple imputation"]
    assert "auxiliaries" not in words(done)["Copy reference"]


@pytest.mark.parametrize(
    ("auxiliary", "why"),
    [
        (("mood", "week_6"), "is in the models anyway"),
        (("mood", "baseline"), "is in the models anyway"),
        (("calm", "week_6"), "known of nobody"),
    ],
)
def test_an_auxiliary_that_tells_nothing_new_is_refused_by_name(auxiliary: tuple[str, str], why: str) -> None:
    score, timepoint = auxiliary
    protocol, table = planned("ancova", ["multiple_imputation"]), people()
    declared = protocol.analysis.sensitivity[0].model_copy(
        update={"auxiliaries": [Auxiliary(score=score, timepoint=timepoint)]}
    )
    plan = protocol.analysis.model_copy(update={"sensitivity": [declared]})
    (found,) = run_sensitivity(protocol.model_copy(update={"analysis": plan}), table)
    assert found["estimate"] is None and f"{score} at {timepoint}" in found["problem"] and why in found["problem"]


def test_auxiliaries_belong_to_multiple_imputation() -> None:
    more = {"auxiliaries": [{"score": "calm", "timepoint": "week_2"}]}
    for method, wrong in (("multiple_imputation", 0), ("tipping_point", 1)):
        found = list(checks.find({"analysis": {"sensitivity": [{"id": "a", "method": method} | more]}}))
        assert len(found) == wrong
        assert all(one.path == ("analysis", "sensitivity", 0, "auxiliaries") and method in one.what for one in found)


def test_draws_belong_to_the_methods_that_move_the_lost() -> None:
    for method in checks.OF_THE_LOST:
        assert not list(checks.find({"analysis": {"sensitivity": [{"id": "a", "method": method, "by": "draws"}]}}))
    tree = {"analysis": {"sensitivity": [{"id": "a", "method": "per_protocol", "by": "draws"}]}}
    (found,) = checks.find(tree)
    assert found.path == ("analysis", "sensitivity", 0, "by") and "'per_protocol' has none" in found.what
