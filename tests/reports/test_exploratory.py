"""What is planned as exploratory: never in a family, called so everywhere, subgroups by R's test of interaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports import exploratory
from reports.labels import Labels
from reports.sections import document
from tests.reports.planned import plan, results_of
from tests.stats.conftest import read_json


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Labels]:
    return results_of(tmp_path_factory.mktemp("explored"), plan("families"))


def test_interactions_are_those_of_r_with_the_variable_taken_out_of_the_covariates(
    done: tuple[dict[str, Any], Labels],
) -> None:
    told = read_json("planned_subgroups.json")
    for one in done[0]["subgroups"]:
        its = told[one["variable"]]
        assert one["problem"] is None and not any(name.startswith(one["variable"]) for name in one["covariates"])
        assert one["interaction"]["f"] == pytest.approx(its["f"], rel=1e-8)
        assert one["interaction"]["p"] == pytest.approx(its["p"], rel=1e-8)
        assert one["interaction"]["df"] == [1, its["df"]]
        assert one["effects"][0]["estimate"] == pytest.approx(its["first"], rel=1e-8)
        assert one["effects"][0]["se"] == pytest.approx(its["first_se"], rel=1e-8)


def test_exploratory_analyses_enter_no_family_and_are_called_so(done: tuple[dict[str, Any], Labels]) -> None:
    results, labels = done
    last = results["estimates"][-1]
    assert last["analysis"] == "exploratory" and last["p_adjusted"] is None and last["adjusted_by"] is None
    assert {one["analysis"] for one in results["subgroups"]} == {"exploratory"}
    said = str(exploratory.blocks(results, labels))
    assert "Exploratory analyses" in str(document(results, labels.folder)) and "belong to no family" in said
    assert "test of interaction" in said and "shows nothing" in said


def test_without_any_planned_there_is_no_section(done: tuple[dict[str, Any], Labels], tmp_path: Path) -> None:
    results, labels = results_of(tmp_path, plan("missing"))
    assert exploratory.blocks(results, labels) == []


def test_a_number_has_no_levels_to_group_by(tmp_path: Path) -> None:
    results, labels = results_of(tmp_path, plan("families").replace("variable: sleeps_well", "variable: age"))
    assert "no levels" in results["subgroups"][1]["problem"]
    assert "not estimated" in str(exploratory.blocks(results, labels))
