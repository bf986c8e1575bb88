"""What fills missing outcomes: the model by pattern of gaps, the jackknife, the draws; refusals and invariances."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.gappy import CONTRAST, Gappy, gappy
from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import ancova
from trial.stats.arrays import FloatArray
from trial.stats.conditional_mean import Jackknifed, Rule, conditional_mean
from trial.stats.dice import Dice
from trial.stats.filling import find_gaps
from trial.stats.least_squares import contrast_of, least_squares
from trial.stats.multiple_imputation import Imputed, multiple_imputation
from trial.stats.normal_model import fit_normal, sums_of

few = settings(derandomize=True, deadline=None, max_examples=2)
KEY = ("trial", "imputed")
RULES: tuple[Rule, ...] = ("random", "jump_to_reference", "copy_reference", "copy_increments")


def filled(trial: Gappy, rule: Rule) -> Jackknifed:
    return conditional_mean(trial.gaps(), CONTRAST, rule)


def imputed(trial: Gappy, key: tuple[str, ...] = KEY, contrast: tuple[str, str] = CONTRAST) -> Imputed:
    return multiple_imputation(trial.gaps(contrast), contrast, key, imputations=20, rounds=10)


def log_likelihood(x: FloatArray, y: FloatArray, b: FloatArray, covariance: FloatArray) -> float:
    """Person by person, from the density: another way round than the sums by pattern."""
    total = 0.0
    for row, outcome in zip(x, y, strict=True):
        seen = np.isfinite(outcome)
        if seen.any():
            part, e = covariance[np.ix_(seen, seen)], (outcome - row @ b)[seen]
            total -= 0.5 * (np.linalg.slogdet(2 * np.pi * part)[1] + e @ np.linalg.solve(part, e))
    return total


def test_without_gaps_the_model_is_least_squares_with_the_divisor_of_each_likelihood() -> None:
    trial = gappy(1, lost=0.0)
    y = np.where(np.isnan(trial.y), 12.0, trial.y)
    x = np.column_stack([np.ones(len(y)), trial.covariates])
    b = np.linalg.lstsq(x, y, rcond=None)[0]
    products = (y - x @ b).T @ (y - x @ b)
    for restricted, divisor in ((True, len(y) - 3), (False, len(y))):
        model = fit_normal(sums_of(x, y), restricted=restricted)
        assert model.coefficients[0] == pytest.approx(b, rel=1e-9)
        assert model.covariance[0] == pytest.approx(products / divisor, rel=1e-9)


def test_an_auxiliary_is_drawn_with_the_outcome_as_another_timepoint_is() -> None:
    """The same columns under another name: the same draws to the last digit, whose model gls has checked."""
    trial = gappy(31)
    as_time = find_gaps(
        trial.arms, [("week_1", trial.y[:, 1]), ("week_2", trial.y[:, 0])], "week_1",
        trial.covariates, ["baseline", "region"], CONTRAST,
    )  # fmt: skip
    beside = find_gaps(
        trial.arms, [("week_1", trial.y[:, 1])], "week_1", trial.covariates, ["baseline", "region"], CONTRAST,
        [("sleep at week_1", trial.y[:, 0])],
    )  # fmt: skip
    assert (beside.timepoints, beside.auxiliaries) == (("week_1",), ("sleep at week_1",))
    one, other = (multiple_imputation(its, CONTRAST, KEY, imputations=20, rounds=10) for its in (as_time, beside))
    assert one == other
    without = find_gaps(
        trial.arms, [("week_1", trial.y[:, 1])], "week_1", trial.covariates, ["baseline", "region"], CONTRAST
    )  # fmt: skip
    assert multiple_imputation(without, CONTRAST, KEY, imputations=20, rounds=10) != other
    # who is lost is a matter of the outcome alone
    assert np.array_equal(beside.lost, np.isnan(trial.y[:, 1]))


def test_where_an_auxiliary_tells_who_is_lost_the_draws_need_it() -> None:
    """3,000 people of two arms without a difference; of one arm those who slept badly are lost, and they do worse."""
    chance, n = np.random.default_rng(5), 3000
    arms = [CONTRAST[at % 2] for at in range(n)]
    sleep, baseline = chance.normal(size=(2, n))
    y = 10 + 2 * sleep + baseline + chance.normal(size=n)
    gone = (np.arange(n) % 2 == 0) & (sleep + 0.3 * chance.normal(size=n) > 0.3)
    y[gone] = np.nan
    slept = np.where(chance.random(n) < 0.1, np.nan, sleep)
    found = {}
    for name, more in (("with", [("sleep", slept)]), ("without", [])):
        gaps = find_gaps(arms, [("week_1", y)], "week_1", baseline[:, None], ["baseline"], CONTRAST, more)
        found[name] = multiple_imputation(gaps, CONTRAST, KEY, imputations=20, rounds=10).pooled
    assert abs(found["with"].estimate) < 3.5 * found["with"].se < 0.5
    assert found["without"].estimate < -0.8


def test_an_auxiliary_of_which_too_little_is_known_is_left_out_by_name() -> None:
    trial = gappy(32)
    scarce = np.where(np.arange(60) < 6, trial.y[:, 0], np.nan)
    gaps = find_gaps(
        trial.arms, [("week_1", trial.y[:, 1])], "week_1", trial.covariates, ["baseline", "region"], CONTRAST,
        [("sleep at week_1", scarce), ("worry at week_1", trial.y[:, 2])],
    )  # fmt: skip
    assert gaps.auxiliaries == ("worry at week_1",) and "sleep at week_1" in gaps.left_out


def test_with_gaps_no_step_from_the_fit_is_more_likely() -> None:
    trial = gappy(2)
    x = np.column_stack([np.ones(60), trial.covariates])
    model = fit_normal(sums_of(x, trial.y), restricted=False)
    b, covariance = model.coefficients[0], model.covariance[0]
    best = log_likelihood(x, trial.y, b, covariance)
    chance = np.random.default_rng(3)
    for _ in range(50):
        step = chance.normal(0, 1e-3, (3, 3))
        assert log_likelihood(x, trial.y, b + step * [[1], [0.05], [1]], covariance) < best
        assert log_likelihood(x, trial.y, b, covariance + (step + step.T) * covariance.max()) < best


@pytest.mark.parametrize("rule", RULES)
def test_the_jackknife_is_that_of_fitting_everything_again_without_each_person(rule: Rule) -> None:
    trial = gappy(4, people=40)
    quick = filled(trial, rule)
    for person in range(0, 40, 8):
        slow = filled(trial.only(np.arange(40) != person), rule)
        assert quick.without[person] == pytest.approx(slow.estimate, abs=1e-8)
        assert quick.slope_without[person] == pytest.approx(slow.slope, abs=1e-10)


def test_with_nobody_missing_filling_in_changes_nothing_and_the_jackknife_is_nearly_hc3() -> None:
    """Without gaps it is (n - 1) / n of the sum of squares about the mean, of which HC3 is the sum about the whole."""
    trial = gappy(5, lost=0.0)
    trial = replace(trial, y=np.where(np.isnan(trial.y), 12.0, trial.y))
    planned = ancova(trial.y[:, 1], trial.arms, trial.covariates, CONTRAST)
    for rule in RULES:
        found = filled(trial, rule)
        assert found.estimate == pytest.approx(planned.estimate, rel=1e-9)
        assert math.sqrt(np.sum((found.without - planned.estimate) ** 2)) == pytest.approx(planned.se, rel=1e-9)
        assert found.filled == (0, 0)
    pooled = imputed(trial).pooled
    assert (pooled.estimate, pooled.se) == pytest.approx((planned.estimate, planned.se), rel=1e-9)
    assert (pooled.missing, pooled.noise) == (0, pytest.approx(0, abs=1e-12))


def test_a_person_lost_from_the_first_arm_jumps_and_one_who_answers_later_does_not() -> None:
    """By hand with one timepoint after the planned one: the jump goes to the reference's line, the gap to the own."""
    trial = gappy(6, people=40, timepoints=2, lost=0.0)
    y = np.where(np.isnan(trial.y), 12.0, trial.y)
    y[0], y[2, 0] = np.nan, np.nan  # 0 leaves after the baseline, 2 answers later
    outcomes = [("week_1", y[:, 0]), ("week_2", y[:, 1])]
    gaps = find_gaps(trial.arms, outcomes, "week_1", trial.covariates, ["baseline", "region"], CONTRAST)
    assert list(np.flatnonzero(gaps.lost)) == [0]
    found = conditional_mean(gaps, CONTRAST, "jump_to_reference")

    def line(arm: str, columns: FloatArray, outcome: FloatArray, at: FloatArray) -> float:
        its = np.array([each == arm for each in trial.arms]) & np.isfinite(outcome) & np.isfinite(columns).all(axis=1)
        x = np.column_stack([np.ones(40), columns])
        return float(at @ np.linalg.lstsq(x[its], outcome[its], rcond=None)[0])

    jumped = line("memory", trial.covariates, y[:, 0], np.array([1.0, *trial.covariates[0]]))
    with_later = np.column_stack([trial.covariates, y[:, 1]])
    gap = line("letter", with_later, y[:, 0], np.array([1.0, *trial.covariates[2], y[2, 1]]))
    complete = y[:, 0].copy()
    complete[[0, 2]] = jumped, gap
    by_hand = ancova(complete, trial.arms, trial.covariates, CONTRAST).estimate
    assert found.estimate == pytest.approx(by_hand, rel=1e-3)  # REML weighs person 0's absence a little otherwise


