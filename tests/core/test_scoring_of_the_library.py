"""What holds for every shipped key, whatever a person answers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.sheets import LIBRARY, Sheet, answers_to, sheets
from trial.core.instruments import Instrument, Score
from trial.core.scoring import at_most_missing, range_of, score_sheet


def directed(instrument: Instrument, score: Score, item: int | str) -> int:
    """1 where a higher answer makes a higher score, -1 where a lower one does, 0 where it makes no difference."""
    parts = [instrument.score(part) for part in score.of] or [score]
    return sum(
        (-1 if item in part.reverse else 1) for part in parts if item in instrument.scored_items(part)
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(sheets())
def test_a_score_stays_within_the_range_of_its_key(case: tuple[Instrument, Sheet]) -> None:
    instrument, answers = case
    for name, value in score_sheet(instrument, answers).items():
        low, high = range_of(instrument, instrument.score(name))
        assert value is None or low - 1e-9 <= value <= high + 1e-9, name


@settings(max_examples=150, deadline=None)
@given(sheets())
def test_a_score_is_missing_exactly_where_its_own_rule_says_so(case: tuple[Instrument, Sheet]) -> None:
    instrument, answers = case
    found = score_sheet(instrument, answers)
    for score in instrument.scores:
        parts = [found[part] for part in score.of] or [answers[item] for item in instrument.scored_items(score)]
        there = sum(part is not None for part in parts)
        enough = there > 0 and len(parts) - there <= at_most_missing(score)
        assert (found[score.id] is not None) is enough, score.id


@settings(max_examples=150, deadline=None)
@given(sheets(gaps=False), st.data())
def test_a_higher_answer_moves_a_score_the_way_that_its_key_says(
    case: tuple[Instrument, Sheet], data: st.DataObject
) -> None:
    instrument, answers = case
    item = data.draw(st.sampled_from([one for one in instrument.items if answers_to(instrument, one)]))
    before, after = (
        score_sheet(instrument, answers | {item.id: end(answers_to(instrument, item))}) for end in (min, max)
    )
    for score in instrument.scores:
        low, high = before[score.id], after[score.id]
        assert low is not None and high is not None
        way = directed(instrument, score, item.id)
        assert (high > low + 1e-12) - (high < low - 1e-12) == way, (score.id, item.id)


@settings(max_examples=100, deadline=None)
@given(sheets())
def test_fillers_and_items_of_no_score_change_nothing(case: tuple[Instrument, Sheet]) -> None:
    instrument, answers = case
    counted = {item for score in instrument.scores for item in instrument.scored_items(score)}
    fewer = {item: value for item, value in answers.items() if item in counted}
    assert score_sheet(instrument, fewer) == score_sheet(instrument, answers)


@settings(max_examples=100, deadline=None)
@given(sheets(gaps=False))
def test_the_mirrored_sheet_has_the_mirrored_score(case: tuple[Instrument, Sheet]) -> None:
    instrument, answers = case
    turned = {
        item.id: min(values) + max(values) - (answers[item.id] or 0)
        for item in instrument.items
        if (values := answers_to(instrument, item))
    }
    straight, mirrored = score_sheet(instrument, answers), score_sheet(instrument, turned)
    for score in instrument.scores:
        one, other = straight[score.id], mirrored[score.id]
        ends = range_of(instrument, score)
        if score.method != "count" or all(item.type == "yes_no" for item in instrument.items):
            assert one is not None and other is not None
            assert one + other == pytest.approx(sum(ends), abs=1e-9), score.id


def test_the_six_subscales_of_the_self_compassion_scale_point_the_same_way() -> None:
    scs = LIBRARY["scs"]
    kindest = {item.id: 1.0 if item.id in scs.score("scs_mean26").reverse else 5.0 for item in scs.items}
    found = score_sheet(scs, kindest)
    assert {found[name] for name in [*scs.score("scs").of, "scs", "scs_mean26", "scs_compassionate"]} == {5.0}
    assert found["scs_uncompassionate"] == 1.0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=26, max_size=26))
def test_the_mean_of_26_is_made_of_the_two_halves(values: list[int]) -> None:
    found = score_sheet(LIBRARY["scs"], {item: float(value) for item, value in enumerate(values, start=1)})
    warm, cold, total = found["scs_compassionate"], found["scs_uncompassionate"], found["scs_mean26"]
    assert warm is not None and cold is not None and total is not None
    assert total == pytest.approx((warm + 6 - cold) / 2, abs=1e-12)


@pytest.mark.parametrize(("answer", "told"), [(11.0, "off its scale"), (0.0, "off its scale")])
def test_an_answer_is_held_against_its_own_items_scale(answer: float, told: str) -> None:
    sheet: Sheet = {"think_1": 9, "think_2": 9, "think_3": answer, "think_4": 100, "feel_1": 9, "feel_2": 100}
    with pytest.raises(ValueError, match=f"item think_3 of ceq is .*{told}"):
        score_sheet(LIBRARY["ceq"], sheet)


def test_a_yes_counts_once_and_a_no_does_not() -> None:
    yes = dict.fromkeys(("talking", "medicine", "doctor", "peers", "programme", "practice"), True)
    assert score_sheet(LIBRARY["other_help"], yes) == {"other_help": 6.0}
    assert score_sheet(LIBRARY["other_help"], yes | {"peers": False}) == {"other_help": 5.0}
