"""Wording that does not fit the key is refused with its place, and nothing of it is taken."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocol_files.wording.scale import ANSWERS, ITEMS, KEY, choices, matrix, qsf, redcap, refused, table, taken
from trial.protocol_files.wording import read

ONE, TWO, THREE = ITEMS


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (f"1. {ONE}\n3. {THREE}", None, "item 2 (Umbrella) is missing"),
        (f"1. {ONE}\n2. {TWO}\n3. {THREE}\n4. More.", 4, "the key has no item '4'; it has 3 items"),
        (f"1. {ONE}\n2. {TWO}\n2. {THREE}", 3, "item 2 stands here a second time; the first is on line 2"),
        (f"1. {ONE}\n3. {THREE}\n2. {TWO}", 3, "item 2 stands after item 3"),
        (f"{ONE}\n1. {TWO}\n2. {THREE}", 1, "has no number, and others have one"),
        (f"{ONE}\n{TWO}", 2, "it holds 2 items, the key has 3"),
        (f"{ONE}\n{TWO}\n{THREE}\nMore.", 4, "it holds 4 items, the key has 3"),
        (f"{ONE}\n{TWO}\n{ONE}", 3, "has the words of"),
        ("Kettle\nUmbrella\nStairs", 1, "the short topics of the key, not the official wording"),
        (f"{ONE}\n{TWO} (R)\n{THREE}", 2, "a mark for scoring"),
        (f"{ONE}\n{TWO}\n{'Stairs. ' * 200}", 3, "longer than 1000 characters"),
        ("", None, "no item was found"),
        ("\n \n\t\n", None, "no item was found"),
    ],
)
def test_pasted_items_that_do_not_fit_are_told_by_line(text: str, line: int | None, what: str) -> None:
    problems = refused(text)
    assert any(what in one.what and one.line == line for one in problems), problems


def test_every_misfit_is_told_in_one_run() -> None:
    said = " ".join(one.what for one in refused(f"2. {TWO}\n2. {ONE}\n5. More."))
    assert "item 2 stands here a second time" in said and "no item '5'" in said
    assert "item 1 (Kettle) is missing" in said and "item 3 (Stairs) is missing" in said


@pytest.mark.parametrize("start", [1, -1])
def test_answers_on_another_range_are_refused(start: int) -> None:
    problems = refused(redcap(answers=choices(start=start)), "d.csv")
    assert [one.line for one in problems] == [4, 5, 6]
    assert "the key has 0, 1, 2" in problems[0].what
    assert "the key has 0, 1, 2" in refused(qsf(matrix(codes=(1, 2, 3))), "s.qsf")[0].what


def test_fewer_answers_than_the_key_has_are_refused() -> None:
    assert "has the answers 0, 1; the key has 0, 1, 2" in refused(redcap(answers=choices(ANSWERS[:2])), "d.csv")[0].what


def test_answers_that_run_the_other_way_are_refused() -> None:
    (first, *_) = refused(redcap(answers=choices(ANSWERS[::-1])), "d.csv")
    assert "run the other way: 0 is 'Very much'" in first.what and "'Not true at all'" in first.mend
    assert "run the other way" in refused(qsf(matrix(codes=(2, 1, 0))), "s.qsf")[0].what


def test_answers_that_are_only_listed_from_the_highest_are_the_same_answers() -> None:
    listed = " | ".join(reversed(choices().split(" | ")))
    assert taken(redcap(answers=listed), "d.csv").fitted.answers == dict(enumerate(ANSWERS))


def test_an_item_that_the_file_has_turned_already_is_not_turned_twice() -> None:
    raw = redcap().decode().splitlines(keepends=True)
    raw[4] = raw[4].replace(choices(), choices(ANSWERS[::-1]))
    (one,) = refused("".join(raw), "d.csv")
    assert one.line == 5 and "other way than those of kettle_1" in one.what and "reverses this item itself" in one.mend


def test_an_answer_without_a_number_is_refused() -> None:
    (one,) = refused(redcap(answers="Never | Always"), "d.csv")
    assert one.line == 4 and "has no number" in one.what


def test_a_name_and_a_number_that_disagree_are_refused() -> None:
    (one,) = refused(redcap((ONE, f"3. {TWO}", THREE)), "d.csv")
    assert one.line == 5 and "kettle_2" in one.what and "disagree" in one.what


@pytest.mark.parametrize("label", ["Hello [first_name], stairs", "Stairs ${e://Field/x}", "[event-name]"])
def test_what_another_program_fills_in_is_no_wording(label: str) -> None:
    (one,) = refused(redcap((ONE, label, THREE)), "d.csv")
    assert one.line == 5 and "filled in by the other program" in one.what


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+2", "@SUM(A1)", "-2+3", '=HYPERLINK("http://x")'])
def test_what_a_spreadsheet_would_run_is_refused(cell: str) -> None:
    for raw in (redcap((ONE, cell, THREE)), table([("item", "text"), ("1", ONE), ("2", cell), ("3", THREE)])):
        (one,) = refused(raw, "d.csv")
        assert "starts like a formula" in one.what and one.line is not None


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066"])
def test_characters_that_hide_something_are_refused_with_their_line(character: str) -> None:
    (one,) = refused(f"1. {ONE}\n2. {TWO}{character}\n3. {THREE}")
    assert one.line == 2 and f"U+{ord(character):04X}" in one.what


def test_characters_that_nobody_sees_are_taken_out() -> None:
    assert taken(f"1. The ket\u00adtle\u200b sings to me.\n2. {TWO}\n3. {THREE}").fitted.words[1] == ONE


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"a" * 10_000_000, "more than 2 MB"),
        (b"PK\x03\x04" + b"x" * 100, "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0 doc", "old Office"),
        ("Grüße".encode("latin-1"), "not UTF-8"),
        ("Hello".encode("utf-16"), "not UTF-8"),
        (b'{"a":' * 100_000, "nested more than 40 deep"),
        (b"[" * 100_000, "no item|2 items|1 items"),
        (b'{"SurveyElements": 1}', "no Qualtrics survey"),
        (b'{"SurveyElements": [', "not JSON"),
        (b'{"x": NaN}', "values that no survey has"),
        (b'{"x": ' + b"9" * 5000 + b"}", "values that no survey has"),
        (b'item,text\n1,"unclosed\n', "not CSV"),
        (b"item,text,text\n1,a,b\n", "stands twice"),
        (b"item,text\n" + b"1,a\n" * 30_000, "more than 20000 rows"),
        (b"item,text\n1," + b"x" * 200_000, "not CSV"),
    ],
)
def test_a_hostile_file_is_refused_in_words(raw: bytes, what: str) -> None:
    said = refused(raw, "gift")
    assert any(part in said[0].what for part in what.split("|")), said


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_are_answered_with_a_traceback(raw: bytes) -> None:
    wording, problems = read(raw, "gift", KEY, language="en")
    assert (wording is None) == bool(problems)


@settings(deadline=None)
@given(JSON, JSON, JSON)
def test_no_survey_however_odd_is_answered_with_a_traceback(blocks: object, payload: object, choice: object) -> None:
    import json

    question = matrix() | {"Choices": {"1": choice}, "ChoiceOrder": blocks, "RecodeValues": payload}
    survey = {
        "SurveyEntry": payload,
        "SurveyElements": [
            {"Element": "BL", "Payload": blocks},
            {"Element": "SQ", "Payload": payload},
            {"Element": "SQ", "Payload": question},
            choice,
        ],
    }
    wording, problems = read(json.dumps(survey).encode(), "s.qsf", KEY, language="en")
    assert (wording is None) == bool(problems)


@settings(deadline=None)
@given(st.permutations([1, 2, 3]), st.lists(st.integers(0, 4), max_size=4))
def test_only_every_item_once_and_in_order_is_taken(order: list[int], extra: list[int]) -> None:
    numbers = [*order, *extra]
    text = "\n".join(f"{number}. Sentence {place}." for place, number in enumerate(numbers))
    wording, _ = read(text.encode(), "items.txt", KEY, language="en")
    assert (wording is not None) == (numbers == [1, 2, 3])
