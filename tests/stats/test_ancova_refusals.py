"""Data that cannot carry the planned analysis are refused by name, never answered with NaN."""

from __future__ import annotations

import numpy as np
import pytest

from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import AncovaResult, ancova
from trial.stats.arrays import FloatArray
from trial.stats.design import factor_columns
from trial.stats.least_squares import Covariance

ARMS = ["a"] * 6 + ["b"] * 6
OUTCOME = np.array([3, 5, 4, 8, 6, 7, 2, 9, 4, 1, 5, 3], dtype=np.float64)
BASELINE = np.array([4, 6, 5, 7, 3, 8, 5, 9, 2, 4, 6, 1], dtype=np.float64)


def analyse(
    outcome: FloatArray = OUTCOME,
    arms: list[str] = ARMS,
    contrast: tuple[str, str] = ("a", "b"),
    covariance: Covariance = "HC3",
    **covariates: FloatArray,
) -> AncovaResult:
    columns = np.column_stack(list(covariates.values())) if covariates else np.empty((len(outcome), 0))
    return ancova(outcome, arms, columns, contrast, covariance=covariance, names=list(covariates))


def test_an_arm_that_nobody_is_left_in_is_named() -> None:
    with pytest.raises(AnalysisImpossible, match="Arm 'waiting' has no participant"):
        analyse(contrast=("a", "waiting"))


def test_as_many_parameters_as_participants_are_too_many() -> None:
    chance = np.random.default_rng(1)
    with pytest.raises(AnalysisImpossible, match="4 participants cannot carry a model of 4 parameters"):
        analyse(OUTCOME[4:8], ARMS[4:8], x=chance.normal(size=4), y=chance.normal(size=4))


def test_the_same_outcome_for_everyone_is_refused() -> None:
    with pytest.raises(AnalysisImpossible, match="the same outcome"):
        analyse(np.full(12, 0.1), baseline=BASELINE)


def test_an_outcome_that_the_covariate_reproduces_exactly_is_refused() -> None:
    with pytest.raises(AnalysisImpossible, match="reproduces every outcome"):
        analyse(3 + 0.1 * BASELINE, baseline=BASELINE)


def test_two_constant_arms_are_refused_though_a_third_varies() -> None:
    outcome = np.array([2, 2, 2, 5, 5, 5, 1, 7, 4, 9], dtype=np.float64)
    arms = ["a"] * 3 + ["b"] * 3 + ["c"] * 4
    with pytest.raises(AnalysisImpossible, match="does not vary within 'a' and 'b'"):
        analyse(outcome, arms)


def test_covariates_that_say_the_same_are_both_named_and_the_innocent_is_not() -> None:
    innocent = np.array([0, 1] * 6, dtype=np.float64)
    with pytest.raises(AnalysisImpossible, match="'score', 'percent' cannot be told apart") as refusal:
        analyse(score=BASELINE, innocent=innocent, percent=100 * BASELINE / 60)
    assert "innocent" not in str(refusal.value)


def test_a_covariate_that_only_repeats_the_arm_is_named() -> None:
    with pytest.raises(AnalysisImpossible, match="'letter' cannot be told apart"):
        analyse(baseline=BASELINE, letter=np.array([1.0] * 6 + [0.0] * 6))


@pytest.mark.parametrize("covariance", ["HC2", "HC3"])
def test_a_level_with_one_participant_is_named_where_hc_would_divide_by_zero(covariance: Covariance) -> None:
    lone = np.array([0] * 7 + [1] + [0] * 4, dtype=np.float64)
    with pytest.raises(AnalysisImpossible, match=f"of arm 'b', alone determines 'west': {covariance}"):
        analyse(covariance=covariance, baseline=BASELINE, west=lone)


def test_an_arm_with_one_participant_is_named_where_hc_would_divide_by_zero() -> None:
    with pytest.raises(AnalysisImpossible, match="alone determines the mean of arm 'a'"):
        analyse(OUTCOME[5:], ARMS[5:], baseline=BASELINE[5:])


def test_the_classical_covariance_can_carry_a_level_with_one_participant() -> None:
    """Which then says nothing about the arms: the comparison is the one without that participant."""
    lone = np.array([0] * 7 + [1] + [0] * 4, dtype=np.float64)
    rest = lone == 0
    ours = analyse(covariance="classical", baseline=BASELINE, lone=lone)
    arms = [arm for arm, stays in zip(ARMS, rest, strict=True) if stays]
    without = analyse(OUTCOME[rest], arms, covariance="classical", baseline=BASELINE[rest])
    assert (ours.estimate, ours.se, ours.df) == pytest.approx((without.estimate, without.se, without.df), rel=1e-9)


def test_a_level_that_nobody_analysed_has_makes_no_column() -> None:
    """The first level of the plan, east, was lost to follow-up: the rest is still a model of full rank."""
    regions, names = factor_columns(["north", "west", "south"] * 4, "region")
    assert names == ("region: south", "region: west")
    assert regions[:3].tolist() == [[0, 0], [0, 1], [1, 0]]
    assert analyse(baseline=BASELINE, south=regions[:, 0], west=regions[:, 1]).df == 12 - 5


def test_a_factor_with_one_level_makes_no_column_at_all() -> None:
    columns, names = factor_columns(["north"] * 5, "region")
    assert columns.shape == (5, 0)
    assert names == ()


@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_missing_values_must_be_settled_before(hole: float) -> None:
    gap = np.where(np.arange(12) == 3, hole, 1.0)
    with pytest.raises(AnalysisImpossible, match="The outcome has missing"):
        analyse(OUTCOME * gap)
    with pytest.raises(AnalysisImpossible, match="Covariate 'baseline' has missing"):
        analyse(baseline=BASELINE * gap)


def test_arguments_that_do_not_fit_together_are_a_mistake_of_the_caller() -> None:
    table = BASELINE[:, None]
    with pytest.raises(ValueError, match="number of participants"):
        ancova(OUTCOME, ARMS[1:], table, ("a", "b"))
    with pytest.raises(ValueError, match="names differ"):
        ancova(OUTCOME, ARMS, table, ("a", "b"), names=["x", "y"])
    with pytest.raises(ValueError, match="two different arms"):
        ancova(OUTCOME, ARMS, table, ("a", "a"))
    with pytest.raises(ValueError, match="between 0 and 1"):
        ancova(OUTCOME, ARMS, table, ("a", "b"), level=95)
    with pytest.raises(ValueError, match="one of HC3"):
        ancova(OUTCOME, ARMS, table, ("a", "b"), covariance="HC1")  # type: ignore[arg-type]
