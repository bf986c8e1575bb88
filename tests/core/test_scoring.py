from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial.core.instruments import Instrument
from trial.core.scoring import score_sheet


def an_instrument(items: int, *, reverse: list[int], method: str, at_most: int | None, top: int = 4) -> Instrument:
    return Instrument.model_validate(
        {
            "schema": 2,
            "code": "example",
            "name": "An example",
            "instructions": {"en": "How often?"},
            "wording": "own",
            "response": {"choices": [{"value": n, "label": {"en": str(n)}} for n in range(top + 1)]},
            "items": [{"id": n, "topic": {"en": str(n)}} for n in range(1, items + 1)],
            "scores": [
                {
                    "id": "total",
                    "label": {"en": "Total"},
                    "reverse": reverse,
                    "method": method,
                    "better": "lower",
                    "missing": None if at_most is None else {"at_most": at_most},
                    "source": "made for this test",
                }
            ],
            "permission": {"status": "free"},
            "licence": "ours",
            "source": "ours",
        }
    )


@st.composite
def sheets(draw: st.DrawFn) -> tuple[Instrument, dict[int | str, float | None]]:
    items = draw(st.integers(1, 12))
    reverse = draw(st.lists(st.integers(1, items), unique=True))
    method = draw(st.sampled_from(["sum", "mean"]))
    at_most = draw(st.one_of(st.none(), st.integers(0, items)))
    instrument = an_instrument(items, reverse=reverse, method=method, at_most=at_most)
    answers = {n: draw(st.one_of(st.none(), st.integers(0, 4))) for n in range(1, items + 1)}
    return instrument, dict(answers)


@settings(deadline=None)
@given(sheets(), st.randoms(use_true_random=False))
def test_the_order_of_the_answers_changes_nothing(
    case: tuple[Instrument, dict[int | str, float | None]], dice: object
) -> None:
    instrument, answers = case
    shuffled = list(answers.items())
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score_sheet(instrument, dict(shuffled)) == score_sheet(instrument, answers)


@settings(deadline=None)
@given(sheets())
def test_a_score_stays_within_its_range_however_much_is_missing(
    case: tuple[Instrument, dict[int | str, float | None]],
) -> None:
    instrument, answers = case
    total = score_sheet(instrument, answers)["total"]
    highest = 4 if instrument.scores[0].method == "mean" else 4 * len(instrument.items)
    assert total is None or -1e-9 <= total <= highest + 1e-9


@settings(deadline=None)
@given(sheets())
def test_a_score_is_missing_exactly_where_the_rule_says_so(
    case: tuple[Instrument, dict[int | str, float | None]],
) -> None:
    instrument, answers = case
    missing = sum(value is None for value in answers.values())
    rule = instrument.scores[0].missing
    allowed = missing <= (rule.at_most if rule else 0) and missing < len(answers)
    assert (score_sheet(instrument, answers)["total"] is not None) is allowed


@settings(deadline=None)
@given(sheets())
def test_a_complete_sum_is_a_whole_number_exactly(case: tuple[Instrument, dict[int | str, float | None]]) -> None:
    instrument, answers = case
    complete = {item: 1 if value is None else value for item, value in answers.items()}
    total = score_sheet(instrument, complete)["total"]
    assert isinstance(total, float)
    if instrument.scores[0].method == "sum":
        reverse = instrument.scores[0].reverse
        assert total == sum(4 - value if item in reverse else value for item, value in complete.items())


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=12))
def test_reversing_every_item_mirrors_the_score(values: list[int]) -> None:
    answers: dict[int | str, float | None] = dict(enumerate(values, start=1))
    everything = list(range(1, len(values) + 1))
    straight = score_sheet(an_instrument(len(values), reverse=[], method="sum", at_most=None), answers)["total"]
    mirrored = score_sheet(an_instrument(len(values), reverse=everything, method="sum", at_most=None), answers)["total"]
    assert straight is not None and mirrored is not None
    assert straight + mirrored == 4 * len(values)


def test_a_missing_item_counts_as_the_persons_own_mean() -> None:
    instrument = an_instrument(5, reverse=[2], method="sum", at_most=1)
    # 1 + (4 - 2) + 3 + 4 = 10 over four items: 2.5 each
    assert score_sheet(instrument, {1: 1, 2: 2, 3: 3, 4: 4, 5: None}) == {"total": 12.5}
    assert score_sheet(instrument, {1: 1, 2: 2, 3: 3, 4: 4}) == {"total": 12.5}


def test_without_a_rule_one_missing_item_leaves_no_score() -> None:
    assert score_sheet(an_instrument(3, reverse=[], method="mean", at_most=None), {1: 0, 2: 0}) == {"total": None}


@pytest.mark.parametrize("answer", [5, -1, math.nan, math.inf])
def test_an_answer_off_the_scale_is_refused_before_it_is_reversed(answer: float) -> None:
    with pytest.raises(ValueError, match="item 2 of example"):
        score_sheet(an_instrument(3, reverse=[2], method="sum", at_most=None), {1: 0, 2: answer, 3: 0})


def test_answers_to_other_items_are_not_counted() -> None:
    instrument = an_instrument(2, reverse=[], method="sum", at_most=None)
    assert score_sheet(instrument, {1: 1, 2: 2, 99: 4, "comment": 3}) == {"total": 3.0}
