"""Two proportions, and the number needed to treat: against R, at their ends, and whatever arms are called."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.stats.conftest import read_json
from trial.core.errors import AnalysisImpossible
from trial.stats.number_needed import number_needed
from trial.stats.two_proportions import miettinen_nurminen, miettinen_nurminen_ratio, newcombe, wilson

CASES: list[Any] = read_json("two_proportions.json")["cases"]
CLOSE = 1e-8
counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def counted(case: Any) -> tuple[tuple[int, int], tuple[int, int], float]:
    return (case["events"][0], case["events"][1]), (case["n"][0], case["n"][1]), case["level"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['events']} of {case['n']}")
def test_both_intervals_of_a_difference_and_its_test_are_those_of_r(case: Any) -> None:
    events, n, level = counted(case)
    assert newcombe(events, n, level).ci == pytest.approx(case["newcombe"], rel=CLOSE, abs=1e-12)
    score = miettinen_nurminen(events, n, level)
    assert score.ci == pytest.approx(case["miettinen_nurminen"], rel=CLOSE, abs=1e-12)
    assert score.p == pytest.approx(case["p"], rel=CLOSE)
    assert score.estimate == pytest.approx(events[0] / n[0] - events[1] / n[1], rel=CLOSE, abs=1e-15)


@pytest.mark.parametrize("case", [case for case in CASES if case["ratio"]], ids=lambda case: str(case["events"]))
def test_the_interval_of_a_ratio_is_that_of_r(case: Any) -> None:
    events, n, level = counted(case)
    ratio = miettinen_nurminen_ratio(events, n, level)
    high = math.inf if case["ratio"]["high"] == "infinite" else case["ratio"]["high"]
    assert ratio.ci == pytest.approx((case["ratio"]["low"], high), rel=CLOSE)
    assert ratio.p == pytest.approx(case["p"], rel=CLOSE)


@settings(max_examples=40, deadline=None)
@given(counts, counts)
def test_arms_exchanged_turn_the_difference_round_and_a_ratio_over(one: tuple[int, int], two: tuple[int, int]) -> None:
    there, back = ((one[0], two[0]), (one[1], two[1])), ((two[0], one[0]), (two[1], one[1]))
    for method in (newcombe, miettinen_nurminen):
        low, high = method(*there).ci
        assert method(*back).ci == pytest.approx((-high, -low), abs=1e-10)
        assert -1 <= low <= method(*there).estimate <= high <= 1
    if sum(there[0]) > 0:
        low, high = miettinen_nurminen_ratio(*there).ci
        turned = (1 / high if high > 0 else math.inf, 1 / low if low > 0 else math.inf)
        assert miettinen_nurminen_ratio(*back).ci == pytest.approx(turned, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(counts, counts)
def test_having_it_and_lacking_it_tell_the_same_difference(one: tuple[int, int], two: tuple[int, int]) -> None:
    n = (one[1], two[1])
    low, high = miettinen_nurminen((one[0], two[0]), n).ci
    assert miettinen_nurminen((one[1] - one[0], two[1] - two[0]), n).ci == pytest.approx((-high, -low), abs=1e-10)


@settings(max_examples=40, deadline=None)
@given(counts, counts)
def test_the_score_interval_leaves_out_no_difference_where_its_test_rejects(
    one: tuple[int, int], two: tuple[int, int]
) -> None:
    score = miettinen_nurminen((one[0], two[0]), (one[1], two[1]))
    assert score.p is not None
    if abs(score.p - 0.05) > 1e-9:
        assert (score.p < 0.05) == (not score.ci[0] <= 0 <= score.ci[1])


@pytest.mark.parametrize(("first", "second"), [(0.5, 0.5), (0.3, 0.6), (0.05, 0.3)])
def test_with_twenty_per_arm_the_intervals_hold_as_often_as_they_say(first: float, second: float) -> None:
    """Not simulated: all 441 outcomes of two arms of twenty, each with its chance."""
    one, two = (stats.binom.pmf(range(21), 20, p) for p in (first, second))
    held = {newcombe: 0.0, miettinen_nurminen: 0.0}
    for method in held:
        for (x1, x2), chance in np.ndenumerate(np.outer(one, two)):
            if chance > 1e-5:
                low, high = method((x1, x2), (20, 20)).ci
                held[method] += chance * (low <= first - second <= high)
    assert min(held.values()) > 0.93
    assert max(held.values()) < 0.985


def test_what_cannot_be_told_is_refused() -> None:
    with pytest.raises(AnalysisImpossible, match="without participants"):
        newcombe((0, 3), (0, 9))
    with pytest.raises(AnalysisImpossible, match="report the difference"):
        miettinen_nurminen_ratio((0, 0), (20, 20))
    with pytest.raises(ValueError, match="at most everyone"):
        miettinen_nurminen((10, 3), (9, 9))
    with pytest.raises(ValueError, match="level"):
        wilson(3, 9, 1.0)


def test_a_difference_clear_of_nought_has_one_range_of_numbers_needed() -> None:
    clear = number_needed(0.25, (0.1, 0.4), 0.95, event="wanted")
    assert (clear.number, clear.towards, clear.harm) == (4, "benefit", None)
    assert clear.benefit == pytest.approx((2.5, 10))
    assert number_needed(0.25, (0.1, 0.4), 0.95, event="unwanted").harm == pytest.approx((2.5, 10))


def test_a_difference_whose_interval_holds_nought_has_two_that_meet_at_infinity() -> None:
    unclear = number_needed(0.1, (-0.05, 0.25), 0.95, event="wanted")
    assert (unclear.number, unclear.towards) == (10, "benefit")
    assert unclear.benefit == pytest.approx((4, math.inf))
    assert unclear.harm == pytest.approx((20, math.inf))
    none = number_needed(0, (-0.2, 0.2), 0.95, event="wanted")
    assert (none.number, none.towards) == (math.inf, None)


def test_an_end_at_nought_is_a_number_without_end() -> None:
    assert number_needed(0.5, (0, 1), 0.95, event="wanted").benefit == (1, math.inf)
    with pytest.raises(AnalysisImpossible, match="lies in its interval"):
        number_needed(0.5, (0.6, 0.9), 0.95, event="wanted")
