"""The randomisation test in a report: over the list of the frozen folder, in words and as a figure; where it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports import rerandomized, sensitivity
from reports.data_file import read_data
from reports.document import Figure, Table, Terms
from reports.frozen import Frozen, read_frozen
from reports.labels import Labels
from reports.results import frozen_results, outside_results, write_results
from tests.reports.builder import resealed
from tests.stats.lists import as_published
from trial.cli.summary import _sensitivity as printed
from trial.core.errors import DataInvalid
from trial.core.protocol import Sensitivity
from trial.core.published_list import LIST, SEAL, AllocatedPeople, AllocationRow
from trial.core.randomization import STAGE, configuration

DECLARED = Sensitivity.model_validate(
    {"id": "lists", "method": "randomization_test", "assumption": {"en": "Chance alone allocated."}}
)
NAME = "Randomisation test"


def allocated(frozen: Frozen, **row: Any) -> AllocatedPeople:
    """The list that these pretend people would have stood in."""
    randomized = sorted((one for one in frozen.dispositions if one.number is not None), key=lambda one: one.number or 0)
    rows = [
        AllocationRow(
            STAGE, one.number or 0, one.participant, "permuted-blocks-1", "first", 1, one.stratum, 0,
            json.dumps({"mood_level": one.stratum}), "", "", "", one.arm,
        )
        for one in randomized
    ]  # fmt: skip
    return AllocatedPeople(tuple(replace(one, **row) for one in rows), {"first": configuration(frozen.folder.protocol)})


def planning_it(frozen: Frozen) -> Frozen:
    """The trial with the test as its one sensitivity analysis."""
    protocol = frozen.folder.protocol
    plan = protocol.analysis.model_copy(update={"sensitivity": [DECLARED]})
    folder = replace(frozen.folder, protocol=protocol.model_copy(update={"analysis": plan}))
    return replace(frozen, folder=folder)


@pytest.fixture(scope="module")
def frozen(frozen_trial: Path) -> Frozen:
    found = planning_it(read_frozen(frozen_trial))
    return replace(found, allocated=allocated(found))


@pytest.fixture(scope="module")
def results(frozen: Frozen) -> dict[str, Any]:
    return frozen_results(frozen)


def words_of(results: dict[str, Any], frozen: Frozen) -> str:
    terms = next(one for one in sensitivity.blocks(results, Labels(frozen.folder)) if isinstance(one, Terms))
    return dict(terms.items)[NAME]


def test_it_judges_the_planned_estimate_by_ten_thousand_lists_of_the_trials_own_rule(results: dict[str, Any]) -> None:
    primary, (one,) = results["estimates"][0], results["sensitivity"]
    test = one["rerandomization"]
    assert one["problem"] is None and one["n"] == primary["n"]
    assert one["estimate"] == pytest.approx(primary["estimate"], rel=1e-12)
    assert test["studentised"]["observed"] == pytest.approx(primary["estimate"] / primary["se"], rel=1e-9)
    assert test["reps"] == sum(test["counts"]) == 10_000 and test["undefined"] == 0 and test["effective"] is None
    assert one["p"] == test["studentised"]["p"] == (1 + test["studentised"]["extreme"]) / 10_001
    # no drift and no odd outcome among these pretend people: the two tests say about the same
    assert abs(one["p"] - primary["p"]) < 0.03 and abs(test["critical"] - test["critical_t"]) < 0.1


def test_the_report_says_what_was_run_again_what_came_of_it_and_how_far_it_goes(
    frozen: Frozen, results: dict[str, Any]
) -> None:
    blocks = sensitivity.blocks(results, Labels(frozen.folder))
    table = next(one for one in blocks if isinstance(one, Table))
    row = table.rows[-1].cells
    assert row[0] == NAME and "to" not in row[3] and row[3] in table.rows[0].cells[3]
    said = words_of(results, frozen)
    for words in (
        "words of the protocol: Chance alone allocated.", "run again 10,000 times", "Monte Carlo standard error",
        "95% of the lists keep t within", "plain difference of means", "No interval belongs to it",
        f"\u201c{frozen.folder.protocol.id} lists\u201d",
    ):  # fmt: skip
        assert words in said
    assert "arms were allocated anew" not in said and "few lists" not in said
    figure = next(one for one in blocks if isinstance(one, Figure))
    assert "t of Gratitude list minus Chores list in 10,000 lists" in figure.caption
    assert "The real list" in figure.drawing.description
    assert any(NAME in line and "CI" not in line for line in printed(results))


def test_the_same_data_give_the_same_bytes(frozen: Frozen, results: dict[str, Any]) -> None:
    again = frozen_results(frozen)
    assert write_results(again) == write_results(results)
    drawn = [rerandomized.drawing(each["sensitivity"][0]).svg for each in (again, results)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"arms": 3}, "All 3 arms were allocated anew"),
        (
            {"effective": 69.8, "same": 143},
            "as if 70 were equally likely; the real one came 143 times, and no p below 0.01",
        ),
        ({"undefined": 12}, "12 of the lists gave no t"),
    ],
)
def test_what_limits_it_is_said_where_it_does(
    frozen: Frozen, results: dict[str, Any], parts: dict[str, Any], words: str
) -> None:
    (one,) = results["sensitivity"]
    changed = one | {"rerandomization": one["rerandomization"] | parts}
    assert words in words_of(results | {"sensitivity": [changed]}, frozen)


def test_without_the_list_it_is_left_undone_and_says_why(frozen: Frozen, frozen_trial: Path) -> None:
    (one,) = frozen_results(replace(frozen, allocated=None))["sensitivity"]
    assert one["p"] is None and "in which order people were allocated" in one["problem"]
    data = read_data(frozen.folder, (frozen_trial / "dataset.csv").read_bytes(), "dataset.csv")
    outside = outside_results(frozen.folder, data)
    table = next(one for one in sensitivity.blocks(outside, Labels(frozen.folder)) if isinstance(one, Table))
    assert f"Not estimated: {NAME}. The data do not tell in which order" in table.note


def test_a_list_of_other_people_or_other_arms_is_refused(frozen: Frozen) -> None:
    short = AllocatedPeople(frozen.allocated.rows[1:], frozen.allocated.configurations)  # type: ignore[union-attr]
    for people in (short, allocated(frozen, arm="chores")):
        (one,) = frozen_results(replace(frozen, allocated=people))["sensitivity"]
        assert "differ on who was allocated to what" in one["problem"]


def test_the_list_is_read_from_the_frozen_folder(a_copy: Callable[[], Path], frozen: Frozen) -> None:
    files = as_published(allocated(frozen))
    read = read_frozen(resealed(a_copy(), files)).allocated
    assert read is not None and frozen.allocated is not None
    assert (read.rows, read.configurations) == (frozen.allocated.rows, frozen.allocated.configurations)


def test_a_folder_without_a_list_is_read_and_a_damaged_list_is_refused(a_copy: Callable[[], Path]) -> None:
    assert read_frozen(a_copy()).allocated is None
    with pytest.raises(DataInvalid, match="published allocation"):
        read_frozen(resealed(a_copy(), {LIST: "stage\n1\n", SEAL: "{}"}))
