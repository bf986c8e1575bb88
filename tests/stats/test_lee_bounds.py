"""Bounds by trimming: as whole people counted in R, what they cannot depend on, and what they promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.conftest import read_json
from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.lee_bounds import lee_bounds

BY_R: Any = read_json("lee_bounds.json")


def people(case: Any) -> tuple[FloatArray, list[str]]:
    columns = [(case["more"], case["n1"]), (case["fewer"], case["n0"])]
    filled = [value for seen, n in columns for value in (*seen, *[np.nan] * (n - len(seen)))]
    return np.array(filled, dtype=np.float64), ["more"] * case["n1"] + ["fewer"] * case["n0"]


def trial(seed: int, n: int = 30) -> tuple[FloatArray, list[str]]:
    dice = np.random.default_rng(seed)
    outcome = np.round(dice.normal(20, 6, 2 * n), 2)
    outcome[dice.random(2 * n) < np.repeat([0.15, 0.4], n)] = np.nan
    return outcome, ["letter"] * n + ["memory"] * n


@pytest.mark.parametrize("case", [*BY_R["three_arms"], *BY_R["made"]], ids=lambda case: f"{case['n1']}-{case['n0']}")
def test_bounds_errors_and_interval_are_those_of_r(case: Any) -> None:
    found = lee_bounds(*people(case), ("more", "fewer"), case["level"])
    assert (found.lower, found.upper) == pytest.approx((case["lower"], case["upper"]), rel=1e-8)
    assert (*found.se, *found.ci) == pytest.approx((*case["se"], *case["ci"]), rel=1e-8)
    assert found.share == pytest.approx(case["share"], abs=1e-12)
    assert found.trimmed == ("more" if case["share"] > 0 else None)


def test_with_nobody_lost_the_bounds_are_the_difference_with_welchs_error() -> None:
    dice = np.random.default_rng(1)
    one, two = dice.normal(3, 1, 25), dice.normal(0, 4, 40)
    found = lee_bounds(np.concatenate([one, two]), ["a"] * 25 + ["b"] * 40, ("a", "b"))
    assert (found.lower, found.upper) == pytest.approx((one.mean() - two.mean(),) * 2)
    assert found.se[0] == pytest.approx((one.var(ddof=1) / 25 + two.var(ddof=1) / 40) ** 0.5)
    assert found.ci[1] - found.ci[0] == pytest.approx(2 * 1.959963984540054 * found.se[0], rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 10), st.floats(-100, 100))
def test_order_of_rows_unit_and_origin_change_nothing_else(seed: int, unit: float, origin: float) -> None:
    outcome, arms = trial(seed)
    order = np.random.default_rng(seed).permutation(len(outcome))
    one = lee_bounds(outcome, arms, ("letter", "memory"))
    two = lee_bounds(outcome[order] * unit + origin, [arms[k] for k in order], ("letter", "memory"))
    assert two.ci == pytest.approx([unit * end for end in one.ci], rel=1e-7, abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_arms_exchanged_or_a_scale_turned_round_turn_the_bounds_round(seed: int) -> None:
    outcome, arms = trial(seed)
    one = lee_bounds(outcome, arms, ("letter", "memory"))
    for other in (lee_bounds(outcome, arms, ("memory", "letter")), lee_bounds(-outcome, arms, ("letter", "memory"))):
        assert (other.lower, other.upper) == pytest.approx((-one.upper, -one.lower))
        assert other.ci == pytest.approx((-one.ci[1], -one.ci[0]))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_bounds_hold_every_difference_that_leaving_out_so_many_can_make(seed: int) -> None:
    outcome, arms = trial(seed)
    found = lee_bounds(outcome, arms, ("letter", "memory"))
    dice = np.random.default_rng(seed)
    one, two = outcome[:30][np.isfinite(outcome[:30])], outcome[30:][np.isfinite(outcome[30:])]
    more, fewer, sign = (one, two, 1) if len(one) >= len(two) else (two, one, -1)
    for _ in range(20):
        difference = sign * (dice.choice(more, len(fewer), replace=False).mean() - fewer.mean())
        assert found.lower - 1e-9 <= difference <= found.upper + 1e-9


def test_what_cannot_be_bounded_is_refused() -> None:
    outcome, arms = trial(1)
    outcome[31:] = np.nan
    with pytest.raises(AnalysisImpossible, match="'memory' has fewer than two outcomes"):
        lee_bounds(outcome, arms, ("letter", "memory"))
    outcome[30:] = 5.0
    with pytest.raises(AnalysisImpossible, match="Everyone of arm 'memory' with an outcome has the same"):
        lee_bounds(outcome, arms, ("letter", "memory"))
    few = np.array([1.0, 2, *[np.nan] * 28, 1, 2])
    with pytest.raises(AnalysisImpossible, match="Trimming leaves fewer than two"):
        lee_bounds(few, ["a"] * 30 + ["b"] * 2, ("a", "b"))


def test_the_interval_holds_the_effect_on_those_who_would_stay_in_both_arms() -> None:
    """40 per arm, 10 and 40 % lost, and who is lost from the second arm alone differs by a standard deviation."""
    dice, held = np.random.default_rng(20090701), 0
    for _ in range(400):
        kind = dice.random(80)  # below .6 stays in both, below .9 in the first alone
        outcome = 10 + 2.0 * (np.arange(80) < 40) + dice.normal(0, 4, 80) - 4.0 * (kind > 0.6)
        outcome[(kind > 0.9) | ((np.arange(80) >= 40) & (kind > 0.6))] = np.nan
        low, high = lee_bounds(outcome, ["a"] * 40 + ["b"] * 40, ("a", "b")).ci
        held += low <= 2 <= high
    assert held / 400 > 0.917
