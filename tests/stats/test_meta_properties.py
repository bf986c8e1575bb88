"""What must hold of a meta-analysis whatever the studies, what is refused, and how often its intervals hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.meta_analysis import Pooled, pool_studies
from trial.stats.meta_effects import (
    ArmSummary,
    PrePost,
    fisher_z,
    from_interval,
    mean_difference,
    pre_post_control,
    standardized_adjusted,
    standardized_difference,
)
from trial.stats.meta_funnel import egger
from trial.stats.meta_heterogeneity import METHODS, Method, q_profile, tau_squared
from trial.stats.meta_influence import by_group, leave_one_out

always = settings(derandomize=True, deadline=None, max_examples=15)
methods = st.sampled_from(METHODS)
Studies = tuple[FloatArray, FloatArray]


@st.composite
def studies(draw: st.DrawFn) -> Studies:
    """Two to twelve studies of unequal precision, from all alike to all apart."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    k, tau = draw(st.integers(2, 12)), draw(st.sampled_from([0.0, 0.2, 2.0]))
    variances = chance.uniform(0.01, 0.3, k)
    return chance.normal(0.4, np.sqrt(variances + tau**2)), variances


def figures(one: Pooled) -> tuple[float, ...]:
    spread = one.heterogeneity
    return (one.estimate, one.se, one.p, *one.ci, spread.q, spread.tau2, *spread.tau2_ci, spread.i2, *spread.i2_ci)


@always
@given(studies(), methods)
def test_the_order_of_the_studies_does_not_matter(found: Studies, method: Method) -> None:
    order = np.random.default_rng(len(found[0])).permutation(len(found[0]))
    ours, theirs = pool_studies(found[0][order], found[1][order], method), pool_studies(*found, method)
    assert figures(ours) == pytest.approx(figures(theirs), rel=1e-8, abs=1e-10)
    assert ours.weights == pytest.approx(np.array(theirs.weights)[order], rel=1e-8)


@always
@given(studies(), methods, st.floats(-50, 50), st.sampled_from([-3.0, 0.02, 1.0, 400.0]))
def test_another_scale_moves_the_estimate_and_leaves_what_has_no_scale(
    found: Studies, method: Method, shift: float, factor: float
) -> None:
    moved = pool_studies(shift + factor * found[0], factor**2 * found[1], method)
    still = pool_studies(*found, method)
    assert moved.estimate == pytest.approx(shift + factor * still.estimate, rel=1e-6, abs=1e-6)
    assert moved.se == pytest.approx(abs(factor) * still.se, rel=1e-6)
    spread, kept = moved.heterogeneity, still.heterogeneity
    assert spread.tau2 == pytest.approx(factor**2 * kept.tau2, rel=1e-5, abs=1e-7 * factor**2)
    assert (spread.q, spread.i2) == pytest.approx((kept.q, kept.i2), rel=1e-5, abs=1e-7)
    assert moved.weights == pytest.approx(still.weights, rel=1e-5)


@always
@given(studies(), methods)
def test_p_and_interval_agree_and_everything_lies_where_it_belongs(found: Studies, method: Method) -> None:
    one = pool_studies(*found, method)
    spread = one.heterogeneity
    assume(abs(one.p - 0.05) > 1e-9)
    assert (one.ci[0] <= 0 <= one.ci[1]) == (one.p > 0.05)
    assert min(found[0]) <= one.estimate <= max(found[0])
    assert sum(one.weights) == pytest.approx(1)
    assert 0 <= spread.tau2_ci[0] <= spread.tau2_ci[1] and 0 <= spread.i2 < 1
    if one.prediction:
        assert one.prediction[0] <= one.ci[0] and one.ci[1] <= one.prediction[1]
    if method != "common":
        bare = pool_studies(*found, method, safeguard=False)
        assert bare.se <= one.se * (1 + 1e-12)
        assert one.guarded == (bare.se < one.se * (1 - 1e-12))


@always
@given(studies())
def test_no_variance_has_a_higher_restricted_likelihood_than_that_of_reml(found: Studies) -> None:
    """The likelihood written out by determinants, apart from the code."""

    def likelihood(tau2: float) -> float:
        inverse = np.diag(1 / (found[1] + tau2))
        ones = np.ones(len(found[0]))
        mean = ones @ inverse @ found[0] / (ones @ inverse @ ones)
        left = found[0] - mean
        return -0.5 * float(
            -np.linalg.slogdet(inverse)[1] + math.log(ones @ inverse @ ones) + left @ inverse @ left
        )  # fmt: skip

    at = tau_squared(*found, "reml")
    others = np.concatenate([np.geomspace(1e-6, 50, 200), at * np.array([0.99, 1.01])])
    assert likelihood(at) >= max(likelihood(float(one)) for one in others) - 1e-9