def test_many_outcomes_on_one_design_give_what_each_gives_alone() -> None:
    trial = gappy(7, lost=0.0)
    design = trial.gaps().design
    outcomes = np.random.default_rng(8).normal(0, 1, (len(design.row_arms), 3))
    for covariance in ("HC3", "HC2", "classical"):
        estimates, variances, df = contrast_of(design, outcomes, CONTRAST, covariance)
        for at in range(3):
            fit = least_squares(design, outcomes[:, at], covariance)
            weights = np.zeros(len(fit.coefficients))
            weights[:2] = 1, -1
            assert estimates[at] == pytest.approx(weights @ fit.coefficients, rel=1e-10)
            assert variances[at] == pytest.approx(weights @ fit.covariance @ weights, rel=1e-10)
            assert df == fit.df


def test_draws_agree_with_the_expected_value_within_their_monte_carlo_error() -> None:
    """Missing at random, the pooled estimate is the conditional mean's but for noise; so is its error, nearly."""
    trial = gappy(9, people=200)
    drawn = multiple_imputation(trial.gaps(), CONTRAST, KEY)
    expected = filled(trial, "random")
    assert abs(drawn.pooled.estimate - expected.estimate) < 4 * drawn.pooled.noise
    assert drawn.pooled.se == pytest.approx(math.sqrt(expected.variance()), rel=0.1)
    assert 0.1 < drawn.pooled.missing < 0.7
    assert drawn.filled == expected.filled


