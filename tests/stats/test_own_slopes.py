"""What must hold of a model in which each arm has slopes of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import ancova
from trial.stats.anhecova import AnhecovaResult, anhecova
from trial.stats.arrays import FloatArray

always = settings(derandomize=True, deadline=None, max_examples=15)
ARMS = ["a"] * 12 + ["b"] * 18


def people(seed: int) -> tuple[FloatArray, FloatArray]:
    chance = np.random.default_rng(seed)
    covariates = np.column_stack([chance.normal(20, 5, 30), np.arange(30) % 2])
    slope = np.where(np.arange(30) < 12, 1.5, -0.5)
    return slope * covariates[:, 0] + chance.normal(0, 3, 30), covariates


def figures(result: AnhecovaResult) -> tuple[float, ...]:
    return (result.estimate, result.se, result.df, *result.ci, result.p)


@always
@given(st.integers(0, 2**32))
def test_each_arm_predicts_everyone_and_the_effect_is_the_mean_difference(seed: int) -> None:
    """Worked out apart from the code: a regression in each arm alone, both applied to all thirty."""
    outcome, covariates = people(seed)
    inside = np.array(ARMS) == "a"
    wide = np.column_stack([np.ones(30), covariates])
    one, other = (np.linalg.lstsq(wide[its], outcome[its], rcond=None)[0] for its in (inside, ~inside))
    result = anhecova(outcome, ARMS, covariates, ("a", "b"))
    assert result.estimate == pytest.approx(float(np.mean(wide @ one - wide @ other)), rel=1e-8, abs=1e-8)
    assert result.adjusted_means["a"].mean == pytest.approx(float(np.mean(wide @ one)), rel=1e-8)


@always
@given(st.integers(0, 2**32), st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_order_and_scales_do_not_matter(seed: int, shift: float, factor: float) -> None:
    outcome, covariates = people(seed)
    order = np.random.default_rng(seed).permutation(30)
    plain = anhecova(outcome, ARMS, covariates, ("a", "b"), covariance="HC2", degrees="satterthwaite")
    moved = anhecova(
        (shift + factor * outcome)[order],
        [ARMS[place] for place in order],
        shift + factor * covariates[order],
        ("a", "b"),
        covariance="HC2",
        degrees="satterthwaite",
    )
    assert (moved.estimate, moved.se) == pytest.approx((factor * plain.estimate, factor * plain.se), rel=1e-6, abs=1e-9)
    assert (moved.df, moved.p) == pytest.approx((plain.df, plain.p), rel=1e-6)


def test_about_a_population_is_wider_where_slopes_differ_and_the_same_without_covariates() -> None:
    outcome, covariates = people(1)
    population, sample = (anhecova(outcome, ARMS, covariates, ("a", "b"), about=a) for a in ("population", "sample"))
    assert population.se > 1.05 * sample.se
    assert population.df == sample.df
    bare = anhecova(outcome, ARMS, covariates[:, :0], ("a", "b"))
    assert figures(bare)[:3] == pytest.approx(figures_of_ancova(outcome, covariates[:, :0]), rel=1e-12)


def figures_of_ancova(outcome: FloatArray, covariates: FloatArray) -> tuple[float, ...]:
    plain = ancova(outcome, ARMS, covariates, ("a", "b"))
    return (plain.estimate, plain.se, plain.df)


def test_a_level_that_an_arm_lacks_is_named() -> None:
    outcome, covariates = people(2)
    covariates[:12, 1] = 0
    with pytest.raises(AnalysisImpossible, match="In arm 'a' everyone has the same 'female'"):
        anhecova(outcome, ARMS, covariates, ("a", "b"), names=["age", "female"])


def test_an_arm_too_small_for_its_slopes_is_refused() -> None:
    outcome, covariates = people(3)
    arms = ["b"] * 28 + ["a"] * 2
    with pytest.raises(AnalysisImpossible, match="cannot be told apart"):
        anhecova(outcome, arms, covariates, ("a", "b"))


def test_an_effect_about_somebody_else_is_a_mistake_of_the_caller() -> None:
    outcome, covariates = people(4)
    with pytest.raises(ValueError, match="population, sample"):
        anhecova(outcome, ARMS, covariates, ("a", "b"), about="everyone")  # type: ignore[arg-type]
