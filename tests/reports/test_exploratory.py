"""What is planned as exploratory: never in a family, called so everywhere, subgroups by R's test of interaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports import exploratory, subgroup_forest
from reports.document import Figure, Table
from reports.labels import Labels
from reports.numbers import interval, number, p_phrase
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


def test_the_forest_has_everybody_each_level_and_the_test_of_interaction(done: tuple[dict[str, Any], Labels]) -> None:
    results, labels = done
    (figure,) = subgroup_forest.blocks(results, labels)
    assert isinstance(figure, Figure)
    said = figure.drawing.description
    for one in results["subgroups"]:
        assert f"{labels.variable(one['variable'])} (interaction {p_phrase(one['interaction']['p'])})" in said
        for its in one["effects"]:
            shown = f"{number(its['estimate'], 2)} ({interval(its['ci'], 2)})"
            assert f"{labels.level(one['variable'], its['level'])}: {shown}" in said
            assert shown in str(exploratory.blocks(results, labels)), "the table rounds as the picture does"
    whole = next(one for one in results["estimates"] if one["timepoint"] == "week_6" and one["outcome"] == "low_mood")
    assert said.startswith(f"Everybody: {number(whole['estimate'], 2)} ({interval(whole['ci'], 2)})")
    assert "\u2190 favours Gratitude list" in figure.drawing.svg, "less of it is better, so left is the first arm's"


def test_each_comparison_has_a_forest_of_its_own_and_one_that_was_not_planned_has_no_everybody(
    done: tuple[dict[str, Any], Labels],
) -> None:
    results, labels = done
    other = {**results["subgroups"][0], "timepoint": "week_2", "contrast": ["chores", "gratitude"], "better": "higher"}
    undone = {**other, "timepoint": "week_6", "effects": []}
    found = subgroup_forest.blocks(results | {"subgroups": [*results["subgroups"], other, undone]}, labels)
    first, second = (one for one in found if isinstance(one, Figure))
    assert "Everybody" in first.drawing.description and "Everybody" not in second.drawing.description
    assert "square" in first.caption and "square" not in second.caption
    assert "favours Chores list \u2192" in second.drawing.svg, "more is better: right is the first arm's"


def test_levels_stand_as_the_question_names_them_and_a_comparison_has_the_same_decimals_down_its_table(
    done: tuple[dict[str, Any], Labels],
) -> None:
    results, labels = done
    one = results["subgroups"][0]
    names = labels.levels(one["variable"])
    low, high = (its["level"] for its in one["effects"])
    turned = one | {"effects": list(reversed(one["effects"]))}
    for each in (one, turned):
        assert [its["level"] for its in subgroup_forest.in_order(each, labels)] == [
            x for x in names if x in (low, high)
        ]
    nearly_none = one | {"effects": [one["effects"][0] | {"estimate": 0.004, "ci": [-9.7, 9.7]}, one["effects"][1]]}
    found = exploratory.blocks(results | {"subgroups": [nearly_none]}, labels)
    table = next(each for each in found if isinstance(each, Table) and each.id == "subgroups-1")
    cells = [row.cells[2] for row in table.rows]
    assert {len(word.strip("(),").partition(".")[2]) for cell in cells for word in cell.split() if "." in word} == {2}
    assert (
        table.rows[-1].cells[0] == f"{labels.level(one['variable'], low)} minus {labels.level(one['variable'], high)}"
    )
