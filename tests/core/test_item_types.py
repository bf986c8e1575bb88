"""Each type of item, from the form to the columns it is kept in; whatever a form brings, nothing else is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trial.core import instrument_keys, measured
from trial.core.answers import asked_by, read
from trial.core.codebook import codebook
from trial.core.instruments import Instrument, Item
from trial.protocol_files import read_folder, shipped, shipped_instruments

BURDEN = shipped_instruments()["burden"]
ASKED = asked_by([BURDEN])
HARD = ["burden_hard_time", "burden_hard_feelings", "burden_hard_words", "burden_hard_place", "burden_hard_nothing"]
COLUMNS = {column for one in ASKED for column in one.columns}


def test_a_slider_that_was_not_touched_holds_nothing() -> None:
    assert read(ASKED, {}).closed["burden_worth"] is None
    assert read(ASKED, {"burden_worth": "0"}).closed["burden_worth"] == 0
    assert read(ASKED, {"burden_worth": "101"}).faults == {"burden_worth": "too_large"}


def test_several_answers_stand_in_a_column_each_and_no_tick_at_all_is_no_answer() -> None:
    ticked = read(ASKED, {"burden_hard_time": "yes", "burden_hard_place": "yes"}).closed
    assert [ticked[name] for name in HARD] == [True, False, False, True, False]
    assert [read(ASKED, {}).closed[name] for name in HARD] == [None] * 5
    assert read(ASKED, {"burden_hard_time": "perhaps"}).faults == {"burden_hard": "not_a_choice"}


def test_several_answers_that_are_needed_need_one() -> None:
    assert read(ASKED, {}, needed=["burden_hard"]).faults == {"burden_hard": "needed"}
    assert not read(ASKED, {"burden_hard_words": "yes"}, needed=["burden_hard", *HARD]).faults


def test_words_between_items_have_no_column_and_are_never_left_out() -> None:
    words = next(one for one in ASKED if one.item.type == "info")
    assert words.columns == () and words.answered({})
    assert "burden_last" not in read(ASKED, {"burden_last": "heard"}).closed


TYPED = ["yes", "no", "0", "4", "5", "-1", "1e3", "nan", "inf", "100", "\u0663", "0x10", " 3 ", "3,5"]
NAMES = st.sampled_from(sorted(COLUMNS | {"burden_last", "csrf"}))


@given(st.dictionaries(NAMES, st.text(max_size=12) | st.sampled_from(TYPED)))
def test_whatever_a_form_brings_nothing_outside_an_item_s_values_is_kept(form: dict[str, str]) -> None:
    taken = read(ASKED, form)
    assert taken.closed.keys() <= COLUMNS
    for one in ASKED:
        for column in one.columns:
            value = taken.closed.get(column)
            if value is None:
                continue
            if one.item.type in ("slider", "number"):
                low, high = one.item.minimum, one.item.maximum
                assert isinstance(value, int | float) and low is not None and high is not None
                assert low <= value <= high
            else:
                assert value in ((True, False) if one.item.type == "choices" else one.values)


@pytest.mark.parametrize("limits", [{}, {"minimum": 0}, {"maximum": 1}, {"minimum": 5, "maximum": 5}])
def test_a_slider_has_two_ends(limits: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="a slider needs"):
        Item(id="x", topic={"en": "x"}, type="slider", **limits)  # type: ignore[arg-type]


def test_two_items_cannot_share_the_column_of_one_choice() -> None:
    tree = {
        "code": "odd",
        "items": [
            {"id": "a", "type": "choices", "choices": [{"value": "b"}, {"value": "c"}]},
            {"id": "a_b", "type": "yes_no"},
        ],
    }
    assert [one.what for one in instrument_keys.find(tree)] == ["'odd_a_b' is already the column of an item."]


def test_a_rule_may_name_the_column_of_one_choice_and_not_the_words_between() -> None:
    tree = {"instruments": ["burden"], "activities": [{"id": "q", "only_if": "burden_hard_time == true"}]}
    instruments = {"burden": BURDEN.model_dump(mode="json")}
    assert not list(measured.find(tree, instruments))
    tree["activities"] = [{"id": "q", "only_if": "burden_last == 1"}]
    assert len(list(measured.find(tree, instruments))) == 1


def test_the_codebook_explains_every_column_of_every_item() -> None:
    folder = read_folder(shipped("examples") / "three-arm")
    rows = {one.column: one for one in codebook(folder.protocol, folder.instruments, [])}
    assert rows.keys() >= COLUMNS and "burden_last" not in rows and "burden_hard" not in rows
    assert rows["burden_worth"].values == "0 = Not at all; 100 = Fully"
    assert rows["burden_hard_time"].label == "What made it hard to take part? I had too little time"


def test_a_slider_counts_in_a_score_and_words_do_not() -> None:
    made = Instrument.model_validate({**BURDEN.model_dump(by_alias=True), "code": "made"})
    assert list(made.scored_items(made.scores[0])) == [
        "effort",
        "stirred",
        "fitting_in",
        "questions",
        "mails",
    ]