def test_dice_are_fixed_by_their_words_and_have_the_moments_they_should() -> None:
    first, again, other = Dice("a", "b").normal(20_000), Dice("a", "b").normal(20_000), Dice("a", "c").normal(20_000)
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert (first.mean(), first.var()) == pytest.approx((0, 1), abs=0.04)
    squares = Dice("d").chi_square(np.array(7.0), 20_000)
    assert (squares.mean(), squares.var()) == pytest.approx((7, 14), rel=0.05)


@few
@given(st.integers(0, 2**32), st.permutations(["zebra", "x"]))
def test_order_and_names_do_not_matter(seed: int, names: list[str]) -> None:
    trial = gappy(seed, people=44)
    order = np.random.default_rng(seed).permutation(44)
    called = dict(zip(CONTRAST, names, strict=True))
    shuffled = trial.only(order)
    renamed = Gappy(tuple(called[arm] for arm in shuffled.arms), shuffled.covariates, shuffled.y)
    contrast = (called[CONTRAST[0]], called[CONTRAST[1]])
    for rule in RULES[::3]:
        ours, theirs = conditional_mean(renamed.gaps(contrast), contrast, rule), filled(trial, rule)
        assert (ours.estimate, ours.variance()) == pytest.approx(
            (theirs.estimate, theirs.variance()), rel=1e-7, abs=1e-9
        )
    mine, yours = imputed(renamed, contrast=contrast).pooled, imputed(trial).pooled
    assert (mine.estimate, mine.se, mine.df) == pytest.approx((yours.estimate, yours.se, yours.df), rel=1e-7, abs=1e-9)