def test_of_two_peaks_of_the_restricted_likelihood_the_higher_is_taken() -> None:
    """Two precise studies that agree and some rough ones far apart can make two peaks."""
    estimates = np.array([0.0, 0.01, 6.0, -7.0, 5.0])
    variances = np.array([1e-4, 1e-4, 4.0, 4.0, 4.0])
    grid = np.concatenate([[0.0], np.geomspace(1e-8, 1e3, 5_000)])
    spread = variances[:, None] + grid
    mean = (estimates[:, None] / spread).sum(0) / (1 / spread).sum(0)
    rest = ((estimates[:, None] - mean) ** 2 / spread).sum(0)
    heights = -0.5 * (np.log(spread).sum(0) + np.log((1 / spread).sum(0)) + rest)
    peaks = np.sum((heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])) + (heights[0] > heights[1])
    assert peaks == 2
    assert tau_squared(estimates, variances, "reml") == pytest.approx(grid[np.argmax(heights)], rel=5e-3, abs=1e-6)


@always
@given(st.floats(-3, 3), st.floats(0.05, 2), st.floats(0.05, 2))
def test_two_studies_have_the_variance_that_can_be_worked_out_by_hand(
    gap: float, variance: float, other: float
) -> None:
    """For two equally precise studies every method gives the excess of half their squared distance."""
    alike = np.array([0.0, gap]), np.array([variance, variance])
    for method in METHODS[1:]:
        by_hand = max(0.0, gap**2 / 2 - variance)
        assert tau_squared(*alike, method) == pytest.approx(by_hand, rel=1e-7, abs=1e-9)
    pooled = pool_studies(np.array([0.0, gap]), np.array([variance, other]), "common")
    assert pooled.estimate == pytest.approx(gap * variance / (variance + other), rel=1e-9, abs=1e-12)


def test_one_study_no_variance_or_weights_beyond_reason_are_refused_in_words() -> None:
    some = np.array([0.1, 0.2, 0.4])
    for variances, words in (
        (np.array([0.1, 0.0, 0.2]), "not above zero"),
        (np.array([0.1, -0.1, 0.2]), "not above zero"),
        (np.array([0.1, np.nan, 0.2]), "missing or infinite"),
        (np.array([1e-8, 0.1, 1e4]), "another unit"),
    ):
        with pytest.raises(AnalysisImpossible, match=words):
            pool_studies(some, variances)
    with pytest.raises(AnalysisImpossible, match="fewer than two"):
        pool_studies(some[:1], np.array([0.1]))
    with pytest.raises(AnalysisImpossible, match="at least three"):
        leave_one_out(some[:2], np.array([0.1, 0.2]))
    with pytest.raises(AnalysisImpossible, match="at least three"):
        egger(some[:2], np.array([0.1, 0.2]))
    with pytest.raises(AnalysisImpossible, match="equally precise"):
        egger(some, np.full(3, 0.1))
    with pytest.raises(AnalysisImpossible, match="without any scatter"):
        egger(np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.2, 0.3]) ** 2)
    for call in (lambda: pool_studies(some, some, level=95), lambda: pool_studies(some, some[:2])):
        with pytest.raises(ValueError):
            call()


def test_few_studies_are_pooled_with_what_a_reader_has_to_know() -> None:
    two = pool_studies(np.array([0.1, 0.9]), np.array([0.02, 0.03]))
    assert two.prediction is None and two.df == 1
    assert any("as good as unknown" in note for note in two.notes) and any("three" in note for note in two.notes)
    calm = pool_studies(np.array([0.3, 0.31, 0.29]), np.array([0.1, 0.1, 0.1]))
    assert calm.heterogeneity.tau2 == 0 and calm.heterogeneity.empty and calm.guarded
    assert any("does not show" in note for note in calm.notes) and any("safeguard" in note for note in calm.notes)
    heavy = pool_studies(np.array([0.1, 0.9, 0.5]), np.array([1e-9, 0.5, 0.9]), "common")
    assert any("carries 100%" in note for note in heavy.notes) and any("units" in note for note in heavy.notes)
    apart = pool_studies(np.array([0.1, 5.0, 9.0]), np.array([0.1, 0.1, 0.1]), "common")
    assert any("a common effect is not" in note for note in apart.notes)
    assert "too few" in egger(np.array([0.1, 0.9, 0.5]), np.array([0.1, 0.2, 0.3])).notes[0]


