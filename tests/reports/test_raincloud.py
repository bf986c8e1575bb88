"""The primary outcome as a raincloud: everybody counted once, few marks for many, nothing of it in a blind cut."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest

from reports import raincloud
from reports.blind import CutFacts, blind_results
from reports.data_file import TrialData
from reports.document import Figure
from reports.frozen import Frozen, read_frozen
from reports.labels import Labels
from reports.results import frozen_results


@pytest.fixture(scope="module")
def frozen(frozen_trial: Path) -> Frozen:
    return read_frozen(frozen_trial)


def figure_of(found: dict[str, Any], frozen: Frozen) -> Figure:
    (figure,) = raincloud.figure({"raincloud": found}, Labels(frozen.folder))
    assert isinstance(figure, Figure)
    return figure


def many(frozen: Frozen, people: int, *, decimals: int) -> TrialData:
    """So many pretend people in both arms at the primary timepoint."""
    dice = np.random.default_rng(3)
    values = np.round(dice.normal(5, 2, people), decimals)
    table = replace(
        frozen.data.table,
        participants=tuple(f"P{at}" for at in range(people)),
        arms=tuple("gratitude" if at % 3 else "chores" for at in range(people)),
        scores={("mood", "week_2"): values},
    )
    return replace(frozen.data, table=table)


def test_everybody_with_the_outcome_is_counted_once_under_their_value(frozen: Frozen, frozen_trial: Path) -> None:
    with (frozen_trial / "dataset.csv").open(encoding="utf-8") as file:
        rows = [one for one in csv.DictReader(file) if one["timepoint"] == "week_2" and one["mood"]]
    found = frozen_results(frozen)["raincloud"]
    assert (found["outcome"], found["timepoint"], found["step"]) == ("low_mood", "week_2", None)
    for one in found["arms"]:
        its = sorted(float(row["mood"]) for row in rows if row["arm"] == one["arm"])
        assert [each["value"] for each in one["values"] for _ in range(each["n"])] == its
        assert (one["n"], one["median"], one["low"], one["high"]) == (len(its), median(its), its[0], its[-1])


def test_a_hundred_thousand_people_are_few_bars_and_a_small_file(frozen: Frozen) -> None:
    found = raincloud.raincloud(frozen.folder, many(frozen, 100_000, decimals=6))
    assert found is not None and found["step"] is not None
    assert all(len(one["values"]) <= raincloud.MOST_VALUES for one in found["arms"])
    assert sum(each["n"] for one in found["arms"] for each in one["values"]) == 100_000
    low = min(one["low"] for one in found["arms"])
    for one in found["arms"]:
        assert all(low <= each["value"] - found["step"] / 2 + 1e-9 for each in one["values"])
    figure = figure_of(found, frozen)
    assert "bars" in figure.caption and len(figure.drawing.svg) < 80_000


def test_a_mark_for_each_person_only_where_there_is_room(frozen: Frozen) -> None:
    few, more = (raincloud.raincloud(frozen.folder, many(frozen, n, decimals=1)) for n in (90, 600))
    assert few is not None and more is not None
    assert "a mark for each person" in figure_of(few, frozen).caption
    assert "bars" in figure_of(more, frozen).caption
    marks = figure_of(few, frozen).drawing.svg.count("<use ")
    assert marks >= 90 > figure_of(more, frozen).drawing.svg.count("<use ")


def test_the_words_say_medians_and_ends_in_numbers(frozen: Frozen) -> None:
    found = frozen_results(frozen)["raincloud"]
    drawing = figure_of(found, frozen).drawing
    for one in found["arms"]:
        assert f"{one['n']} people: median {one['median']:.1f}, middle half {one['q1']:.1f} to" in drawing.description


def test_a_yes_or_no_and_an_outcome_that_nobody_has_are_no_cloud(frozen: Frozen) -> None:
    for values in ([0.0, 1.0] * 30, [np.nan] * 60):
        table = replace(frozen.data.table, scores={("mood", "week_2"): np.array(values)})
        found = raincloud.raincloud(frozen.folder, replace(frozen.data, table=table))
        assert found is None
        assert raincloud.figure({"raincloud": found}, Labels(frozen.folder)) == []


def test_levels_in_order_have_no_density(frozen: Frozen) -> None:
    outcomes = [one.model_copy(update={"aggregation": "ordinal"}) for one in frozen.folder.protocol.outcomes]
    protocol = frozen.folder.protocol.model_copy(update={"outcomes": outcomes})
    assert raincloud.raincloud(replace(frozen.folder, protocol=protocol), frozen.data) is None


def test_an_arm_in_which_nobody_has_it_stands_in_the_table_alone(frozen: Frozen) -> None:
    data = frozen.data
    values = data.table.outcome("mood", "week_2").copy()
    values[np.array(data.table.arms) == "chores"] = np.nan
    table = replace(data.table, scores={**data.table.scores, ("mood", "week_2"): values})
    found = raincloud.raincloud(frozen.folder, replace(data, table=table))
    assert found is not None
    figure = figure_of(found, frozen)
    assert "Chores list" not in figure.drawing.svg and figure.table is not None
    assert figure.table.rows[1].cells == ("Chores list", "0", "–", "–", "–", "–", "–")


def test_a_blind_cut_has_none(frozen: Frozen) -> None:
    days = {one.participant: 60 for one in frozen.dispositions if one.stage == "randomized"}
    for groups in (None, {"gratitude": "Group 1", "chores": "Group 2"}):
        found = blind_results(frozen, CutFacts(1, "2041-03-04T09:00:00+00:00", "ab" * 32, days, [60], groups))
        assert "raincloud" not in found