@few
@given(st.integers(0, 2**32), st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_another_scale_of_the_outcome_scales_the_estimate(seed: int, shift: float, factor: float) -> None:
    trial = gappy(seed, people=44)
    moved = Gappy(trial.arms, 3 - 2 * trial.covariates, shift + factor * trial.y)
    for rule in RULES[::3]:
        ours, theirs = filled(moved, rule), filled(trial, rule)
        assert ours.estimate == pytest.approx(factor * theirs.estimate, rel=1e-5, abs=1e-6 * factor)
        assert ours.variance() == pytest.approx(factor**2 * theirs.variance(), rel=1e-5)
        assert ours.slope == pytest.approx(theirs.slope, rel=1e-9)
    same = Gappy(trial.arms, trial.covariates, shift + factor * trial.y)
    mine, yours = imputed(same).pooled, imputed(trial).pooled
    assert mine.estimate == pytest.approx(factor * yours.estimate, rel=1e-5, abs=1e-6 * factor)
    assert (mine.se, mine.df) == pytest.approx((factor * yours.se, yours.df), rel=1e-5)


def test_a_timepoint_that_too_few_answered_is_not_used_and_a_rare_covariate_is_named() -> None:
    trial = gappy(10, people=40)
    y = trial.y.copy()
    y[4:, 2] = np.nan
    assert replace(trial, y=y).gaps().timepoints == ("week_1", "week_2")
    rare = trial.covariates.copy()
    rare[:, 1] = 0
    rare[[0, 1], 1] = 1  # one person of each arm
    gaps = replace(trial, covariates=rare, y=np.where(np.isnan(y), 12.0, y)).gaps()
    assert gaps.left_out == ("region",)


def test_what_the_data_cannot_carry_is_refused_by_name() -> None:
    trial = gappy(11, people=40)
    nobody = trial.y.copy()
    nobody[0:34:2, 1] = np.nan
    with pytest.raises(AnalysisImpossible, match="Too few of arm 'letter'"):
        replace(trial, y=nobody).gaps()
    constant = trial.y.copy()
    constant[:, 1] = np.where(np.isnan(constant[:, 1]), np.nan, 3.0)
    with pytest.raises(AnalysisImpossible, match=r"does not vary|follows exactly"):
        filled(replace(trial, y=constant), "random")
    twice = trial.y.copy()
    twice[:, 2] = 2 * twice[:, 1]
    with pytest.raises(AnalysisImpossible, match="follows exactly"):
        imputed(replace(trial, y=twice))
    alone = trial.covariates.copy()
    alone[:, 1] = 0
    alone[5, 1] = 1
    with pytest.raises(AnalysisImpossible, match="alone determines"):
        filled(replace(trial, covariates=alone), "jump_to_reference")
