"""The size of a trial, its power and the effect it can find are those of R and of the tables the studies grew from."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial.stats.margin_power import (
    equivalence_margin,
    equivalence_power,
    equivalence_size,
    non_inferiority_margin,
    non_inferiority_power,
    non_inferiority_size,
)
from trial.stats.power import ancova_power, randomized_per_arm, two_sample_effect, two_sample_power, two_sample_size
from trial.stats.proportions_power import proportions_effect, proportions_power, proportions_size
from trial.stats.sequential.design import spending_design
from trial.stats.sequential.spending import Spending
from trial.stats.sequential.stopping import inflation
from trial.stats.size_factors import borm_size, change_score_factor, clusters_per_arm, design_effect, per_contrast

CLOSE = 1e-8
FEW = settings(derandomize=True, deadline=None, max_examples=20)

# d; per arm with a power of 80 % and of 90 %, two-sided .05.
T_TEST = [
    (0.2, 393.4057, 526.3332),
    (0.3, 175.3847, 234.4627),
    (0.35, 129.1121, 172.5157),
    (0.4, 99.0803, 132.3105),
    (0.5, 63.7656, 85.0313),
    (0.8, 25.5246, 33.8255),
]

# What published trials of self-compassion could find with 80 % power, baseline correlated .6: analysed per arm.
FOUND = [(63, 70, 0.39), (27, 22, 0.66), (61, 61, 0.41), (100, 100, 0.32), (110, 109, 0.30), (25, 27, 0.63)]


@pytest.mark.parametrize(("d", "at_80", "at_90"), T_TEST)
def test_sizes_of_a_t_test_are_those_known_beforehand(d: float, at_80: float, at_90: float) -> None:
    assert two_sample_size(d) == pytest.approx(at_80, abs=6e-5)
    assert two_sample_size(d, power=0.9) == pytest.approx(at_90, abs=6e-5)


def test_sizes_and_power_of_a_t_test_are_those_of_r(sample_size_by_r: Any) -> None:
    for case in sample_size_by_r["t_size"]:
        assert two_sample_size(case["d"], power=case["power"]) == pytest.approx(case["n"], rel=CLOSE)
        assert two_sample_effect(case["n"], case["n"], power=case["power"]) == pytest.approx(case["d"], rel=CLOSE)
    for case in sample_size_by_r["t_power"]:
        ours = two_sample_power(
            case["d"], case["n1"], case["n2"], case["alpha"], r=case["r"], covariates=case["covariates"]
        )
        assert ours == pytest.approx(case["power"], rel=CLOSE)
    assert two_sample_power(0.5, 50, 100) == pytest.approx(0.8180633611, abs=1e-10)
    assert two_sample_power(0.5, 64, 64) == pytest.approx(0.8014595579, abs=1e-10)


def test_what_the_baseline_saves_is_what_r_says(sample_size_by_r: Any) -> None:
    for case in sample_size_by_r["adjusted_size"]:
        smaller = two_sample_size(case["d"], power=case["power"], r=case["r"])
        assert smaller == pytest.approx(case["n"], rel=CLOSE)
        exact = two_sample_size(case["d"], power=case["power"], r=case["r"], covariates=1)
        assert exact == pytest.approx(case["n_covariate"], rel=CLOSE)
        assert math.ceil(exact) <= borm_size(two_sample_size(case["d"], power=case["power"]), case["r"])
    assert borm_size(132.3105, 0.5) == 101
    assert borm_size(132.3105, 0.7) == 69
    assert change_score_factor(0.7) == pytest.approx(0.6)
    assert change_score_factor(0.5) == 1


@pytest.mark.parametrize(("n1", "n2", "d"), FOUND)
def test_what_published_trials_could_find_is_what_the_table_says(n1: int, n2: int, d: float) -> None:
    assert two_sample_effect(n1, n2, r=0.6, covariates=1) == pytest.approx(d, abs=0.005)


def test_two_proportions_are_sized_as_r_sizes_them(sample_size_by_r: Any) -> None:
    for case in sample_size_by_r["proportions"]:
        assert proportions_size(case["p1"], case["p2"], power=case["power"]) == pytest.approx(case["n"], rel=CLOSE)
    for case in sample_size_by_r["proportions_power"]:
        ours = proportions_power(case["p1"], case["p2"], case["n"], case["n"], case["alpha"])
        assert ours == pytest.approx(case["power"], rel=CLOSE)
    for case in sample_size_by_r["proportions_effect"]:
        ours = proportions_effect(case["p1"], case["n"], case["n"], power=case["power"])
        assert ours == pytest.approx(case["p2"], rel=CLOSE)
    # power.prop.test with its own tolerance stops at about six digits.
    assert proportions_size(0.3, 0.5) == pytest.approx(92.99884482, abs=2e-5)
    assert proportions_size(0.2, 0.3) == pytest.approx(293.1512858, abs=2e-5)


def test_not_worse_and_alike_are_sized_as_r_sizes_them(sample_size_by_r: Any) -> None:
    for case in sample_size_by_r["not_worse"]:
        ours = non_inferiority_power(case["d"], case["margin"], case["n"], case["n"], case["alpha"])
        assert ours == pytest.approx(case["power"], rel=CLOSE)
    for case in sample_size_by_r["not_worse_size"]:
        ours = non_inferiority_size(case["d"], case["margin"], power=case["power"])
        assert ours == pytest.approx(case["n"], rel=CLOSE)
    for case in sample_size_by_r["alike"]:
        ours = equivalence_power(case["d"], case["margin"], case["n1"], case["n2"], case["alpha"])
        assert ours == pytest.approx(case["power"], rel=CLOSE)


def test_clusters_losses_and_looks_ask_for_more_people() -> None:
    assert design_effect(20, 0.05) == pytest.approx(1.95)
    assert design_effect(20, 0.05, 0.5) == pytest.approx(2.2)
    assert design_effect(1, 0.3) == 1
    assert clusters_per_arm(63.7656, 20, 0.05) == 7
    assert clusters_per_arm(100, 20, 0) == 5
    assert randomized_per_arm(133, 0.2) == 167
    assert randomized_per_arm(133, 0.3) == 190
    two_looks = spending_design([0.5, 1], Spending("obrien_fleming"))
    assert 2 * two_sample_size(0.4, power=0.9) * inflation(two_looks, 0.9) == pytest.approx(265.5255942, abs=2e-4)


def test_several_comparisons_share_alpha_and_say_so() -> None:
    shared = per_contrast(0.05, 2)
    assert shared.each == 0.025
    assert "Bonferroni" in shared.statement and "0.025" in shared.statement
    assert per_contrast(0.05, 1).statement == "One comparison: nothing to share."


@FEW
@given(st.floats(0.1, 2), st.floats(0.3, 3), st.floats(-0.8, 0.8), st.integers(0, 4), st.sampled_from([0.8, 0.95]))
def test_the_size_found_has_the_power_asked_for_and_the_effect_found_is_the_one_put_in(
    d: float, ratio: float, r: float, covariates: int, power: float
) -> None:
    n = two_sample_size(-d, power=power, ratio=ratio, r=r, covariates=covariates)
    had = two_sample_power(d, n, ratio * n, r=r, covariates=covariates)
    assert had >= power - 1e-9
    if had < power + 1e-9:
        back = two_sample_effect(n, ratio * n, power=power, r=r, covariates=covariates)
        assert back == pytest.approx(d, rel=1e-6)
        assert two_sample_size(d, power=power, ratio=1 / ratio, r=r, covariates=covariates) == pytest.approx(
            ratio * n, rel=1e-6
        )


@FEW
@given(st.floats(0.05, 0.9), st.floats(0.05, 0.9), st.floats(0.4, 2.5))
def test_proportions_turned_round_need_the_same_trial(p1: float, p2: float, ratio: float) -> None:
    if abs(p1 - p2) < 0.01:
        return
    n = proportions_size(p1, p2, ratio=ratio)
    assert proportions_size(p2, p1, ratio=1 / ratio) == pytest.approx(ratio * n, rel=1e-9)
    assert proportions_size(1 - p1, 1 - p2, ratio=ratio) == pytest.approx(n, rel=1e-9)
    if min(n, ratio * n) >= 1:
        assert proportions_power(p1, p2, n, ratio * n) == pytest.approx(0.8, rel=1e-9)


def test_showing_less_takes_fewer() -> None:
    assert ancova_power(0.3, 0.6, 100) == two_sample_power(0.3, 100, 100, r=0.6, covariates=1)
    assert non_inferiority_size(0.1, 0.3) < non_inferiority_size(0, 0.3) < equivalence_size(0, 0.3, alpha=0.025)
    n = equivalence_size(0.1, 0.4, r=0.5, covariates=1)
    assert equivalence_power(0.1, 0.4, n, n, r=0.5, covariates=1) == pytest.approx(0.8, abs=1e-9)
    assert equivalence_margin(0.1, n, n, r=0.5, covariates=1) == pytest.approx(0.4, rel=1e-8)
    n = non_inferiority_size(-0.1, 0.4, power=0.9)
    assert non_inferiority_margin(-0.1, n, n, power=0.9) == pytest.approx(0.4, rel=1e-8)
    assert equivalence_power(0, 0.01, 5, 5) < 1e-12
    assert equivalence_power(0.3, 0.3, 200, 200) == pytest.approx(0.05, abs=1e-3)
    assert non_inferiority_power(-0.3, 0.3, 80, 80) == pytest.approx(0.025, abs=1e-10)


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda: two_sample_power(0.3, 1, 50), "at least two"),
        (lambda: two_sample_power(0.3, 2, 2, covariates=2), "no degree of freedom"),
        (lambda: two_sample_size(0.0), "other than zero"),
        (lambda: two_sample_size(0.3, power=0.01), "between alpha and 1"),
        (lambda: two_sample_size(0.3, ratio=0), "ratio"),
        (lambda: two_sample_effect(30, 30, power=1), "between alpha and 1"),
        (lambda: proportions_power(0, 0.2, 30, 30), "between 0 and 1"),
        (lambda: proportions_power(0.1, 0.2, 0, 30), "at least one"),
        (lambda: proportions_size(0.2, 0.2), "two different"),
        (lambda: proportions_size(0.2, 0.3, power=0), "between alpha and 1"),
        (lambda: proportions_effect(0.9, 5, 5), "no feasible"),
        (lambda: proportions_effect(0.9, 5, 5, power=2), "between alpha and 1"),
        (lambda: non_inferiority_power(0, 0, 30, 30), "margin above 0"),
        (lambda: non_inferiority_power(0, 0.2, 1, 30), "at least two"),
        (lambda: non_inferiority_power(0, 0.2, 2, 2, covariates=2), "no degree of freedom"),
        (lambda: non_inferiority_size(-0.3, 0.2), "beyond the margin"),
        (lambda: equivalence_size(0.2, 0.2), "beyond the margin"),
        (lambda: equivalence_size(0, 0.2, power=1), "between alpha and 1"),
        (lambda: equivalence_margin(0, 50, 50, power=1), "between alpha and 1"),
        (lambda: non_inferiority_margin(0, 1, 50), "at least two"),
        (lambda: borm_size(0, 0.5), "above 0"),
        (lambda: borm_size(10, 1), "between -1 and 1"),
        (lambda: design_effect(0.5, 0.1), "at least one"),
        (lambda: clusters_per_arm(0, 10, 0.1), "above 0"),
        (lambda: per_contrast(2, 2), "alpha"),
        (lambda: per_contrast(0.05, 0), "at least one"),
    ],
)
def test_questions_without_an_answer_are_refused(ask: object, answer: str) -> None:
    with pytest.raises(ValueError, match=answer):
        ask()  # type: ignore[operator]
