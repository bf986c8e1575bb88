"""Proportional odds and the probability of superiority: as R has them, what is refused, and coverage."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.stats.binary_trial import yes_or_no
from tests.stats.conftest import read_json, read_rows
from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.logistic import odds_ratio
from trial.stats.proportional_odds import ProportionalOdds, proportional_odds
from trial.stats.superiority import superiority

BY_R: Any = read_json("ordinal.json")
ARMS = ("letter", "memory")


def graded(what: str) -> ProportionalOdds:
    rows = read_rows("three_arms.csv")
    _, arms, covariates, names = yes_or_no(rows, what)
    seen = np.array([float(row["outcome"]) for row in rows if row["outcome"]])
    contrast = ("optimism" if what == "region" else "letter", "early_memory")
    return proportional_odds(
        np.searchsorted([16, 22, 28], seen).astype(float), arms, covariates, contrast, names=names
    )  # fmt: skip


def pretend(seed: int, people: int = 20, log_odds: float = 0.8) -> tuple[FloatArray, list[str], FloatArray]:
    """Four levels cut from a logistic variable that the arm and a baseline move."""
    dice = np.random.default_rng(seed)
    baseline = dice.normal(size=2 * people)
    latent = log_odds * (np.arange(2 * people) < people) + 0.7 * baseline + dice.logistic(size=2 * people)
    return (
        np.searchsorted([-1, 0.5, 2], latent).astype(float),
        [*[ARMS[0]] * people, *[ARMS[1]] * people],
        baseline[:, None],
    )


@pytest.mark.parametrize("what", sorted(BY_R["models"]))
def test_the_odds_ratio_is_that_of_the_full_optimum_and_near_to_where_polr_stops(what: str) -> None:
    ours, by_r = graded(what), BY_R["models"][what]
    assert (ours.log_estimate, ours.se) == pytest.approx((by_r["estimate"], by_r["se"]), rel=1e-6)
    assert (ours.log_estimate, ours.se) == pytest.approx((by_r["polr"]["estimate"], by_r["polr"]["se"]), rel=1e-5)


@pytest.mark.parametrize("what", sorted(BY_R["models"]))
def test_the_check_of_proportionality_is_brants_as_written_out_in_r(what: str) -> None:
    ours, by_r = graded(what).proportionality, BY_R["models"][what]["brant"]
    assert ours is not None
    assert (ours.chi_square, ours.df, ours.p) == pytest.approx((by_r["chi_square"], by_r["df"], by_r["p"]), rel=1e-8)
    assert ours.odds_ratios == pytest.approx(by_r["odds_ratios"], rel=1e-8)


@pytest.mark.parametrize("case", BY_R["pairs"], ids=["letter", "optimism", "grades"])
def test_superiority_is_that_of_all_pairs_in_r_and_the_rank_sum_that_of_coin(case: Any) -> None:
    outcome = np.array([*case["x"], *case["y"]], dtype=np.float64)
    ours = superiority(outcome, [ARMS[0]] * len(case["x"]) + [ARMS[1]] * len(case["y"]), ARMS)
    assert (ours.estimate, ours.se, ours.df) == pytest.approx((case["estimate"], case["se"], case["df"]), rel=1e-8)
    assert (*ours.ci, ours.p) == pytest.approx((*case["ci"], case["p"]), rel=1e-8)
    assert ours.wilcoxon_p == pytest.approx(case["wilcoxon"], rel=1e-8)
    theirs = stats.brunnermunzel(case["x"], case["y"])
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-8)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_levels_count_by_their_order_and_a_scale_turned_round_turns_the_odds_over(seed: int) -> None:
    outcome, arms, baseline = pretend(seed, 40)
    one = proportional_odds(outcome, arms, baseline, ARMS)
    for other in (np.exp(outcome), outcome * 3 - 7):
        assert proportional_odds(other, arms, baseline, ARMS).ci == pytest.approx(one.ci, rel=1e-7)
    for turned in (
        proportional_odds(-outcome, arms, baseline, ARMS),
        proportional_odds(outcome, arms, baseline, (ARMS[1], ARMS[0])),
    ):
        assert turned.ci == pytest.approx((1 / one.ci[1], 1 / one.ci[0]), rel=1e-7)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_neither_order_of_rows_nor_unit_of_the_baseline_matters(seed: int) -> None:
    outcome, arms, baseline = pretend(seed, 30)
    order = np.random.default_rng(seed).permutation(60)
    moved = (outcome[order], [arms[k] for k in order])
    one, two = (
        proportional_odds(outcome, arms, baseline, ARMS),
        proportional_odds(*moved, baseline[order] * 9 + 4, ARMS),
    )
    assert two.ci == pytest.approx(one.ci, rel=1e-7)
    assert superiority(*moved, ARMS).ci == pytest.approx(superiority(outcome, arms, ARMS).ci, rel=1e-10)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_superiority_turns_round_with_the_arms_and_minds_order_alone(seed: int) -> None:
    outcome, arms, _ = pretend(seed)
    one = superiority(outcome, arms, ARMS)
    for turned in (superiority(outcome, arms, (ARMS[1], ARMS[0])), superiority(-np.exp(outcome), arms, ARMS)):
        assert turned.ci == pytest.approx((1 - one.ci[1], 1 - one.ci[0]), abs=1e-10)
        assert turned.p == pytest.approx(one.p)


def test_with_two_levels_superiority_is_half_the_difference_of_shares_and_a_half() -> None:
    outcome = np.array([1.0] * 7 + [0.0] * 3 + [1.0] * 4 + [0.0] * 8)
    assert superiority(outcome, ["letter"] * 10 + ["memory"] * 12, ARMS).estimate == pytest.approx(
        0.5 + (0.7 - 1 / 3) / 2
    )


def test_a_yes_or_no_is_sent_to_its_own_model() -> None:
    outcome, arms, baseline = pretend(1)
    with pytest.raises(AnalysisImpossible, match="fewer than three levels"):
        proportional_odds((outcome > 1).astype(float), arms, baseline, ARMS)


def test_three_levels_of_which_one_is_rare_come_near_the_odds_of_a_yes_or_no() -> None:
    """Ten thousand people, ten of them on a third level: the model with two levels, but for those."""
    outcome, arms, baseline = pretend(2, 5000)
    yes = (outcome > 1).astype(float)
    plain = odds_ratio(yes, arms, baseline, ARMS)
    yes[:10] = 2
    assert proportional_odds(yes, arms, baseline, ARMS).log_estimate == pytest.approx(plain.log_estimate, abs=0.03)


def test_arms_told_apart_without_error_are_refused() -> None:
    outcome, arms, baseline = pretend(3)
    outcome = np.concatenate([outcome[:20] % 2 + 2, outcome[20:] % 2])
    with pytest.raises(AnalysisImpossible, match="separation"):
        proportional_odds(outcome, arms, baseline, ARMS)
    with pytest.raises(AnalysisImpossible, match="lies above everyone else"):
        superiority(outcome, arms, ARMS)


def test_a_cut_beyond_which_nobody_of_an_arm_lies_leaves_proportionality_untested_and_says_so() -> None:
    outcome, arms, _ = pretend(4)
    outcome[20:] = np.minimum(outcome[20:], 2)
    outcome[:3], outcome[3:20] = 3, np.minimum(outcome[3:20], 2)
    found = proportional_odds(outcome, arms, np.empty((40, 0)), ARMS)
    assert found.proportionality is None
    assert "cut 3 of 3" in found.untested
    assert math.isfinite(found.se)


def test_empty_arms_and_gaps_are_refused() -> None:
    outcome, arms, baseline = pretend(5)
    with pytest.raises(AnalysisImpossible, match="'waiting' has no participant"):
        proportional_odds(outcome, arms, baseline, ("letter", "waiting"))
    with pytest.raises(AnalysisImpossible, match="'waiting' has fewer than two"):
        superiority(outcome, arms, ("letter", "waiting"))
    with pytest.raises(AnalysisImpossible, match="no variance"):
        superiority(np.ones(40), arms, ARMS)
    outcome[0] = np.nan
    with pytest.raises(AnalysisImpossible, match="missing"):
        superiority(outcome, arms, ARMS)
    with pytest.raises(AnalysisImpossible, match="missing"):
        proportional_odds(outcome, arms, baseline, ARMS)


def odd_levels(kind: str) -> tuple[FloatArray, list[str], FloatArray]:
    """Twenty in each arm with something odd, or fewer."""
    outcome, arms, baseline = pretend(6)
    first = np.arange(40) < 20
    if kind.endswith("people"):
        few = {"two people": [0, 20], "three people": [0, 1, 20], "four people": [0, 20, 1, 21]}[kind]
        alike = np.array([[0.1], [0.3], [0.2], [0.1]])
        return np.array([0.0, 1.0, 2.0, 1.0])[: len(few)], [arms[at] for at in few], alike[: len(few)]
    if kind == "an arm of one":
        return np.append(outcome[20:], 1.0), [*arms[20:], ARMS[0]], np.append(baseline[20:], [[0.0]], axis=0)
    made = {
        "a constant outcome": np.zeros(40),
        "two levels": np.minimum(outcome, 1),
        "an arm at the lowest level": np.where(first, 0.0, outcome),
        "an arm wholly above the other": np.where(first, outcome % 2 + 2, outcome % 2),
        "arms that share a level alone": np.where(first, outcome % 2 + 1, outcome % 2),
        "a baseline that tells the levels": np.digitize(baseline[:, 0], (-1, 0, 1)).astype(float),
        "a level of one's own": np.arange(40) * 7 % 40.0,
    }[kind]
    return made, arms, baseline


REFUSED = {
    "a constant outcome": "fewer than three levels: it is the same for everyone",
    "two levels": "fewer than three levels: compare it as a yes or no",
    "an arm at the lowest level": "separation",
    "an arm wholly above the other": "separation",
    "arms that share a level alone": "separation",
    "a baseline that tells the levels": "separation",
    "a level of one's own": "40 participants cannot carry a robust error of 41 parameters",
    "two people": "2 participants cannot carry",
    "three people": "3 participants cannot carry",
    "four people": "4 participants cannot carry a robust error of 4 parameters",
    "an arm of one": "One participant, of arm 'letter', alone determines",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_odd_levels_are_refused_in_words(kind: str) -> None:
    with np.errstate(all="raise"), pytest.raises(AnalysisImpossible, match=REFUSED[kind]):
        proportional_odds(*odd_levels(kind), ARMS, covariance="robust")


def test_a_level_that_nobody_has_is_no_level_and_what_its_neighbours_are_called_does_not_matter() -> None:
    outcome, arms, baseline = pretend(6)
    joined = np.where(outcome == 2, 1, outcome)
    found = proportional_odds(joined, arms, baseline, ARMS, covariance="robust")
    assert found.levels == (0, 1, 3) and all(len(its) == 3 for its in found.counts.values())
    renamed = proportional_odds(np.where(joined == 3, 2, joined), arms, baseline, ARMS, covariance="robust")
    assert (*renamed.ci, renamed.se) == pytest.approx((*found.ci, found.se), rel=1e-12)


def test_a_level_of_one_person_and_an_arm_of_one_level_have_a_finite_estimate_and_leave_proportionality_untested() -> (
    None
):
    outcome, arms, baseline = pretend(6)
    for odd in (np.where(np.arange(40) == 0, 9.0, outcome), np.where(np.arange(40) < 20, 2.0, outcome)):
        found = proportional_odds(odd, arms, baseline, ARMS, covariance="robust")
        assert 0 < found.ci[0] < found.estimate < found.ci[1] < math.inf
        assert found.proportionality is None and "too few lie beyond it" in found.untested


def test_odds_that_are_not_proportional_are_found_out() -> None:
    """300 per arm: one arm has more at both ends, so that its odds are above 1 at one cut and below at the other."""
    outcome = np.array([0.0] * 120 + [1.0] * 60 + [2.0] * 120 + [0.0] * 60 + [1.0] * 180 + [2.0] * 60)
    found = proportional_odds(outcome, ["letter"] * 300 + ["memory"] * 300, np.empty((600, 0)), ARMS)
    assert found.proportionality is not None and found.proportionality.p < 1e-6
    low, high = found.proportionality.odds_ratios
    assert low < 1 < high


def test_with_twenty_per_arm_the_intervals_hold_about_as_often_as_they_say() -> None:
    """Three binomial standard errors about .95 in 150 trials begin at .897; 2,000: docs/statistics.md."""
    truth = superiority(*pretend(10_000, 100_000)[:2], ARMS).estimate
    held, ordered = 0, 0
    for seed in range(150):
        outcome, arms, baseline = pretend(seed)
        odds, order = proportional_odds(outcome, arms, baseline, ARMS), superiority(outcome, arms, ARMS)
        held += odds.ci[0] <= math.exp(0.8) <= odds.ci[1]
        ordered += order.ci[0] <= truth <= order.ci[1]
    assert held / 150 > 0.897
    assert ordered / 150 > 0.897
