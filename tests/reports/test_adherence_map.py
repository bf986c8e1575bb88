"""The map of exercises: every exercise done stands in it once, people sorted, and no picture grows with the trial."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports import adherence_map
from reports.document import Figure
from reports.frozen import Frozen, read_frozen
from reports.labels import Labels
from reports.results import frozen_results
from trial.core.dataset import Disposition, EventRow
from trial.core.protocol import TrialProtocol


@pytest.fixture(scope="module")
def frozen(frozen_trial: Path) -> Frozen:
    return read_frozen(frozen_trial)


def mapped(protocol: TrialProtocol, did: dict[str, str]) -> Any:
    """The map of people of one arm who did the evenings that their text says, `101` the first and the third."""
    people = [Disposition(code, "randomized", arm="gratitude") for code in did]
    events = [
        EventRow(code, at, "exercise_done", f"evening:{at}")
        for code, text in did.items()
        for at, one in enumerate(text, start=1)
        if one == "1"
    ]
    return adherence_map.adherence_map(protocol, people, events)


def figure_of(found: Any, labels: Labels) -> Figure:
    (figure,) = adherence_map.blocks({"adherence_map": found}, labels)
    assert isinstance(figure, Figure)
    return figure


def test_who_did_most_stands_on_top_and_of_these_who_did_the_earlier_ones(frozen: Frozen) -> None:
    found = mapped(frozen.folder.protocol, {"a": "001", "b": "000", "c": "111", "d": "110", "e": "011", "f": "100"})
    assert found["columns"] == [{"day": day, "to_day": day} for day in (1, 2, 3)]
    (one,) = found["arms"]
    assert [row["done"] for row in one["rows"]] == [
        [1, 1, 1], [1, 1, 0], [0, 1, 1], [1, 0, 0], [0, 0, 1], [0, 0, 0],
    ]  # fmt: skip
    assert (one["n"], one["exercises"], one["done"], one["did_all"], one["did_none"]) == (6, 3, 9, 1, 1)
    assert [at["done"] for at in one["by_column"]] == [3, 3, 3] and {at["of"] for at in one["by_column"]} == {6}
    said = figure_of(found, Labels(frozen.folder)).drawing.description
    assert said == "Gratitude list, 6 people: 50% done; 17% did all, 17% none."


def test_it_counts_the_exercises_that_the_table_of_adherence_counts(frozen: Frozen) -> None:
    results = frozen_results(frozen)
    by_arm = {one["arm"]: one for one in results["adherence"]}
    for one in results["adherence_map"]["arms"]:
        assert one["done"] == by_arm[one["arm"]]["exercises_done"]
        shares = sum(row["people"] * share for row in one["rows"] for share in row["done"])
        assert shares == pytest.approx(one["done"])
        assert sum(row["people"] for row in one["rows"]) == one["n"] == by_arm[one["arm"]]["allocated"]


def daily(protocol: TrialProtocol, days: int) -> TrialProtocol:
    """The same with an evening on each of so many days."""
    points = [
        one.model_copy(update={"days": list(range(1, days + 1))}) if one.id == "evening" else one
        for one in protocol.timepoints
    ]
    return protocol.model_copy(update={"timepoints": points})


def test_many_people_and_many_days_stay_few_cells_and_nobody_is_left_out(frozen: Frozen) -> None:
    dice = np.random.default_rng(5)
    keen = dice.random(5000)
    did = {f"P{at}": "".join("01"[int(x)] for x in dice.random(100) < keen[at]) for at in range(5000)}
    found = mapped(daily(frozen.folder.protocol, 100), did)
    (one,) = found["arms"]
    assert len(found["columns"]) <= adherence_map.MOST_COLUMNS and len(one["rows"]) <= adherence_map.MOST_ROWS
    assert sum(row["people"] for row in one["rows"]) == 5000
    assert sum(at["done"] for at in one["by_column"]) == one["done"] == sum(text.count("1") for text in did.values())
    means = [float(np.mean(row["done"])) for row in one["rows"]]
    assert means == sorted(means, reverse=True)
    figure = figure_of(found, Labels(frozen.folder))
    assert "a group of people" in figure.caption and len(figure.drawing.svg) < 400_000
    assert figure.table is not None and len(figure.table.rows) == len(found["columns"])
    assert figure.table.rows[0].cells[0] == "1 to 3"


def test_an_arm_with_other_days_has_gaps_where_it_is_asked_nothing(frozen: Frozen) -> None:
    protocol = frozen.folder.protocol
    more = protocol.timepoint("evening").model_copy(update={"id": "later", "days": [9], "activities": ["chores"]})
    evening = protocol.timepoint("evening").model_copy(update={"activities": ["gratitude"]})
    points = [evening if one.id == "evening" else one for one in protocol.timepoints]
    both = protocol.model_copy(update={"timepoints": [*points, more]})
    people = [Disposition("a", "randomized", arm="gratitude"), Disposition("b", "randomized", arm="chores")]
    found = adherence_map.adherence_map(both, people, [EventRow("b", 9, "exercise_done", "later:1")])
    assert found is not None
    first, second = found["arms"]
    assert first["rows"] == [{"people": 1, "done": [0, 0, 0, None]}]
    assert second["rows"] == [{"people": 1, "done": [None, None, None, 1]}]
    table = figure_of(found, Labels(replace(frozen.folder, protocol=both))).table
    assert table is not None and [row.cells[1:] for row in table.rows] == [("0%", "–")] * 3 + [("–", "100%")]


def test_a_trial_without_exercises_has_none(frozen: Frozen) -> None:
    protocol = frozen.folder.protocol
    points = [one for one in protocol.timepoints if one.id != "evening"]
    assert mapped(protocol.model_copy(update={"timepoints": points}), {"a": ""}) is None
    assert adherence_map.blocks({"adherence_map": None}, Labels(frozen.folder)) == []
