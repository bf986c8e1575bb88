"""Every number of a report leads to results.json or to the protocol, and is what stands there, rounded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports import figures, tables_outcomes
from reports.document import Document, Paragraph
from reports.docx import render_docx
from reports.frozen import read_frozen
from reports.html import render_html
from reports.keys import keyed, keys_of, of_protocol, plain, said, worked_out
from reports.labels import Labels
from reports.marks import pieces, unkeyed
from reports.numbers import count, number, p_value
from reports.pictures import png_files
from reports.results import frozen_results, write_results
from reports.sections import document
from tests.reports.bare_numbers import Page, bare, bare_in_word, bare_on_page, own_texts
from tests.reports.builder import build_freeze
from tests.reports.planned import plan, results_of
from trial.protocol_files.folder import shipped

Made = tuple[dict[str, Any], Labels]


def frozen_of(name: str) -> Callable[[Path], Made]:
    def make(parent: Path) -> Made:
        frozen = read_frozen(build_freeze(parent / "freeze", protocol=shipped(name), randomized=90))
        return frozen_results(frozen), Labels(frozen.folder)

    return make


def small(parent: Path) -> Made:
    frozen = read_frozen(build_freeze(parent / "freeze"))
    return frozen_results(frozen), Labels(frozen.folder)


def planned(name: str) -> Callable[[Path], Made]:
    return lambda parent: results_of(parent, plan(name))


TRIALS: dict[str, Callable[[Path], Made]] = {
    "the small trial": small,
    "a plan with families and subgroups": planned("families"),
    "three arms": frozen_of("shapira-mongrain-2010"),
    "a waiting list": frozen_of("examples/waitlist"),
    "a factorial trial": frozen_of("examples/factorial"),
    "a plan for missing outcomes": planned("missing"),
}


@pytest.fixture(scope="module", params=TRIALS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return TRIALS[request.param](tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def written(made: Made) -> Document:
    return document(keyed(made[0]), made[1].folder)


@pytest.fixture(scope="module")
def page(written: Document) -> str:
    return render_html(written)


@pytest.fixture(scope="module")
def pictures(written: Document) -> Mapping[str, list[bytes]]:
    return png_files(written)


def test_no_number_on_the_page_is_without_a_key(made: Made, page: str) -> None:
    assert bare_on_page(page, own_texts(made[1])) == []


def test_no_number_in_the_word_file_is_without_a_key(
    made: Made, written: Document, pictures: Mapping[str, list[bytes]]
) -> None:
    assert bare_in_word(render_docx(written, pictures), written, own_texts(made[1])) == []


def test_a_number_without_a_key_is_found(made: Made, written: Document, pictures: Mapping[str, list[bytes]]) -> None:
    """The control: one sentence more, and both greps see its number."""
    first = written.sections[0]
    spoiled = replace(first, blocks=(*first.blocks, Paragraph("Of these, 123 liked it.")))
    written = replace(written, sections=(spoiled, *written.sections[1:]))
    own = own_texts(made[1])
    assert bare_on_page(render_html(written), own) == ["Of these, 123 liked it."]
    assert bare_in_word(render_docx(written, pictures), written, own) == ["Of these, 123 liked it."]


def test_keys_change_no_letter_of_the_report(made: Made, written: Document) -> None:
    assert unkeyed(written) == document(made[0], made[1].folder)


def at(results: Any, key: str) -> Any:
    for part in key.split("."):
        results = results[int(part)] if isinstance(results, list) else results[part]
    return results


def test_every_key_leads_to_a_value(made: Made, page: str) -> None:
    results = json.loads(write_results(made[0]))
    found = {key for _, keys in Page(page).keyed for key in keys}
    assert len(found) > 50
    for key in found:
        if ":" not in key:
            assert not isinstance(at(results, key), dict | list), key


def test_a_number_with_one_key_is_the_value_there_as_a_journal_prints_it(made: Made, page: str) -> None:
    results = json.loads(write_results(made[0]))
    checked = 0
    for text, keys in Page(page).keyed:
        shown = re.fullmatch(r"(−?)([\d,]+(?:\.(\d+))?)", text)
        value = at(results, keys[0]) if len(keys) == 1 and ":" not in keys[0] else None
        if shown and isinstance(value, int | float) and not isinstance(value, bool):
            digits = float(shown[2].replace(",", ""))
            half = 0.5 * 10.0 ** -len(shown[3] or "")
            # as it is, in per cent, seconds as minutes, and what an interval or a power leaves to one
            known = (abs(value), abs(100 * value), abs(value) / 60, abs(1 - value), abs(100 * (1 - value)))
            assert any(abs(digits - one) <= half + 1e-9 for one in known), (text, keys, value)
            checked += 1
    assert checked > 50


def test_a_number_worked_out_of_others_has_the_keys_of_all() -> None:
    a, b = keyed({"a": 3, "b": [1.5]}).values()
    assert keys_of(a + b[0]) == keys_of(sum([a, b[0]])) == ("a", "b.0")
    assert keys_of(-b[0], abs(b[0]), round(100 * b[0]), 1 - b[0]) == ("b.0",)
    assert next(iter(pieces(f"{100 * b[0]:g}%"))).keys == ("b.0",)
    assert (a + b[0], a // 2, round(b[0] * 2), a**2) == (4.5, 1, 3, 9)


def test_a_keyed_number_is_its_number_for_everything_else() -> None:
    one = keyed({"n": 12, "x": -0.5, "yes": True, "words": "12 people", "problem": "Only 2."})
    assert json.dumps(plain(one)) == json.dumps(one)
    assert type(plain(one["n"])) is int and type(plain(one["x"])) is float and type(plain(one["problem"])) is str
    assert one["yes"] is True and keys_of(one["words"]) == ()
    assert {12: "found"}[one["n"]] == "found"


def test_texts_of_numbers_carry_keys_and_numbers_without_keys_make_plain_texts() -> None:
    one = keyed({"p": 0.0004, "n": 1234, "x": -3.21})
    for text, key, shown in ((p_value(one["p"]), "p", "< 0.001"), (count(one["n"]), "n", "1,234"), (
        number(one["x"], 1), "x", "−3.2")):  # fmt: skip
        (piece,) = pieces(text)
        assert (piece.text, piece.keys) == (shown, (key,))
    assert count(1234) == "1,234" and said("x", 3) == "x" and worked_out(2, [1, 2]) == 2


def test_a_number_of_the_protocol_has_its_key_only_beside_a_result_with_one() -> None:
    assert keys_of(of_protocol(2.0, "outcomes.mood", beside=keyed({"n": 1}))) == ("protocol: outcomes.mood",)
    assert keys_of(of_protocol(2.0, "outcomes.mood", beside={"n": 1})) == ()


def test_what_is_allowed_is_no_more_than_it_says() -> None:
    assert bare("CONSORT 2025, item 19, on 2026-01-31; see Table 3", []) == []
    assert bare("2025 people", []) and bare("Of 100", []) and bare("0 people", [])
    assert bare("6 weeks", ["6 weeks"]) == [] and bare("16 weeks", ["6 weeks"])


def test_a_number_that_leads_to_the_protocol_leads_to_words_that_stand_there(made: Made, page: str) -> None:
    """A level of confidence stands in results.json, also where the protocol leaves it to its default."""
    leading = set(re.findall(r'data-key="protocol: ([\w.]+)"', page))
    for key in leading:
        at: Any = made[1].folder.protocol
        for part in key.split("."):
            if isinstance(at, list):
                at = next(one for one in at if one.id == part)
                continue
            assert part in at.model_fields_set, key
            at = getattr(at, part)
    assert "analysis.level" not in leading


def test_a_share_is_written_in_one_way(page: str) -> None:
    text = re.sub(r"<[^>]+>", "", page)
    assert re.findall(r"\d%", text) and re.findall(r".{20}\d[ \u00a0]%", text) == []


def test_outcomes_stand_in_the_same_order_in_every_table_and_figure(made: Made) -> None:
    results, labels = made
    outcomes = [one.id for one in labels.folder.protocol.outcomes]
    scores = list(dict.fromkeys(one.score for one in labels.folder.protocol.outcomes))
    reliable = [one for one in dict.fromkeys(line["score"] for line in results["reliability"] or ()) if one in scores]
    assert reliable == sorted(reliable, key=scores.index)
    its = labels.in_order(results["estimates"])
    assert its[0] == results["estimates"][0]
    contrasts = list(dict.fromkeys(labels.compared(one) for one in its))
    assert [labels.compared(one) for one in its] == sorted(map(labels.compared, its), key=contrasts.index)
    for contrast in contrasts:
        own = [one["outcome"] for one in its if labels.compared(one) == contrast and one["analysis"] == "secondary"]
        assert own == sorted(own, key=outcomes.index)
    drawn = [row for row in figures.forest_rows(results, labels) if not isinstance(row, str) and not row.primary]
    tables = tables_outcomes.estimates(results, labels, "secondary")
    printed = [row.cells[0] for one in tables for row in one.rows if row.kind == "under"]
    second = [one for one in its if one["analysis"] == "secondary"]

    def named(one: Mapping[str, Any]) -> str:
        return f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"

    assert printed == [named(one) for one in second]
    assert [row.label for row in drawn] == [named(one) for one in second if one["g"]]
