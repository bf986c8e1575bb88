"""What a form brought: honest answers become values, everything else a fault at its item, and nothing ever crashes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.protocols import FOLDER, PROTOCOL
from trial.core.answers import LONGEST_TEXT, Answers, asked_by, asked_plainly, read

SCREENING = asked_plainly(PROTOCOL.eligibility.questions)
FEELING = asked_by([FOLDER.instruments["feeling"]])
WELL = {"feeling_1": "0", "feeling_2": "3", "feeling_3": "1", "feeling_sleep": "7,5", "feeling_else": " Fine. "}


def age(text: str) -> Answers:
    return read(SCREENING, {"age": text})


def test_an_honest_form_becomes_typed_answers_and_free_text_apart_from_them() -> None:
    given = read(FEELING, WELL)
    assert given.closed == {"feeling_1": 0, "feeling_2": 3, "feeling_3": 1, "feeling_sleep": 7.5}
    assert given.free == {"feeling_else": "Fine."}
    assert given.faults == {}


def test_what_was_left_out_is_a_missing_answer_and_no_fault() -> None:
    given = read(FEELING, {})
    assert given.closed == dict.fromkeys(("feeling_1", "feeling_2", "feeling_3", "feeling_sleep"))
    assert (given.free, given.faults) == ({}, {})


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_needed_answer_cannot_be_left_blank(blank: str) -> None:
    assert read(FEELING, WELL | {"feeling_2": blank}, needed=["feeling_2"]).faults == {"feeling_2": "needed"}
    assert read(FEELING, WELL | {"feeling_else": blank}, needed=["feeling_else"]).faults == {"feeling_else": "needed"}


def test_a_needed_answer_may_be_zero_or_no() -> None:
    assert read(FEELING, WELL, needed=["feeling_1"]).faults == {}
    assert read(SCREENING, {"reads_english": "no"}, needed=["reads_english"]).closed["reads_english"] is False


def test_a_wrong_answer_is_named_once_by_what_is_wrong_with_it() -> None:
    assert read(FEELING, WELL | {"feeling_2": "9"}, needed=["feeling_2"]).faults == {"feeling_2": "not_a_choice"}


def test_fields_that_were_never_asked_are_not_kept() -> None:
    hostile = WELL | {"arm": "letter", "feeling_99": "1", "state": "randomized", "low_mood": "0", "": "x"}
    assert read(FEELING, hostile) == read(FEELING, WELL)


@pytest.mark.parametrize(
    "text", ["-1", "4", "1.0", "00", "0 1", "one", "０", "0;1", "None", "null", "true", "1" * 5000]
)
def test_a_scale_takes_nothing_but_its_own_choices(text: str) -> None:
    given = read(FEELING, {"feeling_1": text})
    assert given.faults == {"feeling_1": "not_a_choice"}
    assert "feeling_1" not in given.closed


@pytest.mark.parametrize("text", ["Yes", "YES", "true", "1", "on", "yes no"])
def test_yes_or_no_is_yes_or_no(text: str) -> None:
    assert read(SCREENING, {"reads_english": text}).faults == {"reads_english": "not_a_choice"}


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("120", 120), ("34.5", 34.5), ("34,5", 34.5), ("+34", 34), (" 34 ", 34), ("034", 34)]
)
def test_a_number_is_read_as_people_write_it(text: str, value: float) -> None:
    assert age(text).closed["age"] == value
    assert age(text).faults == {}


@pytest.mark.parametrize("text", ["-1", "-0.5", "-120"])
def test_a_number_below_the_lowest_is_too_small(text: str) -> None:
    assert age(text).faults == {"age": "too_small"}


@pytest.mark.parametrize("text", ["121", "120.5", "99999999999999999999"])
def test_a_number_above_the_highest_is_too_large(text: str) -> None:
    assert age(text).faults == {"age": "too_large"}


@pytest.mark.parametrize(
    "text",
    [
        "+-5", "--5", "-+-34", "+", "-", ".", ",", "-.", "1.2.3", "1,2,3", "1_000", "1e3", "0x22", "nan", "inf", "-inf",
        "NaN", "Infinity", "3 4", "34 years", "٣٤", "３４", "²", "½", "34\0", "34\u200b", "9" * 400, "=34", "34;DROP",
    ],
)  # fmt: skip
def test_what_is_no_number_is_a_fault_and_no_crash(text: str) -> None:
    assert age(text).faults == {"age": "not_a_number"}


def test_a_text_may_be_long_but_not_endless() -> None:
    assert read(FEELING, {"feeling_else": "x" * LONGEST_TEXT}).faults == {}
    assert read(FEELING, {"feeling_else": "x" * (LONGEST_TEXT + 1)}).faults == {"feeling_else": "too_long"}


@given(st.text(max_size=30) | st.from_regex(r"[+\-., 0-9eE_x]{1,22}", fullmatch=True))
def test_whatever_is_typed_for_a_number_is_a_finite_number_in_its_range_or_a_fault(text: str) -> None:
    given_answers = age(text)
    value = given_answers.closed.get("age")
    if value is not None:
        assert isinstance(value, int | float)
        assert math.isfinite(value)
        assert 0 <= value <= 120
    else:
        assert given_answers.faults or not text.strip()


@given(st.dictionaries(st.sampled_from([one.column for one in FEELING]), st.text(max_size=60)))
def test_no_form_makes_an_answer_that_the_instrument_does_not_have(form: dict[str, str]) -> None:
    given_answers = read(FEELING, form)
    for one in FEELING[:3]:
        assert given_answers.closed.get(one.column) in (None, 0, 1, 2, 3)
    assert set(given_answers.closed) | set(given_answers.faults) >= {one.column for one in FEELING[:4]}
    assert not set(given_answers.closed) & set(given_answers.faults)
