"""What each arm was given, planned and done, other help, attrition, the paragraphs: read from one frozen rehearsal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reports.attrition import attrition
from reports.consort import other_help, paragraphs, planned_done, tidier
from reports.document import Figure, Paragraph, Table, Terms
from reports.frozen import Frozen, read_frozen
from reports.html import render_html
from reports.labels import Labels
from reports.results import frozen_results
from reports.sections import document
from tests.reports.builder import build_freeze, conduct
from trial.protocol_files import shipped

MASKED = re.compile(r"(double|single|triple)[- ]?blind", re.IGNORECASE)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Frozen:
    return read_frozen(build_freeze(tmp_path_factory.mktemp("small")))


@pytest.fixture(scope="module")
def results(frozen: Frozen) -> dict[str, Any]:
    return frozen_results(frozen)


@pytest.fixture(scope="module")
def labels(frozen: Frozen) -> Labels:
    return Labels(frozen.folder)


def lines(blocks: list[Any], table: str) -> dict[str, tuple[str, ...]]:
    found = next(one for one in blocks if isinstance(one, Table) and one.id == table)
    return {row.cells[0]: row.cells[1:] for row in found.rows}


def test_every_item_of_tidier_stands_for_every_arm(results: dict[str, Any], labels: Labels) -> None:
    found = lines(tidier.blocks(results, labels), "tidier-1")
    assert [int(one.split(".")[0]) for one in found] == list(range(1, 13))
    assert all(len(cells) == 2 and all(cells) for cells in found.values())
    assert found["10. Modifications"][0] == "None: one version of the protocol ran throughout."
    done = next(one for one in results["adherence"] if one["arm"] == "gratitude")
    assert f"Minimum dose: {done['minimum_dose']} (" in found["12. How well: actual"][0]


def test_planned_and_done_marks_what_differs(results: dict[str, Any], labels: Labels) -> None:
    found = lines(planned_done.blocks(results, labels), "planned-trial")
    assert found["People randomised"] == ("60", "60", "Same")
    assert found["Recruitment from"] == ("not stated in the protocol", "2026-01-05", planned_done.OPEN)
    fewer = results | {"recruitment": results["recruitment"] | {"target": 80}}
    again = lines(planned_done.blocks(fewer, labels), "planned-trial")
    assert again["People randomised"] == ("80", "60", "Differs")


@pytest.mark.parametrize(
    ("looks", "said", "mark"),
    [
        ([], "none by this software", "No plan"),
        ([0.4, 0.625], "2, at 40% and 62% of the information", "Differs"),
        (None, "–", "Not recorded"),
    ],
)
def test_looks_at_the_arms_that_were_made_are_told_even_where_none_was_planned(
    results: dict[str, Any], labels: Labels, looks: list[float] | None, said: str, mark: str
) -> None:
    found = lines(planned_done.blocks(results | {"looks": looks}, labels), "planned-trial")
    assert found["Interim analyses"] == ("not stated in the protocol", said, mark)


def test_an_analysis_that_failed_differs_from_the_plan(results: dict[str, Any], labels: Labels) -> None:
    failed = results["estimates"][1] | {"problem": "Nobody came back."}
    changed = results | {"estimates": [results["estimates"][0], failed, *results["estimates"][2:]]}
    table = next(
        one for one in planned_done.blocks(changed, labels) if isinstance(one, Table) and one.id == "planned-analyses"
    )
    marks = [row.cells[-1] for row in table.rows]
    assert marks.count("Differs") == 1 and "Not carried out. Nobody came back." in table.rows[1].cells


def test_amendments_and_deviations_are_listed(results: dict[str, Any], labels: Labels) -> None:
    made = [
        {"part": "sample size, target", "before": "60", "after": "80", "change": "substantial"},
        {"part": "mail evening, its words (en)", "before": "", "after": "", "change": "correction"},
        {"part": "arm gratitude, ratio", "before": "1", "after": "2", "change": "randomization"},
        {"part": "safety, rule low, when", "before": "mood >= 5", "after": "mood >= 4", "change": "urgent_safety"},
    ]
    later = {"version": "1.1", "registered": "2026-03-01", "change": "randomization", "changes": made}
    stop = {"since": "2026-02-01T09:00+00:00", "until": "2026-02-03T10:30+00:00"}
    conduct = results["conduct"] | {"versions": [*results["conduct"]["versions"], later], "stops": [stop]}
    found = planned_done.blocks(results | {"conduct": conduct}, labels)
    said = dict(next(one for one in found if isinstance(one, Terms)).items)
    assert said["Amendments"].startswith(
        "Version 1.1 on 2026-03-01 (substantial, urgent for safety and of the allocation)."
    )
    assert said["Stops of all mail"].startswith("Once, from 2026-02-01 09:00 to 2026-02-03 10:30 UTC.")
    tables = {one.id: one for one in found if isinstance(one, Table)}
    assert [row.cells for row in tables["amendments-table"].rows] == [
        ("Version 1.1, 2026-03-01",),
        ("Sample size, target", "60", "80", "asks for consent again"),
        ("Mail evening, its words (en)", "–", "–", "correction"),
        ("Arm gratitude, ratio", "1", "2", "another epoch of the allocation"),
        ("Safety, rule low, when", "mood >= 5", "mood >= 4", "urgent for safety"),
    ]
    assert [row.cells for row in tables["deviations-table"].rows] == [
        ("Something came too early or too late", "2", "1")
    ]


def test_a_record_that_knows_of_no_stops_says_nothing_of_them(results: dict[str, Any], labels: Labels) -> None:
    for stops, said in ((None, None), ([], "None.")):
        told = results | {"conduct": results["conduct"] | {"stops": stops}}
        terms = next(one for one in planned_done.blocks(told, labels) if isinstance(one, Terms))
        assert dict(terms.items).get("Stops of all mail") == said


def test_attrition_only_falls_and_begins_with_what_was_done(frozen: Frozen, results: dict[str, Any]) -> None:
    for arm in ("gratitude", "chores"):
        mine = [one for one in results["attrition"] if one["arm"] == arm]
        assert [one["day"] for one in mine] == [1, 2, 3, 14, 42]
        still = [one["still"] for one in mine]
        assert still == sorted(still, reverse=True)
        assert all(one["did"] <= one["still"] <= one["of"] for one in mine)
        assert mine[-1]["did"] == mine[-1]["still"]
    answered = {one["arm"]: one["answered"] for one in results["missing"] if one["timepoint"] == "week_6"}
    assert {one["arm"]: one["did"] for one in results["attrition"] if one["timepoint"] == "week_6"} == answered


def test_data_from_elsewhere_have_the_attrition_of_questionnaires_alone(frozen: Frozen) -> None:
    found = attrition(frozen.folder.protocol, frozen.data, None)
    assert {one["timepoint"] for one in found} == {"week_2", "week_6"}
    assert all(one["did"] <= one["still"] for one in found)


def test_the_diagram_stands_with_its_numbers(frozen: Frozen, results: dict[str, Any]) -> None:
    missing = next(one for one in document(results, frozen.folder).sections if one.id == "missing")
    figure = next(one for one in missing.blocks if isinstance(one, Figure))
    assert figure.table is not None and "day 42" in figure.drawing.description


def test_other_help_is_told_where_it_was_asked(tmp_path: Path, results: dict[str, Any], labels: Labels) -> None:
    assert "No questionnaire asked" in other_help.blocks(results, labels)[0].text  # type: ignore[union-attr]
    demo = read_frozen(build_freeze(tmp_path, protocol=shipped("shapira-mongrain-2010")))
    assert other_help.columns(demo.folder) == {"since_last_time_other_help": "since_last_time"}
    found = frozen_results(demo)["other_help"]
    assert {one["timepoint"] for one in found} == {"week_1", "month_1", "month_3", "month_6"}


def test_the_paragraphs_hold_design_and_result_and_claim_no_masking(results: dict[str, Any], labels: Labels) -> None:
    said = [one.text for one in paragraphs.blocks(results, labels) if isinstance(one, Paragraph)]
    methods, what = said[1], said[2]
    assert "2 parallel arms, allocation 1:1, superiority" in methods and "60 people were sought" in methods
    assert "reported by the participants themselves" in methods
    assert "60 were randomised" in what and "confidence interval" in what


def test_no_report_calls_a_trial_of_self_report_blind(frozen: Frozen, results: dict[str, Any]) -> None:
    assert not MASKED.search(render_html(document(results, frozen.folder)))


def test_the_record_keeps_what_the_freeze_told_of_the_conduct(results: dict[str, Any]) -> None:
    assert results["conduct"]["opened"] == conduct(60)["opened"]
    first = {"version": "1.0", "registered": "2026-01-05", "change": None, "changes": []}
    assert results["conduct"]["versions"] == [first]
