"""What people guessed of their arm: counted as planned, with an interval, and read as proof of nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reports.blind import CutFacts, blind_results
from reports.document import Paragraph, Section, Table
from reports.frozen import Frozen, read_frozen
from reports.guesses import allocation_guess, sections
from reports.labels import Labels
from reports.methods import analysis
from reports.protocol_document.names import Names
from reports.protocol_document.outcomes import analysis as planned_analysis
from reports.results import frozen_results, outside_results
from reports.sections import document
from tests.reports import guessed
from tests.reports.bare_numbers import bare_on_page, own_texts
from tests.reports.planned import plan
from trial.core.errors import ProtocolInvalid
from trial.core.guesses import find
from trial.protocol_files import ProtocolFolder, read_folder
from trial.stats.blinding import blinding_index

KNEW = {"gratitude": {"good": 18, "plain": 4, "not_known": 3}, "chores": {"good": 9, "plain": 9, "not_known": 2}}


def found_in(frozen: Frozen) -> dict[str, Any]:
    return {
        "allocation_guess": allocation_guess(frozen.folder, frozen.data, frozen.items),
        "trial": {"kind": "rehearsal"},
    }


def frozen_with(parent: Path, answers: Mapping[str, Mapping[str, int]], timepoint: str = "week_1") -> Frozen:
    return read_frozen(guessed.freeze(parent, answers, timepoint=timepoint))


def section(frozen: Frozen) -> Section:
    (one,) = sections(found_in(frozen), Labels(frozen.folder))
    return one


def words(frozen: Frozen) -> str:
    return " ".join(block.text for block in section(frozen).blocks if isinstance(block, Paragraph))


def test_right_wrong_and_unsure_are_counted_by_arm_as_the_plan_says(tmp_path: Path) -> None:
    found = found_in(frozen_with(tmp_path, KNEW))["allocation_guess"]
    assert (found["item"], found["planned"]) == ("since_which_list", True)
    places = [(one["timepoint"], one["when"], one["arm"]) for one in found["lines"]]
    times = (("week_1", "before"), ("week_2", "with"), ("week_6", "after"))
    assert places == [(point, when, arm) for point, when in times for arm in ("gratitude", "chores")]
    one, other = found["lines"][:2]
    assert (one["n"], one["right"], one["wrong"], one["unsure"]) == (25, 18, 4, 3)
    assert (other["n"], other["right"], other["wrong"], other["unsure"]) == (20, 9, 9, 2), "plain is right here"
    assert one["index"] == pytest.approx(14 / 25) and other["index"] == 0
    expected = blinding_index("gratitude", 18, 4, 3)
    assert one["ci"] == pytest.approx(list(expected.ci))
    later = found["lines"][2]
    assert (later["n"], later["index"], later["ci"]) == (0, None, None)


@pytest.mark.parametrize(
    ("answers", "says", "says_not"),
    [
        (
            {"good": 20, "plain": 3},
            "the data speak for more right guesses than wrong ones",
            "no evidence that people only",
        ),
        (
            {"good": 3, "plain": 20},
            "the data speak for more wrong guesses than right ones",
            "no evidence that people only",
        ),
        (
            {"good": 11, "plain": 10},
            "the interval holds zero, which is no evidence that people only guessed",
            "speak for",
        ),
        ({}, "nobody answered", "speak for"),
    ],
)
def test_a_sentence_says_what_the_interval_allows_and_no_more(
    tmp_path: Path, answers: dict[str, int], says: str, says_not: str
) -> None:
    frozen = frozen_with(tmp_path, {"gratitude": answers, "chores": {}})
    assert says in words(frozen) and says_not not in words(frozen)
    assert not re.search(r"blinding (was|is)|was (un)?blinded|success", words(frozen))
    assert "proves neither that people knew their arm nor that they did not" in words(frozen)


@pytest.mark.parametrize(
    ("timepoint", "says"),
    [
        ("week_1", "At 1 week it was asked before the primary outcome."),
        (
            "week_2",
            "At 2 weeks it was asked together with the primary outcome, so that people may have guessed from how",
        ),
        ("week_6", "At 6 weeks it was asked after the primary outcome, so that people may have guessed from how"),
    ],
)
def test_the_report_says_when_it_was_asked(tmp_path: Path, timepoint: str, says: str) -> None:
    assert says in words(frozen_with(tmp_path, KNEW, timepoint))


def test_the_table_gives_each_count_and_the_interval(tmp_path: Path) -> None:
    (table,) = [one for one in section(frozen_with(tmp_path, KNEW)).blocks if isinstance(one, Table)]
    low, high = blinding_index("gratitude", 18, 4, 3).ci
    assert ("Gratitude list", "25", "18", "4", "3", f"0.56 ({low:.2f} to {high:.2f})") in [r.cells for r in table.rows]
    assert ("Gratitude list", "0", "0", "0", "0", "–") in [row.cells for row in table.rows]


def planned_and_done(results: Any, folder: ProtocolFolder) -> list[tuple[str, ...]]:
    found = next(one for one in document(results, folder).sections if one.id == "planned")
    return [row.cells for one in found.blocks if isinstance(one, Table) for row in one.rows]


def test_everything_of_it_has_its_key_and_the_methods_say_how_it_is_counted(tmp_path: Path) -> None:
    from reports.html import render_html
    from reports.keys import keyed

    frozen = frozen_with(tmp_path, KNEW)
    results = frozen_results(frozen)
    labels = Labels(frozen.folder)
    assert bare_on_page(render_html(document(keyed(results), frozen.folder)), own_texts(labels)) == []
    said = "“One of good things” is right in Gratitude list; “One of plain things” is right in Chores list"
    assert said in dict(analysis(results, labels).items)["Guess of allocation"]
    assert said in repr(list(planned_analysis(Names(frozen.folder))))
    for told, done in ((results, "Carried out."), (results | {"allocation_guess": None}, "Not carried out.")):
        row = next(row for row in planned_and_done(told, frozen.folder) if row[0] == "Guess of allocation")
        assert row[2].startswith(done) and row[3] == ("Same" if done == "Carried out." else "Differs")


def test_the_question_of_the_library_comes_out_as_exploratory_where_no_plan_names_it(tmp_path: Path) -> None:
    folder = guessed.protocol(tmp_path, analysis=re.sub(r"  allocation_guess:\n(    .*\n)+", "", plan("guess")))
    assert allocation_guess(read_folder(folder), None, []) is None, "another question is none of ours"  # type: ignore[arg-type]
    protocol, old = folder / "protocol.yaml", folder / "instruments" / "since.yaml"
    protocol.write_text(protocol.read_text(encoding="utf-8").replace("since", "allocation_guess"), encoding="utf-8")
    old.unlink()
    from tests.reports.builder import build_freeze, resealed
    from trial.core.dataset import ItemRow, write_rows

    directory = build_freeze(tmp_path / "freeze", protocol=folder)
    frozen = read_frozen(directory)
    some = sorted(code for code, arm in frozen.data.arm_of.items() if arm == "chores")[:7]
    rows = [ItemRow(code, "week_1", 1, "early", "allocation_guess_guess", "comparison") for code in some]
    frozen = read_frozen(resealed(directory, {"items.csv": write_rows([*frozen.items, *rows], ItemRow)}))
    found = found_in(frozen)["allocation_guess"]
    assert found["planned"] is False
    assert [one["right"] for one in found["lines"] if one["timepoint"] == "week_1"] == [0, 7]
    assert "this is exploratory" in words(frozen)


def test_where_nobody_asks_there_is_no_such_section(frozen_trial: Path) -> None:
    frozen = read_frozen(frozen_trial)
    found = found_in(frozen)
    assert found["allocation_guess"] is None and sections(found, Labels(frozen.folder)) == []
    assert outside_results(frozen.folder, frozen.data)["allocation_guess"] is None


def test_nothing_of_it_is_told_before_the_lock(tmp_path: Path) -> None:
    frozen = frozen_with(tmp_path, KNEW)
    days = {one.participant: 60 for one in frozen.dispositions if one.stage == "randomized"}
    found = blind_results(frozen, CutFacts(1, "2041-03-04", "ab" * 32, days, [60]))
    assert "allocation_guess" not in found and "which_list" not in repr(found)


MISTAKES = {
    "no such item": ("item: which_list", "item: whose", "there is no item of 'since' 'whose'"),
    "no such answer": ("answer: plain", "answer: dull", "there is no answer of 'which_list' 'dull'"),
    "no such arm": ("arms: [chores]", "arms: [walks]", "there is no arm 'walks'"),
    "no such instrument": ("instrument: since", "instrument: sense", "there is no instrument of this protocol 'sense'"),
    "not one of several answers": ("instrument: since\n    item: which_list", "instrument: after\n    item: worse",
                                   "'worse' is no item of type `choice`"),
    "right twice": ("arms: [chores]", "arms: [chores, gratitude]", "two answers are right for 'gratitude'"),
    "one answer": ("      - {answer: plain, arms: [chores]}\n", "", "right"),
    "the same answer": ("answer: plain", "answer: good", "used twice"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_question_that_cannot_be_counted_is_refused_where_it_stands(tmp_path: Path, mistake: str) -> None:
    old, new, says = MISTAKES[mistake]
    text = plan("guess")
    assert text.count(old) == 1
    with pytest.raises(ProtocolInvalid) as refused:
        read_folder(guessed.protocol(tmp_path, analysis=text.replace(old, new)))
    assert says in str(refused.value) + repr(refused.value.problems)


def test_a_question_that_nobody_is_asked_after_randomisation_or_in_a_single_arm_is_refused() -> None:
    item = {"id": "arm", "type": "choice", "choices": [{"value": "a"}, {"value": "b"}]}
    right = [{"answer": "a", "arms": ["one"]}, {"answer": "b", "arms": ["two"]}]
    tree = {
        "arms": [{"id": "one"}],
        "activities": [{"id": "first", "instruments": ["asked"]}],
        "timepoints": [{"id": "start", "anchor": "consent", "activities": ["first"]}],
        "analysis": {"allocation_guess": {"instrument": "asked", "item": "arm", "right": right}},
    }
    said = [one.what for one in find(tree, {"asked": {"items": [item]}})]
    assert said == ["in a single arm there is nothing to guess.", "'asked' is never asked after randomisation."]
    later = [*tree["timepoints"], {"id": "week", "days": [7], "activities": ["first"]}]
    fine = tree | {"arms": [{"id": "one"}, {"id": "two"}], "timepoints": later}
    assert list(find(fine, {"asked": {"items": [item]}})) == []
