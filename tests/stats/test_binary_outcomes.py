"""Logistic regression and the risks standardised by it: as R has them, what is refused, and coverage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.binary_trial import pretend, yes_or_no
from tests.stats.conftest import read_json, read_rows
from trial.core.errors import AnalysisImpossible
from trial.stats.logistic import BINARY_COVARIANCES, BinaryCovariance, odds_ratio
from trial.stats.separation import separating
from trial.stats.standardization import standardize

BY_R: dict[str, Any] = read_json("binary.json")["analyses"]
CONTRASTS = {"without": ("letter", "early_memory"), "baseline": ("letter", "early_memory")} | {
    "region": ("optimism", "early_memory")
}
each_analysis = pytest.mark.parametrize("what", sorted(BY_R))
each_covariance = pytest.mark.parametrize("covariance", BINARY_COVARIANCES)
seeds = st.integers(0, 10_000)


@each_analysis
@each_covariance
def test_an_odds_ratio_and_its_error_are_those_of_glm_and_sandwich(what: str, covariance: BinaryCovariance) -> None:
    outcome, arms, covariates, names = yes_or_no(read_rows("three_arms.csv"), what)
    ours = odds_ratio(outcome, arms, covariates, CONTRASTS[what], covariance=covariance, names=names)
    assert ours.log_estimate == pytest.approx(BY_R[what]["log_odds_ratio"], rel=1e-8)
    assert ours.se == pytest.approx(BY_R[what]["se"][covariance], rel=1e-8)


@each_analysis
@each_covariance
def test_a_risk_difference_and_ratio_have_the_error_of_rs_delta_method(what: str, covariance: BinaryCovariance) -> None:
    outcome, arms, covariates, names = yes_or_no(read_rows("three_arms.csv"), what)
    ours = standardize(
        outcome, arms, covariates, CONTRASTS[what], covariance=covariance, names=names, sampled=False
    )  # fmt: skip
    assert ours.difference.estimate == pytest.approx(BY_R[what]["contrasts"]["difference"], rel=1e-8)
    assert np.log(ours.ratio.estimate) == pytest.approx(BY_R[what]["contrasts"]["log_ratio"], rel=1e-8)
    assert (ours.difference.se, ours.ratio.se) == pytest.approx(BY_R[what]["delta"][covariance], rel=1e-8)
    assert ours.df == BY_R[what]["df"]


@each_analysis
@pytest.mark.parametrize("covariance", ["HC0", "HC2", "HC3"])
def test_they_have_the_error_of_estimating_equations_stacked_in_r(what: str, covariance: BinaryCovariance) -> None:
    outcome, arms, covariates, names = yes_or_no(read_rows("three_arms.csv"), what)
    ours = standardize(outcome, arms, covariates, CONTRASTS[what], covariance=covariance, names=names)
    by_r = BY_R[what]["stacked"][covariance]
    assert (ours.difference.se, ours.ratio.se) == pytest.approx(by_r["contrasts"], rel=1e-8)
    assert [each.se for each in ours.risks.values()] == pytest.approx(by_r["risks"], rel=1e-8)
    assert [each.estimate for each in ours.risks.values()] == pytest.approx(BY_R[what]["risks"], rel=1e-8)


def test_without_covariates_it_is_the_difference_of_plain_shares() -> None:
    outcome, arms = np.array([1.0] * 6 + [0.0] * 4 + [1.0] * 3 + [0.0] * 9), ["a"] * 10 + ["b"] * 12
    plain = standardize(outcome, arms, np.empty((22, 0)), ("a", "b"), covariance="HC0")
    assert plain.difference.estimate == pytest.approx(0.6 - 0.25)
    assert plain.difference.se == pytest.approx((0.6 * 0.4 / 10 + 0.25 * 0.75 / 12) ** 0.5)
    assert plain.ratio.estimate == pytest.approx(0.6 / 0.25)
    assert (plain.n, plain.events) == ({"a": 10, "b": 12}, {"a": 6, "b": 3})


@settings(max_examples=15, deadline=None)
@given(seeds, st.floats(0.01, 100), st.floats(-50, 50))
def test_neither_order_of_rows_nor_unit_and_origin_of_the_baseline_matter(
    seed: int, unit: float, origin: float
) -> None:
    dice = np.random.default_rng(seed)
    outcome, arms, baseline = pretend(dice, 40)
    order = dice.permutation(80)
    one = standardize(outcome, arms, baseline, ("letter", "memory"))
    two = standardize(
        outcome[order], [arms[k] for k in order], baseline[order] * unit + origin, ("letter", "memory")
    )  # fmt: skip
    assert two.difference.ci == pytest.approx(one.difference.ci, abs=1e-9)
    assert two.ratio.ci == pytest.approx(one.ratio.ci, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_yes_for_no_and_arm_for_arm_turn_everything_round(seed: int) -> None:
    outcome, arms, baseline = pretend(np.random.default_rng(seed), 40)
    there, back = ("letter", "memory"), ("memory", "letter")
    one, turned = (standardize(y, arms, baseline, there) for y in (outcome, 1 - outcome))
    assert turned.difference.estimate == pytest.approx(-one.difference.estimate, abs=1e-10)
    assert turned.difference.se == pytest.approx(one.difference.se, rel=1e-8)
    assert standardize(outcome, arms, baseline, back).ratio.estimate == pytest.approx(1 / one.ratio.estimate, rel=1e-9)
    odds = odds_ratio(outcome, arms, baseline, there)
    for other in (odds_ratio(1 - outcome, arms, baseline, there), odds_ratio(outcome, arms, baseline, back)):
        assert other.ci == pytest.approx((1 / odds.ci[1], 1 / odds.ci[0]), rel=1e-8)


def test_an_arm_where_everybody_or_nobody_has_it_is_named() -> None:
    outcome, arms, baseline = pretend(np.random.default_rng(1), 20)
    outcome[:20] = 1
    with pytest.raises(AnalysisImpossible, match="Everybody in arm 'letter' has the outcome"):
        standardize(outcome, arms, baseline, ("letter", "memory"))
    with pytest.raises(AnalysisImpossible, match="Nobody in arm 'letter' has the outcome"):
        odds_ratio(1 - outcome, arms, baseline, ("letter", "memory"))


def test_a_baseline_that_tells_all_apart_is_named() -> None:
    outcome, arms, baseline = pretend(np.random.default_rng(2), 20)
    told = np.column_stack([baseline[:, 0], outcome * 3 + np.arange(40) / 20])
    with pytest.raises(AnalysisImpossible, match=r"'severity' tells .* \(separation\)"):
        odds_ratio(outcome, arms, told, ("letter", "memory"), names=["age", "severity"])


def test_a_level_of_a_factor_where_nobody_has_it_is_named() -> None:
    """Quasi-complete: only the five of this level are told, everyone else overlaps."""
    outcome, arms, baseline = pretend(np.random.default_rng(3), 20)
    level = np.isin(np.arange(40), [0, 1, 2, 20, 21]).astype(float)
    outcome[level == 1] = 0
    with pytest.raises(AnalysisImpossible, match=r"^'region: north' tells"):
        standardize(
            outcome, arms, np.column_stack([baseline, level]), ("letter", "memory"), names=["age", "region: north"]
        )


@pytest.mark.parametrize("shift", [-0.6, 0.0, 0.6])
def test_separation_ends_with_the_first_pair_that_overlaps(shift: float) -> None:
    x = np.array([-3.0, -2, -1, 1, 2, 3])
    yes = np.array([0, 0, 0, 1, 1, 1.0])
    rows = np.column_stack([np.ones(6), x + shift * 4 * (np.arange(6) == 2)]) * (2 * yes - 1)[:, None]
    assert (separating(rows) is None) == (shift > 0)


@pytest.mark.parametrize(
    ("outcome", "match"),
    [(np.array([0, 1, 2.0, 1, 0, 1]), "not 0 or 1"), (np.array([0, 1, np.nan, 1, 0, 1]), "not 0 or 1")],
)
def test_an_outcome_that_is_no_yes_or_no_is_refused(outcome: Any, match: str) -> None:
    with pytest.raises(AnalysisImpossible, match=match):
        odds_ratio(outcome, ["a", "b"] * 3, np.empty((6, 0)), ("a", "b"))


def test_an_empty_arm_and_a_gap_in_a_covariate_are_refused() -> None:
    outcome, arms, baseline = pretend(np.random.default_rng(4), 20)
    with pytest.raises(AnalysisImpossible, match="Arm 'waiting' has no participant"):
        standardize(outcome, arms, baseline, ("letter", "waiting"))
    baseline[3] = np.nan
    with pytest.raises(AnalysisImpossible, match="'age' has missing"):
        standardize(outcome, arms, baseline, ("letter", "memory"), names=["age"])


def test_with_twenty_per_arm_intervals_hold_the_difference_about_as_often_as_they_say() -> None:
    """Three binomial standard errors about .95 in 400 trials are .917 to .983; 2,000 trials: docs/statistics.md."""
    dice = np.random.default_rng(20261127)
    # the shares of both arms by an integral over the baseline
    at = np.linspace(-9, 9, 4001)
    weight = np.exp(-(at**2) / 2) / np.exp(-(at**2) / 2).sum()
    first, second = ((weight / (1 + np.exp(0.2 - 0.7 * at - effect))).sum() for effect in (0.6, 0))
    held, told = 0, 0
    for _ in range(400):
        try:
            found = standardize(*pretend(dice, 20), ("letter", "memory"))
        except AnalysisImpossible:
            continue
        told += 1
        held += found.difference.ci[0] <= first - second <= found.difference.ci[1]
    assert told > 390
    assert 0.917 < held / told < 0.983
