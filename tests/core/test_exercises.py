"""What each kind of exercise asks, and what of a form is kept: closed answers, free text, or what is still missing."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.core.kinds import EXERCISES, exercise
from trial.core.answers import LONGEST_TEXT, Answers
from trial.core.exercises import asked, closed, length, read
from trial.core.protocol import Exercise, Recall


def sent(name: str, **form: str) -> Answers:
    """A form of the exercise; of a recall every card is due."""
    one = exercise(name)
    return read(one, on_page(one), form)


def on_page(one: Exercise) -> list[Any]:
    return asked(one, one.cards if isinstance(one, Recall) else ())


def test_the_small_trial_holds_every_kind_of_exercise() -> None:
    assert {type(one) for one in EXERCISES} == set(get_args(Exercise))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("list", ["writing"]),
        ("letter", ["letter_sense", "letter_others", "letter_need"]),
        ("article", ["article_read"]),
        ("cards", ["cards_caring", "cards_failures", "cards_people"]),
        ("breathing", ["breathing_done", "breathing_seconds"]),
        ("voices", ["voices_1_harsh", "voices_1_kind", "voices_2_harsh", "voices_2_kind"]),
        ("small_things", ["small_things_rest", "small_things_outside", "small_things_asked"]),
    ],
)
def test_a_column_has_the_name_of_the_exercise_and_of_its_part(name: str, columns: list[str]) -> None:
    assert [one.column for one in on_page(exercise(name))] == columns


def test_only_the_cards_that_are_due_are_asked() -> None:
    cards = exercise("cards")
    assert isinstance(cards, Recall)
    assert [one.column for one in asked(cards, cards.cards[1:2])] == ["cards_failures"]
    assert asked(cards) == []
    assert [one.column for one in closed(cards)] == ["cards_caring", "cards_failures", "cards_people"]


@pytest.mark.parametrize(
    ("name", "form", "kept", "words"),
    [
        ("list", {"writing": " bread "}, {}, {"writing": "bread"}),
        ("letter", {"letter_others": "you too"}, {}, {"letter_others": "you too"}),
        ("article", {"article_read": "yes"}, {"article_read": True}, {}),
        ("breathing", {"breathing_done": "partly"}, {"breathing_done": "partly", "breathing_seconds": None}, {}),
        ("breathing", {"breathing_done": "not_today", "breathing_seconds": "41"},
         {"breathing_done": "not_today", "breathing_seconds": 41}, {}),
        ("voices", {"voices_2_kind": "I am here"}, {}, {"voices_2_kind": "I am here"}),
        ("small_things", {"small_things_outside": "yes"},
         {"small_things_rest": False, "small_things_outside": True, "small_things_asked": False}, {}),
        ("small_things", {"nothing": "yes"},
         {"small_things_rest": False, "small_things_outside": False, "small_things_asked": False}, {}),
        ("cards", {"cards_caring": " Warmth. ", "cards_failures": "blame"},
         {"cards_caring": True, "cards_failures": False, "cards_people": False},
         {"cards_caring": "Warmth.", "cards_failures": "blame"}),
        ("cards", {"nothing": "yes"}, {"cards_caring": False, "cards_failures": False, "cards_people": False}, {}),
    ],
)  # fmt: skip
def test_closed_answers_and_free_text_are_kept_apart(
    name: str, form: dict[str, str], kept: dict[str, object], words: dict[str, str]
) -> None:
    given_answers = sent(name, **form)
    assert given_answers.faults == {}
    assert (dict(given_answers.closed), dict(given_answers.free)) == (kept, words)


@pytest.mark.parametrize(
    ("name", "form", "column"),
    [
        ("list", {"writing": "  \n "}, "writing"),
        ("letter", {"letter_sense": " ", "letter_need": ""}, "letter_sense"),
        ("voices", {}, "voices_1_harsh"),
        ("article", {}, "article_read"),
        ("article", {"article_read": "no"}, "article_read"),
        ("breathing", {"breathing_seconds": "20"}, "breathing_done"),
    ],
)
def test_a_form_with_nothing_to_keep_asks_for_one_thing(name: str, form: dict[str, str], column: str) -> None:
    assert sent(name, **form).faults == {column: "needed"}


@pytest.mark.parametrize("measured", ["61", "-1", "abc", "9" * 400, "nan", "1e9"])
def test_a_clock_that_cannot_be_believed_is_left_out_and_stands_in_nobodys_way(measured: str) -> None:
    given_answers = sent("breathing", breathing_done="as_planned", breathing_seconds=measured)
    assert given_answers.faults == {}
    assert given_answers.closed["breathing_seconds"] is None


def test_an_answer_that_was_never_offered_is_refused() -> None:
    assert sent("breathing", breathing_done="twice").faults == {"breathing_done": "not_a_choice"}
    assert sent("small_things", small_things_rest="maybe").faults == {"small_things_rest": "not_a_choice"}


def test_all_fields_together_may_hold_as_much_as_one() -> None:
    half = "x" * (LONGEST_TEXT // 2)
    assert sent("letter", letter_sense=half, letter_need=half).faults == {}
    assert sent("letter", letter_sense=half, letter_need=half + "y").faults == {"letter_need": "too_long"}
    assert sent("cards", cards_caring="x" * (LONGEST_TEXT + 1)).faults == {"cards_caring": "too_long"}


def test_the_length_counts_every_free_field_and_is_missing_where_there_is_none() -> None:
    def counted(name: str, **form: str) -> int | None:
        return length(on_page(exercise(name)), sent(name, **form))

    assert counted("letter", letter_sense="four", letter_need="five!") == 9
    assert counted("cards") == 0
    assert counted("small_things", small_things_rest="yes") is None


def test_a_card_is_judged_in_the_language_of_the_person() -> None:
    cards = exercise("cards")
    assert isinstance(cards, Recall)
    german = TypeAdapter(Recall).validate_python(
        cards.model_dump() | {"cards": [card.model_dump() | {"answers": {"en": ["a"], "de": ["b"]}}
                                        for card in cards.cards[:1]]}
    )  # fmt: skip
    for language, word in (("de", "b"), ("de-CH", "b"), ("en", "a")):
        found = read(german, asked(german, german.cards), {"cards_caring": word}, language)
        assert found.closed == {"cards_caring": True}


@pytest.mark.parametrize("name", ["small_things", "cards"])
def test_an_empty_list_or_page_of_cards_is_an_answer_only_of_somebody_who_says_so(name: str) -> None:
    assert sent(name).faults == {"nothing": "needed"}
    assert sent(name, nothing="no").faults == {"nothing": "needed"}


@given(
    st.sampled_from([one.id for one in EXERCISES]),
    st.dictionaries(st.sampled_from([name for one in EXERCISES for name in (each.column for each in on_page(one))])
                    | st.text(max_size=12), st.sampled_from(["yes", "no", "partly", "7", "", "words"]) | st.text(),
                    max_size=12),
)  # fmt: skip
def test_whatever_is_sent_only_the_columns_of_the_page_are_kept(name: str, form: dict[str, str]) -> None:
    one = exercise(name)
    given_answers = read(one, on_page(one), form)
    columns = {each.column for each in on_page(one)}
    assert set(given_answers.closed) <= {each.column for each in closed(one)} <= columns
    assert set(given_answers.free) | set(given_answers.faults) - {"nothing"} <= columns
    assert all(isinstance(value, bool | int | float | str | None) for value in given_answers.closed.values())
