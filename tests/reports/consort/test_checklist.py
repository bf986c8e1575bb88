"""The checklist: every item of CONSORT 2025 once, in its order, leading somewhere, and honest about who fills it."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.consort import checklist, states
from reports.consort.items import ITEMS
from reports.document import Paragraph, places
from reports.frozen import read_frozen
from reports.html import render_html
from reports.labels import Labels
from reports.results import frozen_results
from reports.sections import document
from tests.reports.builder import build_freeze
from trial.protocol_files import shipped

# what software can fill, by the count of who can fill what in the notes on CONSORT 2025
BY_SOFTWARE = [
    "2",
    "3",
    "4",
    "9",
    "10",
    "11",
    "12a",
    "14",
    "16a",
    "16b",
    "17a",
    "17b",
    "18",
    "19",
    "21a",
    "21b",
    "21c",
    "21d",
    "22a",
    "22b",
    "23a",
    "24a",
    "24b",
    "25",
    "26",
    "27",
    "28",
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Any]:
    """The trial of the demo, with pretend people."""
    directory = tmp_path_factory.mktemp("demo")
    frozen = read_frozen(build_freeze(directory, protocol=shipped("shapira-mongrain-2010")))
    return frozen_results(frozen), frozen.folder


@pytest.fixture(scope="module")
def lines(demo: tuple[dict[str, Any], Any]) -> list[checklist.Line]:
    results, folder = demo
    return checklist.lines(results, Labels(folder), document(results, folder).sections)


def test_every_item_and_letter_of_consort_2025_stands_once_in_its_order() -> None:
    numbers = [item.number for item in ITEMS]
    assert len(numbers) == len(set(numbers)) == 42
    assert [int(re.sub(r"\D", "", one)) for one in numbers] == sorted(int(re.sub(r"\D", "", one)) for one in numbers)
    assert {int(re.sub(r"\D", "", one)) for one in numbers} == set(range(1, 31))


def test_what_software_can_fill_is_marked_so() -> None:
    assert [item.number for item in ITEMS if item.by == "software"] == BY_SOFTWARE


def test_in_the_demo_every_item_that_software_can_fill_is_filled_but_for_facts_that_only_the_team_has(
    lines: list[checklist.Line],
) -> None:
    mine = [one for one in lines if one.list == "CONSORT 2025" and one.by == "software"]
    waiting = {one.item: one.state.note for one in mine if one.state.kind != "filled"}
    assert waiting == {
        "2": "administrative.registration in the protocol",
        "11": "administrative.countries in the protocol",
    }


def test_every_filled_item_leads_to_a_place_of_the_report(
    demo: tuple[dict[str, Any], Any], lines: list[checklist.Line]
) -> None:
    page = render_html(document(*demo))
    ids = set(re.findall(r'id="([^"]+)"', page))
    for one in lines:
        if one.state.kind == "filled":
            assert one.places, (one.list, one.item, one.asks)
        assert {to for to, _ in one.places} <= ids
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids


def test_every_place_that_an_item_names_is_one_of_the_report(demo: tuple[dict[str, Any], Any]) -> None:
    from reports.consort.extensions import EXTENSIONS

    known = set(places(document(*demo).sections)) | {
        "exploratory",
        "allocation-guess",
    }  # there where such were planned or asked
    named = {one for item in ITEMS for one in item.where}
    named |= {one for extension in EXTENSIONS for ask in extension.asks for one in ask.where}
    assert named <= known


def test_the_extensions_follow_the_design(demo: tuple[dict[str, Any], Any], lines: list[checklist.Line]) -> None:
    assert "CONSORT multi-arm 2019" in {one.list for one in lines}  # three arms
    clusters = next(one for one in lines if one.list == "CONSORT-SPI 2018" and one.own == "3a")
    assert clusters.state.kind == "not_applicable"


def test_two_arms_have_no_rows_for_more(frozen_trial: Path) -> None:
    frozen = replace(read_frozen(frozen_trial), conduct=None)
    results = frozen_results(frozen)
    found = checklist.lines(results, Labels(frozen.folder), document(results, frozen.folder).sections)
    assert "CONSORT multi-arm 2019" not in {one.list for one in found}
    changed = next(one for one in found if one.item == "10" and one.list == "CONSORT 2025")
    assert changed.state.kind == "not_recorded"  # this record was frozen by an earlier version


def test_what_only_a_person_can_write_has_a_hint(lines: list[checklist.Line]) -> None:
    left = [one for one in lines if one.state.kind == "person"]
    assert left and all(len(one.state.note) > 10 for one in left)
    main = [one.item for one in left if one.list == "CONSORT 2025"]
    assert {"1b", "6", "20b", "29", "30"} <= set(main) <= {"1b", "6", "20b", "23b", "29", "30"}


def test_in_the_demo_only_facts_and_choices_of_its_team_wait_for_words_of_the_protocol(
    lines: list[checklist.Line],
) -> None:
    waiting = {one.state.note for one in lines if one.state.kind == "waits"}
    assert waiting == {
        "administrative.registration in the protocol",
        "administrative.funder in the protocol",
        "administrative.people, with the key interests of each",
        "administrative.patient_involvement in the protocol",
        "administrative.countries in the protocol",
        "administrative.ethics in the protocol",
        "outcomes, depression, important_difference",
        "analysis.sensitivity, as method: per_protocol",
    }


def test_results_of_users_are_claimed_only_where_some_were_planned(
    lines: list[checklist.Line], frozen_trial: Path
) -> None:
    frozen = read_frozen(frozen_trial)  # which has an analysis per protocol
    results = frozen_results(frozen)
    assert "per_protocol" in {one["method"] for one in results["sensitivity"]}
    with_users = checklist.lines(results, Labels(frozen.folder), document(results, frozen.folder).sections)
    for found, kinds in ((lines, ["waits", "not_applicable"]), (with_users, ["filled", "filled"])):
        assert [one.state.kind for one in found if "denominators" in one.asks or "users alone" in one.asks] == kinds


def test_why_recruitment_ended_is_for_a_person_to_say_but_of_a_rehearsal(
    demo: tuple[dict[str, Any], Any], lines: list[checklist.Line]
) -> None:
    results, folder = demo
    few = results | {"recruitment": results["recruitment"] | {"randomised": 3, "target": 80}}
    kinds = []
    for rehearsal in ({"participants": 3}, None):
        facts = states.Facts(few | {"rehearsal": rehearsal}, Labels(folder))
        kinds.append(states.ended(facts).kind)
    assert kinds == ["filled", "person"]
    (ends,) = (one for one in lines if one.item == "23b" and one.list == "CONSORT 2025")
    assert checklist.in_words(ends).startswith("Software. A rehearsal ends")


def test_a_note_to_the_team_fills_no_item(demo: tuple[dict[str, Any], Any]) -> None:
    results, folder = demo
    tree = json.loads(folder.protocol.model_dump_json(by_alias=True))
    tree["administrative"]["patient_involvement"] = {"en": "[The team says here who of the people was asked.]"}
    tree["monitoring"]["committee"] = "[The team names two people who are not part of it.]"
    tree["arms"][0]["intervention"]["why"] = {"en": "[The team says here why it may work.]"}
    changed = replace(folder, protocol=folder.protocol.model_validate(tree))
    found = checklist.lines(results, Labels(changed), document(results, changed).sections)
    by_item = {one.item: one.state for one in found if one.list == "CONSORT 2025"}
    assert {by_item[one].kind for one in ("8", "13", "16b")} == {"waits"}
    assert "in the place of a note to the team" in by_item["8"].note


def test_on_a_phone_a_dash_takes_no_line_of_its_own(demo: tuple[dict[str, Any], Any]) -> None:
    page = render_html(document(*demo))
    dashes = re.findall(r'<td role="cell"([^>]*)><span class="of"[^>]*>[^<]*</span>–</td>', page)
    assert len(dashes) > 20 and set(dashes) == {' class="none"'}


def test_the_objectives_name_what_is_hoped_for_and_what_is_feared(demo: tuple[dict[str, Any], Any]) -> None:
    page = render_html(document(*demo))
    said = re.sub(r"<[^>]+>", "", page[page.index('id="methods-objectives"') : page.index('id="methods-design"')])
    assert "whether people do better with Self-compassionate letter than with Early memory in Depression" in said
    assert "(lower is better)" in said and "say yes to “Has anything got worse for you since last time?”" in said


def test_the_file_holds_the_same_lines(lines: list[checklist.Line]) -> None:
    found = list(csv.DictReader(io.StringIO(checklist.as_csv(lines).decode())))
    assert [one["item"] for one in found] == [one.item for one in lines]
    assert [one["ids"] for one in found] == ["; ".join(to for to, _ in one.places) for one in lines]
    assert {one["state"] for one in found} <= {"filled", "waits", "person", "not_applicable", "not_recorded"}


def test_the_items_named_above_the_list_and_those_filled_are_all_of_them(frozen_trial: Path) -> None:
    frozen = read_frozen(frozen_trial)
    sections = document(frozen_results(frozen), frozen.folder).sections
    (words,) = [
        one.blocks[0].text for one in sections if one.id == "checklist" and isinstance(one.blocks[0], Paragraph)
    ]
    filled, every = map(int, re.findall(r"^(\d+) of (\d+) items", words)[0])
    named = [item for part in re.findall(r": ([\w, ]+)\.", words) for item in part.split(", ")]
    assert "Does not apply: 12b" in words and filled + len(named) == every == len(set(named)) + filled
