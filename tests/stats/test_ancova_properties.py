"""What must hold of an ANCOVA in every trial, whatever the data."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import AncovaResult, ancova
from trial.stats.arrays import FloatArray
from trial.stats.least_squares import COVARIANCES, Covariance

always = settings(derandomize=True, deadline=None, max_examples=60)
covariances = st.sampled_from(COVARIANCES)


@dataclass(frozen=True)
class Trial:
    outcome: FloatArray
    arm: tuple[str, ...]
    covariates: FloatArray

    def analyse(self, covariance: Covariance, contrast: tuple[str, str] = ("a", "b")) -> AncovaResult:
        return ancova(self.outcome, self.arm, self.covariates, contrast, covariance=covariance)


@st.composite
def trials(draw: st.DrawFn) -> Trial:
    """Three unequal arms, a baseline and a yes/no factor; real-valued, so that no model is degenerate."""
    sizes = [draw(st.integers(6, 15)) for _ in range(3)]
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = sum(sizes)
    arm = tuple(label for label, size in zip("abc", sizes, strict=True) for _ in range(size))
    baseline = chance.normal(20, 6, n)
    factor = (np.arange(n) % 2).astype(float)
    outcome = 5 + 0.5 * baseline + 2 * factor + chance.normal(0, 4, n) * chance.uniform(0.5, 2, n)
    return Trial(outcome, arm, np.column_stack([baseline, factor]))


@st.composite
def small_trials(draw: st.DrawFn) -> Trial:
    """Few participants with few distinct whole numbers: constant columns, lone levels and ties abound."""
    n = draw(st.integers(3, 12))
    whole = st.integers(-2, 2).map(float)
    columns = draw(st.integers(0, 3))
    cells = draw(st.lists(whole, min_size=n * columns, max_size=n * columns))
    return Trial(
        np.array(draw(st.lists(whole, min_size=n, max_size=n))),
        ("a", "b", *draw(st.lists(st.sampled_from("abc"), min_size=n - 2, max_size=n - 2))),
        np.array(cells, dtype=np.float64).reshape(n, columns),
    )


def figures(result: AncovaResult) -> tuple[float, ...]:
    means = [figure for mean in result.adjusted_means.values() for figure in (mean.mean, mean.se, *mean.ci)]
    return (result.estimate, result.se, result.df, result.t, result.p, *result.ci, *means)


@always
@given(trials(), covariances)
def test_the_order_of_participants_does_not_matter(trial: Trial, covariance: Covariance) -> None:
    order = np.random.default_rng(len(trial.arm)).permutation(len(trial.arm))
    shuffled = Trial(trial.outcome[order], tuple(trial.arm[i] for i in order), trial.covariates[order])
    assert figures(shuffled.analyse(covariance)) == pytest.approx(
        figures(trial.analyse(covariance)), rel=1e-9, abs=1e-9
    )


@always
@given(trials(), covariances, st.permutations(["zebra", "x", "0"]))
def test_the_names_of_the_arms_do_not_matter(trial: Trial, covariance: Covariance, names: list[str]) -> None:
    called = dict(zip("abc", names, strict=True))
    renamed = Trial(trial.outcome, tuple(called[label] for label in trial.arm), trial.covariates)
    ours = renamed.analyse(covariance, (called["a"], called["b"]))
    theirs = trial.analyse(covariance)
    assert (ours.estimate, ours.se, ours.p) == pytest.approx((theirs.estimate, theirs.se, theirs.p), rel=1e-9, abs=1e-9)
    for label, name in called.items():
        assert ours.n[name] == theirs.n[label]
        assert ours.adjusted_means[name].mean == pytest.approx(theirs.adjusted_means[label].mean, rel=1e-9, abs=1e-9)


@always
@given(trials(), covariances)
def test_swapping_the_contrast_only_turns_the_sign(trial: Trial, covariance: Covariance) -> None:
    forth, back = trial.analyse(covariance, ("a", "b")), trial.analyse(covariance, ("b", "a"))
    assert (back.estimate, back.t) == pytest.approx((-forth.estimate, -forth.t), rel=1e-9, abs=1e-9)
    assert back.ci == pytest.approx((-forth.ci[1], -forth.ci[0]), rel=1e-9, abs=1e-9)
    assert (back.se, back.p) == pytest.approx((forth.se, forth.p), rel=1e-9, abs=1e-9)


@always
@given(trials(), covariances, st.floats(-1e4, 1e4), st.floats(0.01, 100))
def test_another_scale_of_the_outcome_scales_the_estimate_and_keeps_p(
    trial: Trial, covariance: Covariance, shift: float, factor: float
) -> None:
    moved = Trial(shift + factor * trial.outcome, trial.arm, trial.covariates)
    ours, theirs = moved.analyse(covariance), trial.analyse(covariance)
    assert (ours.estimate, ours.se) == pytest.approx((factor * theirs.estimate, factor * theirs.se), rel=1e-6, abs=1e-9)
    assert ours.p == pytest.approx(theirs.p, rel=1e-6)
    for label, mean in ours.adjusted_means.items():
        assert mean.mean == pytest.approx(shift + factor * theirs.adjusted_means[label].mean, rel=1e-6, abs=1e-6)


@always
@given(trials(), covariances, st.floats(-1e4, 1e4), st.floats(0.01, 100))
def test_another_scale_of_a_covariate_changes_nothing(
    trial: Trial, covariance: Covariance, shift: float, factor: float
) -> None:
    moved = Trial(trial.outcome, trial.arm, shift - factor * trial.covariates)
    assert figures(moved.analyse(covariance)) == pytest.approx(figures(trial.analyse(covariance)), rel=1e-6, abs=1e-9)


@always
@given(trials(), covariances)
def test_a_covariate_everyone_shares_is_dropped_and_named(trial: Trial, covariance: Covariance) -> None:
    same = np.full((len(trial.arm), 1), 7.3)
    result = ancova(
        trial.outcome,
        trial.arm,
        np.column_stack([same, trial.covariates]),
        ("a", "b"),
        covariance=covariance,
        names=["site", "baseline", "factor"],
    )
    assert result.dropped == ("site",)
    assert result.covariates == ("baseline", "factor")
    assert figures(result) == pytest.approx(figures(trial.analyse(covariance)), rel=1e-9, abs=1e-9)


@always
@given(trials())
def test_without_covariates_the_standard_errors_are_those_of_two_samples(trial: Trial) -> None:
    """Textbook forms, worked out apart from the code: HC2 is s1^2/n1 + s2^2/n2, HC3 has n - 1 below."""
    bare = Trial(trial.outcome, trial.arm, np.empty((len(trial.arm), 0)))
    one, other = (trial.outcome[np.array(trial.arm) == label] for label in "ab")
    variances = np.var(one, ddof=1), np.var(other, ddof=1)
    hc2, hc3 = bare.analyse("HC2"), bare.analyse("HC3")
    assert hc2.estimate == pytest.approx(one.mean() - other.mean(), rel=1e-9, abs=1e-9)
    assert hc2.se**2 == pytest.approx(variances[0] / len(one) + variances[1] / len(other), rel=1e-9, abs=1e-9)
    assert hc3.se**2 == pytest.approx(
        variances[0] / (len(one) - 1) + variances[1] / (len(other) - 1), rel=1e-9, abs=1e-9
    )


@settings(derandomize=True, deadline=None, max_examples=400)
@given(small_trials(), covariances)
def test_scant_data_give_finite_figures_or_a_named_refusal(trial: Trial, covariance: Covariance) -> None:
    try:
        result = trial.analyse(covariance)
    except AnalysisImpossible:
        return
    assert all(math.isfinite(figure) for figure in figures(result))
    assert result.se > 0
    assert 0 <= result.p <= 1
    assert result.ci[0] < result.estimate < result.ci[1]


@always
@given(trials(), st.floats(0.5, 0.99))
def test_p_and_interval_agree(trial: Trial, level: float) -> None:
    result = ancova(trial.outcome, trial.arm, trial.covariates, ("a", "b"), level=level)
    assume(abs(result.p - (1 - level)) > 1e-9)
    assert (result.ci[0] <= 0 <= result.ci[1]) == (result.p > 1 - level)
