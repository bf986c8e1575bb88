"""Alpha, omega and reliable change against other ways to the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from trial.stats.arrays import FloatArray
from trial.stats.reliability import (
    alpha_interval,
    changes,
    cronbach_alpha,
    mcdonald_omega,
    one_factor,
    reliable_change,
)


def answers(seed: int, people: int, items: int) -> FloatArray:
    """Whole answers of 1 to 5 that share one factor, with loadings from .4 to .8."""
    dice = np.random.default_rng(seed)
    loadings = dice.uniform(0.4, 0.8, items)
    latent = dice.normal(size=(people, 1)) * loadings + dice.normal(size=(people, items)) * np.sqrt(1 - loadings**2)
    return np.clip(np.round(3 + 1.2 * latent), 1, 5)


def omega_by_search(items: FloatArray) -> float:
    """The same least squares by a general minimiser over all loadings at once, from another start."""
    correlation, spread = np.corrcoef(items.T), items.std(axis=0, ddof=1)
    upper = np.triu_indices(len(spread), 1)
    found = optimize.least_squares(
        lambda x: correlation[upper] - np.outer(x, x)[upper], np.full(len(spread), 0.5), bounds=(-1, 1), xtol=1e-15,
        ftol=1e-15, gtol=1e-15,
    ).x  # fmt: skip
    common = float(found @ spread) ** 2
    return common / (common + float(np.sum((1 - found**2) * spread**2)))


@pytest.mark.parametrize("items", [4, 6, 12, 26])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_omega_is_that_of_a_general_least_squares_search(seed: int, items: int) -> None:
    data = answers(seed, 150, items)
    assert mcdonald_omega(data) == pytest.approx(omega_by_search(data), abs=1e-7)


def test_omega_of_three_items_is_that_of_the_closed_form() -> None:
    data = answers(7, 400, 3)
    r, spread = np.corrcoef(data.T), data.std(axis=0, ddof=1)
    loadings = np.sqrt([r[0, 1] * r[0, 2] / r[1, 2], r[0, 1] * r[1, 2] / r[0, 2], r[0, 2] * r[1, 2] / r[0, 1]])
    common = float(loadings @ spread) ** 2
    expected = common / (common + float(np.sum((1 - loadings**2) * spread**2)))
    assert mcdonald_omega(data) == pytest.approx(expected, abs=1e-9)


def test_alpha_is_the_mean_covariance_over_the_mean_of_all_entries() -> None:
    data = answers(11, 80, 7)
    table = np.cov(data.T)
    between = (table.sum() - np.trace(table)) / 42
    assert cronbach_alpha(data) == pytest.approx(49 * between / table.sum(), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 9), st.floats(0.1, 9), st.floats(-5, 5))
def test_neither_unit_nor_origin_of_the_answers_nor_the_order_of_items_matters(
    seed: int, items: int, unit: float, origin: float
) -> None:
    data = answers(seed, 120, items)
    other = data[:, ::-1] * unit + origin
    assert cronbach_alpha(other) == pytest.approx(cronbach_alpha(data), abs=1e-9)
    one, two = mcdonald_omega(data), mcdonald_omega(other)
    assert (one is None) == (two is None)
    assert one is None or two == pytest.approx(one, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 9))
def test_alpha_is_no_more_than_one_and_omega_lies_from_nought_to_one(seed: int, items: int) -> None:
    data = answers(seed, 60, items)
    alpha, omega = cronbach_alpha(data), mcdonald_omega(data)
    assert alpha is not None and alpha <= 1
    assert omega is None or 0 <= omega <= 1


def test_an_item_with_more_shared_than_its_whole_variance_is_told() -> None:
    # correlations .9, .8 and .5 would need a first loading of 1.2
    wanted = np.array([[1.0, 0.9, 0.8], [0.9, 1.0, 0.5], [0.8, 0.5, 1.0]])
    parts = np.kron(np.kron([[1.0, 1.0], [1.0, -1.0]], [[1.0, 1.0], [1.0, -1.0]]), [[1.0, 1.0], [1.0, -1.0]])[:, 1:4]
    fit = one_factor(parts @ np.linalg.cholesky(wanted).T)
    assert fit is not None and not fit.proper
    assert fit.loadings[0] ** 2 == pytest.approx(8 / 7) and fit.unique[0] == 0


@pytest.mark.parametrize(
    "items",
    [np.ones((10, 4)), np.ones((2, 4)), np.eye(5, 1), np.full((10, 4), np.nan), np.empty((0, 4))],
    ids=["no variance", "two people", "one item", "no answers", "nobody"],
)
def test_what_cannot_be_told_is_missing_and_not_a_number(items: FloatArray) -> None:
    assert cronbach_alpha(items) is None and mcdonald_omega(items) is None


def test_two_items_have_no_omega() -> None:
    assert mcdonald_omega(answers(3, 50, 2)) is None


def test_a_change_must_exceed_the_threshold_and_its_direction_is_that_of_the_score() -> None:
    before = np.array([20.0, 20.0, 20.0, 20.0, np.nan])
    after = np.array([10.0, 15.0, 25.1, 20.0, 3.0])
    assert changes(before, after, 5, "lower") == ["improved", "unchanged", "deteriorated", "unchanged", None]
    assert changes(before, after, 5, "higher") == ["deteriorated", "unchanged", "improved", "unchanged", None]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=1, max_size=9), st.floats(0, 30))
def test_who_improves_on_a_score_deteriorates_on_its_mirror(pairs: list[tuple[float, float]], limit: float) -> None:
    before, after = (np.array(column) for column in zip(*pairs, strict=True))
    turned = {"improved": "deteriorated", "deteriorated": "improved", "unchanged": "unchanged"}
    mirrored = changes(before, after, limit, "higher")
    assert [turned[one] for one in mirrored if one] == changes(before, after, limit, "lower")


@pytest.mark.parametrize(("sd", "reliability"), [(-1, 0.8), (np.inf, 0.8), (np.nan, 0.8), (5, 1.01), (5, -0.1)])
def test_figures_that_cannot_be_are_refused(sd: float, reliability: float) -> None:
    with pytest.raises(ValueError, match=r"standard deviation|reliability"):
        reliable_change(sd, reliability)


def test_the_error_rate_of_a_change_is_one_in_twenty() -> None:
    dice = np.random.default_rng(5)
    people, sd, reliability = 200_000, 10.0, 0.8
    true = dice.normal(50, sd * np.sqrt(reliability), people)
    one, two = (true + dice.normal(0, sd * np.sqrt(1 - reliability), people) for _ in range(2))
    found = changes(one, two, reliable_change(sd, reliability), "higher")
    assert found.count("unchanged") / people == pytest.approx(0.95, abs=0.002)


def test_alpha_and_omega_are_those_of_r(reliability_by_r: Any) -> None:
    """psych looks for the loadings with an optimiser that stops at about seven digits."""
    cases = reliability_by_r["cases"]
    assert len(cases) == 3
    for case in cases:
        items = np.array(case["items"], dtype=np.float64)
        fit = one_factor(items)
        assert fit is not None and fit.proper
        assert cronbach_alpha(items) == pytest.approx(case["alpha"], rel=1e-12)
        people, k = items.shape
        assert alpha_interval(case["alpha"], people, k) == pytest.approx(case["interval"], rel=1e-8)
        assert alpha_interval(case["alpha"], people, k, 0.9) == pytest.approx(case["interval_90"], rel=1e-8)
        assert mcdonald_omega(items) == pytest.approx(case["omega"], abs=1e-6)


def test_the_interval_of_alpha_holds_the_alpha_of_everybody_as_often_as_it_says() -> None:
    """Five items with a common variance of 1 and one of their own of 1.5: alpha is 5 / 4 (1 - 12.5 / 32.5)."""
    dice, truth = np.random.default_rng(20261127), 5 / 4 * (1 - 12.5 / 32.5)
    held = 0
    for _ in range(2000):
        items = dice.normal(size=(25, 1)) + np.sqrt(1.5) * dice.normal(size=(25, 5))
        alpha = cronbach_alpha(items)
        assert alpha is not None
        low, high = alpha_interval(alpha, 25, 5)
        held += low <= truth <= high
    assert held / 2000 == pytest.approx(0.95, abs=3 * (0.95 * 0.05 / 2000) ** 0.5)


@pytest.mark.parametrize(
    ("alpha", "n", "k", "level"), [(0.8, 1, 5, 0.95), (0.8, 9, 1, 0.95), (1.1, 9, 5, 0.95), (0.8, 9, 5, 1)]
)
def test_an_interval_of_alpha_that_cannot_be_is_refused(alpha: float, n: int, k: int, level: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        alpha_interval(alpha, n, k, level)
