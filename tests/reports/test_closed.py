"""The closed report of a cut: the arms in the order of the protocol, and a rehearsal that says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports import blind_page
from reports.blind import CutFacts, blind_results
from reports.closed import MARK, closed_document, closed_results
from reports.document import Paragraph, Table
from reports.frozen import Frozen, read_frozen
from reports.results import write_results


@pytest.fixture(scope="module")
def frozen(frozen_trial: Path) -> Frozen:
    return read_frozen(frozen_trial)


def facts(frozen: Frozen, groups: dict[str, str] | None = None) -> CutFacts:
    people = [one.participant for one in frozen.dispositions if one.stage == "randomized"]
    return CutFacts(1, "2041-03-04T09:00:00+00:00", "ab" * 32, dict.fromkeys(people, 90), [20, 0, 40], groups)


def values(found: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(write_results(found))
    return told


def test_arms_stand_in_the_order_of_the_protocol_in_every_table(frozen: Frozen) -> None:
    protocol = frozen.folder.protocol
    turned = protocol.model_copy(update={"arms": list(reversed(protocol.arms))})
    for each in (protocol, turned):
        its = replace(frozen, folder=replace(frozen.folder, protocol=each))
        assert closed_results(its, facts(frozen), ())["groups"] == [arm.label["en"] for arm in each.arms]


def test_a_rehearsal_says_so_on_every_page_of_its_closed_report(frozen: Frozen) -> None:
    found = values(closed_results(frozen, facts(frozen), ()))
    for kind, mark in (("live", MARK), ("rehearsal", f"Rehearsal: all participants are pretend people. {MARK}")):
        assert closed_document(found | {"trial": found["trial"] | {"kind": kind}}, frozen).mark == mark


def test_a_look_that_no_protocol_registers_is_not_one_of_none(frozen: Frozen) -> None:
    assert frozen.folder.protocol.monitoring is None
    (look,) = [
        words
        for section in closed_document(values(closed_results(frozen, facts(frozen), ())), frozen).sections
        for block in section.blocks
        for name, words in getattr(block, "items", ())
        if name == "Look"
    ]
    assert look == "1; the protocol registers none"


def test_a_closed_report_says_which_cut_it_is_and_how_many_events_wait(frozen: Frozen) -> None:
    found = values(closed_results(frozen, facts(frozen), ()))
    summary = closed_document(found, frozen).sections[0]
    said = [block.text for block in summary.blocks if isinstance(block, Paragraph)]
    assert any(one.startswith("Cut 1, taken on 2041-03-04. 60 of the 60 people sought") for one in said)
    waits = found["harms"]["not_assessed"]
    assert waits and said[-1].startswith(f"{waits} adverse events were not assessed")


def test_a_reason_that_holds_of_several_analyses_is_said_once_and_names_the_arm(frozen: Frozen) -> None:
    table = frozen.data.table
    baseline_alone = {key: one for key, one in table.scores.items() if key[1] == "baseline"}
    nothing = {key: np.full(len(table.participants), np.nan) for key in table.scores if key not in baseline_alone}
    data = replace(frozen.data, table=replace(table, scores=baseline_alone | nothing))
    its = replace(frozen, data=data)
    found = values(closed_results(its, facts(frozen), ()))
    (note,) = [
        block.note
        for section in closed_document(found, its).sections
        for block in section.blocks
        if isinstance(block, Table) and block.id == "secondary-estimates"
    ]
    arm = frozen.folder.protocol.arms[0]
    assert note.count("has no participant") == 1 and arm.id not in note and f"“{arm.label['en']}”" in note


def test_a_blind_table_of_harms_has_the_lines_that_happened_and_says_how_many_wait(frozen: Frozen) -> None:
    found = values(blind_results(frozen, facts(frozen)))
    tables = [
        block
        for section in blind_page.blind_document(found, frozen.folder).sections
        for block in section.blocks
        if isinstance(block, Table) and block.id == "adverse-events-table"
    ]
    (table,) = tables
    lines = [row for row in table.rows if row.kind == "under"]
    assert lines and all(row.cells[-1].split(" / ")[-1] != "0" for row in lines)
    assert {row.cells[0] for row in table.rows} >= {"Any adverse event", "Deaths"}
    for waiting, said in ((1, "1 of the events was not assessed"), (2, "2 of the events were not assessed")):
        told = found | {"harms": found["harms"] | {"not_assessed": waiting}}
        page = blind_page.blind_document(told, frozen.folder)
        notes = [block.note for section in page.sections for block in section.blocks if isinstance(block, Table)]
        assert any(said in note for note in notes)
