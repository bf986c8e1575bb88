"""Hedges g and its interval equal R's, and turn with the sign."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.effect_size import hedges_g, pooled_sd, small_sample_correction

CLOSE = 1e-8
Row = dict[str, str]


def scores(rows: list[Row], arm_column: str, arm: str, column: str) -> FloatArray:
    return np.array([float(row[column]) for row in rows if row[arm_column] == arm and row[column]])


@pytest.mark.parametrize("outcome", ["prop2", "prop3"])
def test_g_of_a_real_trial_is_that_of_r(fdd: list[Row], hedges_g_by_r: Any, outcome: str) -> None:
    cbt, emdr = scores(fdd, "trt", "C", outcome), scores(fdd, "trt", "E", outcome)
    assert_equals_r(cbt, emdr, hedges_g_by_r["from_data"][f"fdd_{outcome}"])


@pytest.mark.parametrize(("arm", "case"), [("letter", "letter"), ("optimism", "optimism_90")])
def test_g_between_two_of_three_arms_is_that_of_r(
    three_arms: list[Row], hedges_g_by_r: Any, arm: str, case: str
) -> None:
    one = scores(three_arms, "arm", arm, "outcome")
    other = scores(three_arms, "arm", "early_memory", "outcome")
    assert_equals_r(one, other, hedges_g_by_r["from_data"][f"three_arms_{case}"])


def assert_equals_r(one: FloatArray, other: FloatArray, by_r: Any) -> None:
    sharp, effectsize = by_r["sharp"], by_r["effectsize"]
    sd = pooled_sd(one, other)
    assert (len(one), len(other)) == (sharp["n1"], sharp["n2"])
    assert sd == pytest.approx(sharp["sd"], rel=CLOSE)
    g = hedges_g(float(one.mean() - other.mean()), sd, len(one), len(other), sharp["level"])
    assert (g.estimate, *g.ci) == pytest.approx((sharp["g"], sharp["low"], sharp["high"]), rel=CLOSE)
    # effectsize's own search for the interval stops at about six digits.
    assert g.estimate == pytest.approx(effectsize["g"], rel=CLOSE)
    assert g.ci == pytest.approx((effectsize["low"], effectsize["high"]), abs=1e-6)


def test_g_from_summaries_is_that_of_r(hedges_g_by_r: Any) -> None:
    for case in hedges_g_by_r["from_summaries"]:
        g = hedges_g(case["difference"], case["sd"], case["n1"], case["n2"], case["level"])
        assert small_sample_correction(case["n1"] + case["n2"] - 2) == pytest.approx(case["correction"], rel=CLOSE)
        assert g.estimate == pytest.approx(case["g"], rel=CLOSE, abs=1e-12)
        assert g.ci == pytest.approx((case["low"], case["high"]), rel=CLOSE)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.floats(-30, 30), st.floats(1, 20), st.integers(2, 300), st.integers(2, 300), st.sampled_from([0.8, 0.95]))
def test_the_interval_holds_the_effect_widens_with_the_level_and_turns_with_the_sign(
    difference: float, sd: float, n1: int, n2: int, level: float
) -> None:
    g, back = hedges_g(difference, sd, n1, n2, level), hedges_g(-difference, sd, n2, n1, level)
    wider = hedges_g(difference, sd, n1, n2, 0.99)
    assert wider.ci[0] < g.ci[0] < g.estimate < g.ci[1] < wider.ci[1]
    assert (back.estimate, *back.ci) == pytest.approx((-g.estimate, -g.ci[1], -g.ci[0]), rel=1e-9, abs=1e-9)
    assert abs(g.estimate) <= abs(difference / sd)


def test_the_effect_says_what_it_was_divided_by() -> None:
    assert hedges_g(1, 2, 10, 10).standardizer.startswith("pooled standard deviation")
    assert hedges_g(1, 2, 10, 10, standardizer="baseline SD").standardizer == "baseline SD"


def test_a_standard_deviation_of_zero_or_too_few_participants_is_refused() -> None:
    with pytest.raises(AnalysisImpossible, match="above zero"):
        hedges_g(1, 0, 10, 10)
    with pytest.raises(AnalysisImpossible, match="at least four"):
        hedges_g(1, 1, 2, 1)
    with pytest.raises(AnalysisImpossible, match="no interval"):
        hedges_g(1, 1e-9, 10, 10)
    with pytest.raises(AnalysisImpossible, match="at least three"):
        pooled_sd(np.array([1.0]), np.array([2.0]))
    with pytest.raises(AnalysisImpossible, match="at least three"):
        pooled_sd(np.array([]), np.array([1.0, 2.0, 3.0]))
    with pytest.raises(ValueError, match="level"):
        hedges_g(1, 1, 10, 10, level=95)
