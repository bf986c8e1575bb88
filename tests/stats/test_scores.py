"""Many sheets at once have the numbers of one sheet at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.sheets import LIBRARY, Sheet, answers_to, scored, sheets
from trial.core.instruments import Instrument
from trial.core.scoring import score_sheet
from trial.stats import scores
from trial.stats.arrays import FloatArray
from trial.stats.scores import parts_of_score, score_sheets


def as_rows(answers: list[Sheet]) -> FloatArray:
    return np.array([[np.nan if value is None else value for value in one.values()] for one in answers])


def assert_same(instrument: Instrument, answers: list[Sheet]) -> None:
    many = score_sheets(instrument, as_rows(answers))
    assert list(many) == [score.id for score in instrument.scores]
    for row, sheet in enumerate(answers):
        for name, value in score_sheet(instrument, sheet).items():
            expected = np.nan if value is None else value
            assert many[name][row] == pytest.approx(expected, rel=1e-14, abs=1e-13, nan_ok=True), name
            complete = all(sheet[item] is not None for item in instrument.scored_items(instrument.score(name)))
            if instrument.score(name).method in ("sum", "count") and complete:
                assert many[name][row] == value


@settings(max_examples=200, deadline=None)
@given(sheets())
def test_a_sheet_among_many_has_its_own_scores(case: tuple[Instrument, Sheet]) -> None:
    instrument, answers = case
    assert_same(instrument, [answers])


@pytest.mark.parametrize("instrument", scored(), ids=lambda one: one.code)
def test_every_shipped_instrument_gives_the_same_numbers_row_by_row(instrument: Instrument) -> None:
    dice = np.random.default_rng(20261126)
    rows: list[Sheet] = []
    for n in range(60):
        sheet: Sheet = {}
        for item in instrument.items:
            values = answers_to(instrument, item)
            gap = not values or dice.random() < (0, 0.03, 0.4)[n % 3]
            sheet[item.id] = None if gap else float(dice.choice(values))
        rows.append(sheet)
    assert_same(instrument, rows)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 9))
def test_the_size_of_a_block_changes_nothing(people: int, block: int) -> None:
    instrument = LIBRARY["scs"]
    answers = np.random.default_rng(people).integers(1, 6, (people, 26)).astype(float)
    whole = score_sheets(instrument, answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scores, "BLOCK", block)
        cut = score_sheets(instrument, answers)
    assert all(np.array_equal(whole[name], cut[name]) for name in whole)


def test_no_sheets_have_no_scores() -> None:
    assert score_sheets(LIBRARY["swls"], np.empty((0, 5)))["swls"].shape == (0,)


def test_the_answers_are_left_as_they_were() -> None:
    answers = np.array([[1.0, np.nan, 3.0, 4.0, 5.0]])
    before = answers.copy()
    score_sheets(LIBRARY["swls"], answers)
    assert np.array_equal(answers, before, equal_nan=True)


@pytest.mark.parametrize(
    ("value", "told"), [(8, "swls is off its scale"), (0, "off its scale"), (np.inf, "not finite")]
)
def test_an_answer_off_the_scale_is_refused(value: float, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        score_sheets(LIBRARY["swls"], np.array([[1.0, 2.0, value, 4.0, 5.0]]))


def test_a_column_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="swls has 5 items"):
        score_sheets(LIBRARY["swls"], np.ones((3, 4)))


@pytest.mark.parametrize("instrument", scored(), ids=lambda one: one.code)
def test_the_parts_of_a_score_make_the_score(instrument: Instrument) -> None:
    dice = np.random.default_rng(20261127)
    rows = [{one.id: float(dice.choice(answers_to(instrument, one) or [0])) for one in instrument.items} for _ in "abc"]
    answers = as_rows(rows)
    many = score_sheets(instrument, answers)
    for score in instrument.scores:
        parts = parts_of_score(instrument, score, answers)
        assert parts.shape == (3, len(score.of or instrument.scored_items(score)))
        added = parts.sum(axis=1) if score.method in ("sum", "count") else parts.mean(axis=1)
        assert added * score.times + score.plus == pytest.approx(many[score.id])
