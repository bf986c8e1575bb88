"""The sensitivity analyses in a report: each with its assumption, beside the primary, and where a finding is gone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reports import figures, sensitivity
from reports.data_file import read_data
from reports.document import Figure, Paragraph, Table, Terms
from reports.frozen import Frozen, read_frozen
from reports.labels import Labels
from reports.results import frozen_results, outside_results
from trial.cli.summary import _sensitivity as printed
from trial.core.texts import say

PRIMARY = {"p": 0.01, "g": None}


@pytest.fixture(scope="module")
def frozen(frozen_trial: Path) -> Frozen:
    return read_frozen(frozen_trial)


@pytest.fixture(scope="module")
def results(frozen: Frozen) -> dict[str, Any]:
    return frozen_results(frozen)


def tipping(**found: Any) -> dict[str, Any]:
    steps = {"delta": 0.0, "delta_sd": 0.0, "estimate": -3.0, "ci": [-5.0, -1.0], "p": 0.01}
    grid = [steps, steps | {"delta": 0.5, "delta_sd": 0.25, "estimate": -2.0, "ci": [-4.0, 0.0], "p": 0.05}]
    its = {"finding": True, "favourable": True, "delta": 1.234, "delta_sd": 0.617, "sd": 2.0, "grid": grid} | found
    return {
        "outcome": "low_mood", "contrast": ["gratitude", "chores"], "level": 0.95, "p": 0.002, "ci": [-5, -1],
        "estimate": -3.0, "filled": {"gratitude": 7, "chores": 4}, "tipping": its, "id": "tip",
    }  # fmt: skip


def test_nothing_added_is_none_exactly_and_a_difference_has_the_decimals_of_its_table(
    frozen: Frozen, results: dict[str, Any]
) -> None:
    primary, one = results["estimates"][0], tipping()
    one["tipping"]["grid"][1] |= {"estimate": 0.0004}
    table = next(each for each in sensitivity._tipping(one, primary, Labels(frozen.folder)) if isinstance(each, Table))
    first, second = (row.cells for row in table.rows)
    assert first[:2] == ("0", "0") and second[:2] == ("0.50", "0.25"), "a spread of 2 has two decimals"
    assert [len(one) for one in re.findall(r"\.(\d+)", f"{first[2]} {second[2]}")] == [2] * 6


def test_the_table_sets_each_beside_the_primary_and_the_words_of_the_protocol_stand_with_it(
    frozen: Frozen, results: dict[str, Any]
) -> None:
    blocks = sensitivity.blocks(results, Labels(frozen.folder))
    table = next(one for one in blocks if isinstance(one, Table))
    assert [row.cells[0] for row in table.rows] == [
        "Primary analysis", "Complete cases", "Multiple imputation", "Jump to reference",
        "Tipping point, nothing added", "Per protocol (biased)",
    ]  # fmt: skip
    assert all(len(row.cells) == len(table.columns) for row in table.rows)
    said = dict(next(one for one in blocks if isinstance(one, Terms)).items)
    for one in frozen.folder.protocol.analysis.sensitivity:
        name = sensitivity.NAMES[one.method] + (" (biased)" if one.method == "per_protocol" else "")
        assert f"words of the protocol: {say(one.assumption, 'en')}" in said[name]
    assert "Biased: who does enough is not left to chance" in said["Per protocol (biased)"]
    assert "200 times" in said["Multiple imputation"] and "jackknife" in said["Jump to reference"]
    assert any(isinstance(one, Figure) for one in blocks)


def test_people_who_reached_the_minimum_dose_are_those_of_the_record(frozen: Frozen, results: dict[str, Any]) -> None:
    followed = next(one for one in results["sensitivity"] if one["method"] == "per_protocol")
    reached = {one.participant for one in frozen.dispositions if one.minimum_dose}
    seen = frozen.data.table.outcome("mood", "week_2")
    pairs = zip(frozen.data.table.participants, seen, strict=True)
    assert sum(followed["n"].values()) == sum(code in reached and value == value for code, value in pairs)


def test_data_collected_elsewhere_leave_per_protocol_undone_and_the_report_says_why(
    frozen: Frozen, frozen_trial: Path
) -> None:
    data = read_data(frozen.folder, (frozen_trial / "dataset.csv").read_bytes(), "dataset.csv")
    outside = outside_results(frozen.folder, data)
    table = next(one for one in sensitivity.blocks(outside, Labels(frozen.folder)) if isinstance(one, Table))
    assert table.rows[-1].cells[1:] == ("0 v. 0", "0", "–", "–")
    assert "Not estimated: Per protocol (biased). The data do not tell who reached the minimum dose" in table.note


@pytest.mark.parametrize(
    ("found", "primary", "said"),
    [
        (
            {},
            PRIMARY,
            "gone (p reaches 0.05) once the 7 missing of Gratitude list are taken to have done 1.23 points (0.62",
        ),
        ({"delta": 99.0}, PRIMARY, "That is more than the scale is long."),
        ({}, {"p": 0.3, "g": None}, "not a finding to begin with"),
        ({"finding": False}, PRIMARY, "already gone"),
        ({"favourable": False}, PRIMARY, "The finding favours Chores list"),
        ({"delta": None}, PRIMARY, "However much worse"),
    ],
)
def test_where_the_finding_is_gone_is_said_plainly(
    frozen: Frozen, found: dict[str, Any], primary: dict[str, Any], said: str
) -> None:
    assert said in sensitivity.tipping_words(tipping(**found), primary, Labels(frozen.folder))


@pytest.mark.parametrize(("found", "marked"), [({"delta": 0.4}, True), ({"delta": None}, False), ({}, False)])
def test_the_picture_marks_where_the_finding_is_gone_and_its_words_begin_with_it(
    frozen: Frozen, found: dict[str, Any], marked: bool
) -> None:
    """A place beyond the grid is told in words alone."""
    one, labels = tipping(**found), Labels(frozen.folder)
    said = sensitivity.tipping_words(one, PRIMARY, labels)
    drawing = figures.tipping(one, labels, said)
    assert drawing.description.startswith(said) and "0.50: \u22122.00 (\u22124.00 to 0.00)" in drawing.description
    assert ("finding gone from 0.40 on" in drawing.svg) is marked


def test_the_caption_tells_of_the_shade_only_where_the_picture_has_one(frozen: Frozen, results: dict[str, Any]) -> None:
    labels, primary = Labels(frozen.folder), results["estimates"][0]
    inside, beyond = (
        next(one.caption for one in sensitivity._tipping(tipping(delta=at), primary, labels) if isinstance(one, Figure))
        for at in (0.4, 99.0)
    )
    assert inside.endswith("no difference; right of the upright line, in the shade, the finding is gone.")
    assert beyond.endswith("The broken line is no difference.")


def test_without_any_planned_the_section_says_so(frozen: Frozen, results: dict[str, Any]) -> None:
    (only,) = sensitivity.blocks(results | {"sensitivity": []}, Labels(frozen.folder))
    assert only == Paragraph("No sensitivity analyses were planned.")


def test_the_demo_prints_a_line_for_each(results: dict[str, Any]) -> None:
    lines = printed(results)
    assert [line.split("  ")[2] for line in lines[1:] if not line.startswith("      ")] == [
        "Complete cases", "Multiple imputation", "Jump to reference", "Tipping point", "Per protocol (biased)",
    ]  # fmt: skip
    assert any("no finding that could be gone" in line or "gone once" in line for line in lines)
