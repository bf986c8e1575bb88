"""Non-inferiority and equivalence: R's p, and the pictures, drawn by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.stats.conftest import read_json
from trial.core.errors import AnalysisImpossible
from trial.stats.margins import equivalence, non_inferiority

BY_R: list[Any] = read_json("guesses.json")["margins"]
estimates, errors, dfs = st.floats(-8, 8), st.floats(0.05, 5), st.floats(2, 500)


@pytest.mark.parametrize("case", BY_R, ids=lambda case: f"margin {case['margin']}")
def test_p_and_intervals_are_those_of_one_sided_t_tests_in_r(case: Any) -> None:
    told = (case["estimate"], case["se"], case["df"])
    both = equivalence(*told, (-case["margin"], case["margin"]))
    assert (both.p_low, both.p_high) == pytest.approx((case["p_low"], case["p_high"]), rel=1e-8)
    assert both.ci == pytest.approx(case["ninety"], rel=1e-8)
    one = non_inferiority(*told, case["margin"], better="higher")
    assert (one.p, *one.ci) == pytest.approx((case["p_low"], *case["ninety_five"]), rel=1e-8)
    assert non_inferiority(*told, case["margin"], better="lower").p == pytest.approx(case["p_high"], rel=1e-8)


@pytest.mark.parametrize(
    ("estimate", "picture", "worse"),
    [(2.5, "superior", False), (0.5, "non-inferior", False), (-1.5, "inconclusive", False), (-6, "inferior", True)],
)
def test_the_four_pictures_of_an_interval_two_wide_and_a_margin_of_three(
    estimate: float, picture: str, worse: bool
) -> None:
    se = 2 / 1.959963984540054
    found = non_inferiority(estimate, se, math.inf, 3, better="higher")
    assert (found.picture, found.worse) == (picture, worse)
    assert non_inferiority(-estimate, se, math.inf, 3, better="lower").picture == picture


def test_non_inferior_and_yet_worse_is_told_as_both() -> None:
    found = non_inferiority(-1, 0.2, math.inf, 3, better="higher")
    assert (found.picture, found.worse) == ("non-inferior", True)


@pytest.mark.parametrize(
    ("estimate", "picture"),
    [
        (0.3, "equivalent"),
        (1.5, "inconclusive, no difference shown"),
        (2.5, "inconclusive, different"),
        (-6, "not equivalent"),
    ],
)
def test_the_four_pictures_between_two_margins(estimate: float, picture: str) -> None:
    found = equivalence(estimate, 2 / 1.6448536269514722, math.inf, (-3, 3))
    assert found.picture == picture


@settings(max_examples=100, deadline=None)
@given(estimates, errors, dfs, st.floats(0.1, 9))
def test_the_picture_and_the_p_never_disagree(estimate: float, se: float, df: float, margin: float) -> None:
    one, both = (
        non_inferiority(estimate, se, df, margin, better="higher"),
        equivalence(estimate, se, df, (-margin, margin)),
    )
    assume(abs(one.p - 0.025) > 1e-9 and abs(both.p - 0.05) > 1e-9)
    assert (one.picture in ("superior", "non-inferior")) == (one.p < 0.025)
    assert (both.picture == "equivalent") == (both.p < 0.05)


@settings(max_examples=50, deadline=None)
@given(estimates, errors, dfs, st.floats(0.1, 9), st.floats(0.01, 100))
def test_another_unit_of_the_scale_draws_the_same_picture(
    estimate: float, se: float, df: float, margin: float, unit: float
) -> None:
    one = non_inferiority(estimate, se, df, margin, better="lower")
    two = non_inferiority(estimate * unit, se * unit, df, margin * unit, better="lower")
    assert two.p == pytest.approx(one.p, rel=1e-9)


def test_no_error_and_no_margin_are_refused() -> None:
    with pytest.raises(AnalysisImpossible, match="error and degrees of freedom"):
        non_inferiority(1, 0, 30, 3, better="higher")
    with pytest.raises(ValueError, match="margin is above 0"):
        non_inferiority(1, 1, 30, -3, better="higher")
    with pytest.raises(ValueError, match="both sides of 0"):
        equivalence(1, 1, 30, (1, 3))
