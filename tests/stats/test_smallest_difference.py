"""Where an interval lies beside the smallest difference that matters decides the words, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial.stats.reliability import reliable_change
from trial.stats.smallest_difference import WORDS, BesideMid, beside_mid

places = st.sampled_from([-5.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 5.0]) | st.floats(-6, 6)


def placed(low: float, high: float, better: Any = "higher", mid: float = 3.0) -> BesideMid:
    return beside_mid((low + high) / 2, (low, high), mid, source="anchor-based, in this population", better=better)


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (3, 6, "better, by at least"),
        (1, 6, "better; whether"),
        (1, 2, "better, by less"),
        (-1, 6, "Worse by enough to matter is ruled out"),
        (-1, 2, "alike"),
        (-6, 6, "Open"),
        (-6, 2, "Better by enough to matter is ruled out"),
        (-2, -1, "worse, by less"),
        (-6, -1, "worse; whether"),
        (-6, -3, "worse, by at least"),
    ],
)
def test_each_picture_has_its_words(low: float, high: float, says: str) -> None:
    assert says in placed(low, high).words
    assert placed(-high, -low, "lower").words == placed(low, high).words


def test_every_picture_that_can_be_has_words_and_no_two_have_the_same() -> None:
    seen = {placed(low, high).ends for low in (-4, -1, 1, 4) for high in (-4, -1, 1, 4) if low <= high}
    assert seen == set(WORDS)
    assert len(set(WORDS.values())) == len(WORDS)


def test_an_end_on_nothing_leaves_nothing_possible_and_an_end_on_the_mid_reaches_it() -> None:
    assert placed(0, 2).ends == ("too small, worse", "too small, better")
    assert placed(1, 3).ends[1] == "matters, better"
    assert placed(-3, 1).ends[0] == "matters, worse"
    assert placed(3, 3).ends == ("matters, better", "matters, better")


@settings(derandomize=True, deadline=None, max_examples=40)
@given(places, places)
def test_turning_the_scale_turns_the_words_and_stretching_it_changes_nothing(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    one, back = placed(low, high), placed(-high, -low)
    turned = {"matters, worse": "matters, better", "too small, worse": "too small, better"}
    turned |= {after: before for before, after in turned.items()}
    assert back.ends == (turned[one.ends[1]], turned[one.ends[0]])
    assert placed(low * 4, high * 4, mid=12.0).ends == one.ends


def test_what_one_person_must_change_by_stands_beside() -> None:
    beside = beside_mid(-4, (-6, -2), 3, source="anchor-based", better="lower", reliable=reliable_change(7.5, 0.8))
    assert beside.words == "The arm is better; whether by enough to matter is open."
    assert beside.reliable == pytest.approx(9.29710, abs=1e-5)


def test_a_mid_of_nothing_or_from_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        placed(1, 2, mid=0)
    with pytest.raises(ValueError, match="needs a source"):
        beside_mid(1, (0, 2), 3, source=" ", better="higher")
    with pytest.raises(ValueError, match="holds its estimate"):
        beside_mid(4, (0, 2), 3, source="anchor", better="higher")
