"""Alpha and omega of each score at each timepoint, worked out here a second way from items.csv alone, and in print."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reports.blind import CutFacts, blind_results
from reports.document import Paragraph, Table
from reports.frozen import Frozen, read_frozen
from reports.labels import Labels
from reports.marks import unkeyed
from reports.reliability import reliability, sections
from reports.results import frozen_results
from reports.sections import document
from tests.reports.builder import build_freeze
from tests.reports.planned import plan, results_of
from trial.core.dataset import ItemRow
from trial.protocol_files.folder import shipped

MOOD = [f"feeling_{item}" for item in range(1, 6)]
CALM = ["feeling_6", "feeling_7"]


def rows(directory: Path, name: str) -> list[dict[str, str]]:
    with (directory / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def whole_sheets(directory: Path, columns: list[str], timepoint: str, arm: str | None) -> NDArray[np.float64]:
    """(people, items) of those of the arm who answered all of these items at a timepoint."""
    armed = {one["participant"]: one["arm"] for one in rows(directory, "disposition.csv")}
    sheets: dict[str, dict[str, float]] = defaultdict(dict)
    for one in rows(directory, "items.csv"):
        if one["item"] in columns and one["timepoint"] == timepoint and one["value"]:
            sheets[one["participant"]][one["item"]] = float(one["value"])
    its = [sheet for code, sheet in sheets.items() if len(sheet) == len(columns) and arm in (None, armed[code])]
    return np.array([[sheet[name] for name in columns] for sheet in its])


@pytest.fixture(scope="module")
def results(frozen_trial: Path) -> Any:
    return frozen_results(read_frozen(frozen_trial))


def line(results: Any, score: str, timepoint: str, arm: str | None) -> Any:
    (found,) = [
        one for one in results["reliability"] if (one["score"], one["timepoint"], one["arm"]) == (score, timepoint, arm)
    ]
    return found


@pytest.mark.parametrize("arm", [None, "gratitude", "chores"])
@pytest.mark.parametrize("timepoint", ["baseline", "week_2", "week_6"])
def test_alpha_is_the_mean_covariance_over_the_mean_of_all_entries(
    frozen_trial: Path, results: Any, timepoint: str, arm: str | None
) -> None:
    for score, columns in (("mood", MOOD), ("calm", CALM)):
        sheets, found = whole_sheets(frozen_trial, columns, timepoint, arm), line(results, score, timepoint, arm)
        assert len(sheets) > 10 and found["n"] == len(sheets) and found["parts"] == len(columns)
        table, k = np.cov(sheets.T), len(columns)
        between = (table.sum() - np.trace(table)) / (k * (k - 1))
        assert found["alpha"] == pytest.approx(k * k * between / table.sum(), rel=1e-12)
        assert found["ci"][0] < found["alpha"] < found["ci"][1] <= 1
        assert (found["omega"] is None) == (score == "calm" or found["improper"]), "two parts have no omega"


def test_every_score_of_the_plan_stands_at_each_time_it_was_asked_for_everybody_and_each_arm(results: Any) -> None:
    places = [(one["score"], one["timepoint"], one["arm"]) for one in results["reliability"]]
    points, arms = ("baseline", "week_2", "week_6"), (None, "gratitude", "chores")
    assert places == [(score, point, arm) for score in ("mood", "calm") for point in points for arm in arms]


def tables(results: Any, labels: Labels) -> list[Table]:
    return [block for one in sections(results, labels) for block in one.blocks if isinstance(block, Table)]


def test_the_section_prints_each_figure_with_how_many_people_it_rests_on(frozen_trial: Path, results: Any) -> None:
    labels = Labels(read_frozen(frozen_trial).folder)
    pooled, by_arm = tables(results, labels)
    found = line(results, "mood", "week_2", None)
    low, high = found["ci"]
    expected = (
        "2 weeks",
        str(found["n"]),
        f"{found['alpha']:.2f}",
        f"{low:.2f} to {high:.2f}",
        f"{found['omega']:.2f}",
    )
    assert expected in [row.cells for row in pooled.rows]
    assert pooled.columns[3] == "95% interval"
    (row,) = [row for row in by_arm.rows if row.cells[0] == "2 weeks"][:1]
    told = [line(results, "mood", "week_2", arm) for arm in ("gratitude", "chores")]
    for cell, one in zip(row.cells[1:], told, strict=True):
        omega = "–" if one["omega"] is None else f"{one['omega']:.2f}"
        assert cell == f"{one['alpha']:.2f} / {omega} (n\u00a0=\u00a0{one['n']})"
    improper = [one["improper"] for one in results["reliability"]]
    assert any(improper) == ("no variance of its own" in pooled.note)
    assert "where most people answer at one end of a few levels, it holds the truth less often" in pooled.note


def changed(directory: Path, change: Callable[[ItemRow], ItemRow]) -> Frozen:
    frozen = read_frozen(directory)
    return replace(frozen, items=[change(one) for one in frozen.items])


def of(frozen: Frozen) -> dict[str, Any]:
    return {"reliability": reliability(frozen.folder, frozen.data, frozen.items)}


def test_an_answer_off_the_scale_is_left_out_and_told(frozen_trial: Path, results: Any) -> None:
    frozen = read_frozen(frozen_trial)
    first = next(one.participant for one in frozen.items if one.item == "feeling_1" and one.timepoint == "week_2")
    for odd in ("9", "often"):

        def spoil(one: ItemRow, odd: str = odd) -> ItemRow:
            at = (one.participant, one.timepoint, one.item)
            return replace(one, value=odd) if at == (first, "week_2", "feeling_1") else one

        other = results | of(changed(frozen_trial, spoil))
        before = line(results, "mood", "week_2", None)
        after = line(other, "mood", "week_2", None)
        assert after["n"] == before["n"] - 1 and after["off_scale"] and not before["off_scale"]
        assert "off the scale" in tables(other, Labels(frozen.folder))[0].note


def test_answers_that_the_plan_leaves_out_for_being_late_are_left_out_here(frozen_trial: Path) -> None:
    frozen = changed(frozen_trial, lambda one: replace(one, late=True))
    kept = reliability(frozen.folder, frozen.data, frozen.items)
    protocol = frozen.folder.protocol
    strict = protocol.model_copy(update={"analysis": protocol.analysis.model_copy(update={"late_answers": "exclude"})})
    found = reliability(replace(frozen.folder, protocol=strict), frozen.data, frozen.items)
    assert found == [one for one in kept if one["timepoint"] == "baseline"] and len(kept) == 3 * len(found)


def test_with_too_few_people_there_is_a_dash_and_no_number(frozen_trial: Path, results: Any) -> None:
    frozen = read_frozen(frozen_trial)
    two = {one.participant for one in frozen.items if one.item == "feeling_1" and one.timepoint == "week_6"}
    two = set(sorted(two)[:2])
    kept = [one for one in frozen.items if one.timepoint != "week_6" or one.participant in two]
    few = results | of(replace(frozen, items=kept))
    found = line(few, "mood", "week_6", None)
    assert (found["n"], found["alpha"], found["ci"], found["omega"]) == (2, None, None, None)
    pooled, by_arm = tables(few, Labels(frozen.folder))
    assert ("6 weeks", "2", "–", "–", "–") in [row.cells for row in pooled.rows]
    assert ("6 weeks", "–", "–") in [row.cells for row in by_arm.rows]


def test_the_mean_of_scores_has_those_scores_as_its_parts(tmp_path: Path) -> None:
    frozen = read_frozen(build_freeze(tmp_path / "freeze", protocol=shipped("neff-2007"), randomized=80))
    found = [one for one in of(frozen)["reliability"] if one["score"] == "scs" and one["arm"] is None]
    assert found and all(one["parts"] == 6 and one["n"] > 10 and one["alpha"] is not None for one in found)


def test_data_from_elsewhere_have_no_items_and_no_such_section(tmp_path: Path) -> None:
    results, labels = results_of(tmp_path, plan("families"))
    assert results["reliability"] is None and sections(results, labels) == []


def test_nothing_of_it_is_told_before_the_lock(frozen_trial: Path) -> None:
    frozen = read_frozen(frozen_trial)
    days = {one.participant: 60 for one in frozen.dispositions if one.stage == "randomized"}
    found = blind_results(frozen, CutFacts(1, "2041-03-04", "ab" * 32, days, [60]))
    assert "reliability" not in found


def test_the_section_says_what_it_does_not_show(frozen_trial: Path, results: Any) -> None:
    written = unkeyed(document(results, read_frozen(frozen_trial).folder))
    (section,) = [one for one in written.sections if one.id == "reliability"]
    (said,) = [one.text for one in section.blocks if isinstance(one, Paragraph)]
    assert "nothing of what a score measures" in said
