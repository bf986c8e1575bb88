"""Shares of people harmed and how arms differ: counted here from the files a second way."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binomtest

from reports import tables_harms
from reports.document import Paragraph, Table
from reports.frozen import read_frozen
from reports.harm_risks import blocks
from reports.harms import harms
from reports.labels import Labels
from reports.numbers import NONE
from reports.results import frozen_results
from tests.reports.builder import build_freeze, seal
from trial.core.dataset import HarmRow, read_rows, write_rows
from trial.protocol_files.folder import shipped
from trial.stats.two_proportions import miettinen_nurminen

ARMS = ("gratitude", "chores")


def rows(directory: Path, name: str) -> list[dict[str, str]]:
    with (directory / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def results(frozen_trial: Path) -> Any:
    return frozen_results(read_frozen(frozen_trial))


def with_harms(directory: Path, keep: Callable[[HarmRow], bool]) -> Path:
    """The freeze with these of its adverse events."""
    kept = [one for one in read_rows((directory / "harms.csv").read_text(), HarmRow) if keep(one)]
    (directory / "harms.csv").write_text(write_rows(kept, HarmRow), newline="")
    seal(directory)
    return directory


KINDS: dict[str, Callable[[dict[str, str]], bool]] = {
    "any": lambda one: True,
    "serious": lambda one: one["serious"] == "yes",
    "serious_related": lambda one: (
        one["serious"] == "yes" and one["relatedness"] in ("possible", "probable", "definite")
    ),
    "severe": lambda one: one["severity"] == "severe",
    "Headache": lambda one: one["term"] == "Headache",
    "Low mood": lambda one: one["term"] == "Low mood",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_line_told_unasked_is_what_the_files_say_over_everybody_in_the_arm(
    frozen_trial: Path, results: Any, kind: str
) -> None:
    armed = {one["participant"]: one["arm"] for one in rows(frozen_trial, "disposition.csv")}
    (found,) = [one for one in results["harms"]["risks"] if kind in (one["kind"], one["term"])]
    assert found["collection"] == "non-systematic"
    for one in found["arms"]:
        its = [o["participant"] for o in rows(frozen_trial, "harms.csv") if KINDS[kind](o)]
        its = [code for code in its if armed[code] == one["arm"]]
        of = sum(arm == one["arm"] for arm in armed.values())
        assert (one["people"], one["events"], one["of"]) == (len(set(its)), len(its), of)
        assert one["events_per_person"] == pytest.approx(len(its) / of)
    check_numbers(found)


def check_numbers(found: Any) -> None:
    """Exact intervals by scipy; the interval of a difference is held against R where it is made."""
    by_arm = {one["arm"]: one for one in found["arms"]}
    for one in found["arms"]:
        exact = binomtest(one["people"], one["of"]).proportion_ci(0.95, "exact")
        assert one["ci"] == pytest.approx([exact.low, exact.high], rel=1e-8)
        assert one["risk"] == one["people"] / one["of"]
    (apart,) = found["differences"]
    first, second = by_arm[apart["arm"]], by_arm[apart["reference"]]
    assert (apart["arm"], apart["reference"]) == ARMS
    assert apart["estimate"] == pytest.approx(first["risk"] - second["risk"])
    ours = miettinen_nurminen((first["people"], second["people"]), (first["of"], second["of"]), 0.95)
    assert apart["ci"] == pytest.approx(list(ours.ci))


def test_what_was_asked_about_stands_apart_over_those_who_answered(results: Any) -> None:
    (found,) = [one for one in results["harms"]["risks"] if one["collection"] == "systematic"]
    ever = {one["arm"]: one for one in results["harms"]["systematic_people"]}
    for one in found["arms"]:
        its = ever[one["arm"]]
        assert (one["people"], one["events"], one["of"]) == (its["people"], its["events"], its["answered"])
    check_numbers(found)


def table(results: Any, directory: Path, *, alike: bool = True) -> Table:
    said = blocks(results, Labels(read_frozen(directory).folder), "Worse?", asked_alike=alike)
    (warning, found) = said
    assert isinstance(warning, Paragraph) and "no sign of safety" in warning.text and isinstance(found, Table)
    return found


def plain(cell: str) -> str:
    """An interval holds together on its line."""
    assert "\u00a0to\u00a0" in cell
    return cell.replace("\u00a0", " ")


def test_the_table_keeps_both_ways_of_asking_apart_and_says_what_is_compared(frozen_trial: Path, results: Any) -> None:
    found = table(results, frozen_trial)
    heads = [row.cells[0] for row in found.rows]
    assert heads[0].startswith("Asked of everyone") and heads.index("Told unasked") == 2
    assert heads[-2:] == ["Headache", "Low mood"]
    assert found.columns[3].startswith("Difference (95%")
    assert "The difference is Gratitude list minus Chores list." in found.note
    (line,) = [one for one in results["harms"]["risks"] if one["kind"] == "any"]
    (cells,) = [row.cells for row in found.rows if row.cells[0] == "Any adverse event"]
    one, apart = line["arms"][0], line["differences"][0]
    low, high = (100 * end for end in one["ci"])
    share = f"{100 * one['risk']:.1f}% ({low:.1f} to {high:.1f})"
    assert plain(cells[1]) == f"{one['people']} of {one['of']}, {share}; {one['events']}" and one["events"] > 1
    assert cells[3].startswith(f"{100 * apart['estimate']:.1f}".replace("-", "−"))
    assert "not asked equally often" not in found.note
    assert "not asked equally often" in table(results, frozen_trial, alike=False).note


def test_where_nothing_happened_zero_has_an_upper_end_and_no_arm_is_called_safe(
    a_copy: Callable[[], Path], results: Any
) -> None:
    directory = with_harms(a_copy(), lambda one: not one.serious)  # some of them assessed, none of these serious
    told = results | {"harms": harms(read_frozen(directory))}
    (line,) = [one for one in told["harms"]["risks"] if one["kind"] == "serious"]
    assert [one["people"] for one in line["arms"]] == [0, 0]
    (apart,) = line["differences"]
    assert apart["estimate"] == 0 and apart["ci"][0] < 0 < apart["ci"][1]
    (cells,) = [row.cells for row in table(told, directory).rows if row.cells[0] == "Serious"]
    n, upper = line["arms"][0]["of"], 100 * line["arms"][0]["ci"][1]
    assert plain(cells[1]) == f"0 of {n}, 0.0% (0.0 to {upper:.1f}); 0" and upper > 5
    assert table(told, directory).columns[1].endswith("(95%\u00a0CI); events")


def test_what_nobody_has_assessed_is_not_said_to_be_none(a_copy: Callable[[], Path], results: Any) -> None:
    directory = with_harms(a_copy(), lambda one: one.source == "participant")
    told = results | {"harms": harms(read_frozen(directory))}
    assert told["harms"]["not_assessed"] > 0
    risks = table(told, directory)
    assert [row.cells[0] for row in risks.rows if row.kind == "under"] == ["Yes at least once", "Any adverse event"]
    assert "nobody knows how many were deaths, serious or severe" in risks.note
    told_unasked = tables_harms.events(told, Labels(read_frozen(directory).folder))
    (deaths,) = [row.cells[1:] for row in told_unasked.rows if row.cells[0] == "Deaths"]
    assert set(deaths) == {NONE} and "No event was assessed" in told_unasked.note


def test_of_some_that_wait_the_table_says_that_their_kind_is_not_known(
    a_copy: Callable[[], Path], results: Any
) -> None:
    directory = with_harms(a_copy(), lambda one: not one.serious)
    told = results | {"harms": harms(read_frozen(directory))}
    assert (
        f"of {told['harms']['not_assessed']} events that were not assessed nobody knows" in table(told, directory).note
    )


def test_an_arm_in_which_nobody_answered_is_not_compared(frozen_trial: Path, results: Any) -> None:
    frozen = read_frozen(frozen_trial)
    column = f"{results['harms']['instrument']}_{results['harms']['item']}"
    armed = frozen.data.arm_of
    kept = [one for one in frozen.items if one.item != column or armed[one.participant] == "gratitude"]
    told = results | {"harms": harms(replace(frozen, items=kept))}
    line = told["harms"]["risks"][0]
    assert (line["arms"][1]["risk"], line["differences"], line["not_compared"]) == (None, [], ["gratitude"])
    cells = table(told, frozen_trial).rows[1].cells
    assert cells[2:] == ("–", "–")


def test_several_arms_each_stand_against_the_reference_of_the_primary_contrast(tmp_path: Path) -> None:
    frozen = read_frozen(build_freeze(tmp_path, protocol=shipped("shapira-mongrain-2010"), randomized=90))
    reference = frozen.folder.protocol.analysis.primary.contrast[1]
    for line in harms(frozen)["risks"]:
        assert [one["reference"] for one in line["differences"]] == [reference] * 2
        assert {one["arm"] for one in line["differences"]} == {a.id for a in frozen.folder.protocol.arms} - {reference}