def test_a_group_of_one_study_is_left_alone_and_not_compared() -> None:
    found = by_group(np.array([0.1, 0.5, 0.3]), np.array([0.1, 0.1, 0.2]), ["a", "b", "a"])
    assert found.groups["b"] is None and found.groups["a"] is not None and found.q is None


@always
@given(st.integers(2, 80), st.integers(2, 80), st.floats(-9, 9), st.floats(-9, 9), st.floats(0.5, 4))
def test_effects_from_summaries_turn_with_the_arms_and_keep_their_variance(
    n1: int, n2: int, mean: float, other: float, sd: float
) -> None:
    one, two = ArmSummary(n1, mean, sd), ArmSummary(n2, other, sd * 1.3)
    for effect in (mean_difference, standardized_difference):
        forth, back = effect(one, two), effect(two, one)
        assert (back.estimate, back.variance) == pytest.approx((-forth.estimate, forth.variance), abs=1e-12)
    alike = standardized_difference(one, ArmSummary(n2, other, sd))
    adjusted = standardized_adjusted(alike.estimate, sd * math.sqrt(1 / n1 + 1 / n2), sd, n1, n2)
    assert adjusted.variance == pytest.approx(alike.variance)


def test_effects_that_cannot_be_are_refused_in_words() -> None:
    fine = ArmSummary(10, 1.0, 2.0)
    before = PrePost(10, 1, 2, 1.5, 0.5)
    for call, words in (
        (lambda: standardized_difference(fine, ArmSummary(1, 1, 1)), "two people"),
        (lambda: standardized_difference(fine, ArmSummary(9, 1, 0)), "above zero"),
        (lambda: mean_difference(fine, ArmSummary(9, math.nan, 1)), "missing"),
        (lambda: pre_post_control(before, PrePost(10, 1, 2, 1.5, 1.0)), "between -1 and 1"),
        (lambda: pre_post_control(before, PrePost(10, 1, math.inf, 1.5, 0.1)), "missing"),
        (lambda: fisher_z(0.3, 3), "four people"),
        (lambda: fisher_z(1.0, 30), "between -1 and 1"),
        (lambda: fisher_z(0.3, 30, 0.0), "reliability"),
        (lambda: fisher_z(0.8, 30, 0.6, 0.7), "would be 1.23"),
        (lambda: from_interval(0.4, 0.1), "two finite ends"),
        (lambda: standardized_adjusted(0.3, 0.0, 1.0, 10, 10), "above zero"),
    ):
        with pytest.raises(AnalysisImpossible, match=words):
            call()


def test_an_interval_gives_back_the_estimate_and_error_it_was_made_from() -> None:
    found = from_interval(0.4 - 1.6448536269514722 * 0.2, 0.4 + 1.6448536269514722 * 0.2, 0.9)
    assert (found.estimate, found.variance) == pytest.approx((0.4, 0.04))


def test_with_five_studies_that_differ_knapp_and_hartung_hold_the_truth_where_the_normal_interval_does_not() -> None:
    """300 meta-analyses, tau^2 as large as the typical variance: 95 % give or take 3.5 standard errors of 300."""
    chance = np.random.default_rng(20_260_808)
    held = np.zeros(3)
    for _ in range(300):
        variances = chance.uniform(0.02, 0.2, 5)
        estimates = chance.normal(0.3, np.sqrt(variances + 0.1))
        ours = [pool_studies(estimates, variances, "pm", safeguard=False).ci]
        ours.append(pool_studies(estimates, variances, "pm", knapp_hartung=False).ci)
        ours.append(q_profile(estimates, variances, 0.95)[:2])
        held += [low <= truth <= high for (low, high), truth in zip(ours, (0.3, 0.3, 0.1), strict=True)]
    share = held / 300
    error = math.sqrt(0.95 * 0.05 / 300)
    assert abs(share[0] - 0.95) < 3.5 * error and abs(share[2] - 0.95) < 3.5 * error
    assert share[1] < 0.95 - 2 * error
