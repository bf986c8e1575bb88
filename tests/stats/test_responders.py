"""Reliable and significant change, and how many respond in either arm, from imputed scores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.conftest import read_json
from tests.stats.gappy import CONTRAST, gappy
from trial.core.errors import AnalysisImpossible
from trial.stats.clinical_significance import cut_off, reliable_change_index, responded, significant_changes
from trial.stats.multiple_imputation import completed_outcomes
from trial.stats.reliability import reliable_change
from trial.stats.responders import analyse_responders
from trial.stats.standardization import standardize

BY_R: Any = read_json("responders.json")


def test_pooled_differences_and_ratios_of_responders_are_those_of_r() -> None:
    before, after = np.array(BY_R["before"], dtype=np.float64), np.array(BY_R["completed"])
    found = analyse_responders(
        responded(before, after, BY_R["gain"], "lower"), BY_R["arm"], before[:, None], ("E", "C"), names=["prop1"]
    )
    for ours, by_r in ((found.pooled_difference, BY_R["difference"]), (found.pooled_ratio, BY_R["log_ratio"])):
        assert (ours.estimate, ours.se, ours.df, ours.missing) == pytest.approx(
            (by_r["estimate"], by_r["se"], by_r["df"], by_r["missing"]), rel=1e-8
        )
    assert math.log(found.ratio.estimate) == pytest.approx(BY_R["log_ratio"]["estimate"], rel=1e-8)
    assert found.imputations == 20 and sum(found.n.values()) == len(before)


def test_from_gaps_in_the_scores_to_responders() -> None:
    """What the planned imputation fills in is what is cut; nobody is lost, and the draws are the same each time."""
    trial = gappy(11, people=80, effect=-4)
    gaps = trial.gaps()
    scores, filled = completed_outcomes(gaps, ("responders",), imputations=30, rounds=5)
    assert filled[0] + filled[1] == int(np.isnan(gaps.outcome).sum()) > 0
    yes = responded(trial.covariates[:, 0], scores, 8.0, "lower")
    found = analyse_responders(yes, gaps.design.row_arms, trial.covariates, CONTRAST)
    assert sum(found.n.values()) == 80
    assert found.pooled_difference.missing > 0.02
    again, _ = completed_outcomes(gaps, ("responders",), imputations=30, rounds=5)
    assert np.array_equal(again, scores)


def test_with_nothing_missing_it_is_the_comparison_of_one_set() -> None:
    trial = gappy(12, lost=0.0)
    after = np.where(np.isnan(trial.y[:, 1]), 12.0, trial.y[:, 1])
    yes = responded(trial.covariates[:, 0], np.tile(after, (5, 1)), 2.0, "lower")
    pooled = analyse_responders(yes, trial.arms, trial.covariates, CONTRAST)
    alone = standardize(yes[0].astype(float), trial.arms, trial.covariates, CONTRAST)
    assert (pooled.difference.estimate, pooled.difference.se) == pytest.approx(
        (alone.difference.estimate, alone.difference.se)
    )
    assert pooled.pooled_difference.missing == 0
    assert pooled.pooled_difference.df < alone.df  # Barnard and Rubin's, a little fewer even then


def test_a_set_without_responders_in_an_arm_is_counted_and_named() -> None:
    trial = gappy(13, lost=0.0)
    yes = np.tile(np.arange(60) % 3 == 0, (4, 1))
    yes[1:3, np.array(trial.arms) == "letter"] = False
    with pytest.raises(AnalysisImpossible, match="In 2 of 4 imputed sets: Nobody in arm 'letter'"):
        analyse_responders(yes, trial.arms, trial.covariates, CONTRAST)


def test_the_index_is_the_change_over_its_error_and_agrees_with_the_threshold() -> None:
    index = reliable_change_index(np.array([32.5, 40.0, np.nan]), np.array([47.5, 40.0, 3.0]), 7.5, 0.8)
    assert index[0] == pytest.approx(15 / (7.5 * math.sqrt(0.4)))
    assert index[1] == 0 and np.isnan(index[2])
    assert 15 / reliable_change(7.5, 0.8) == pytest.approx(index[0] / 1.96)


def test_the_three_cut_offs_of_a_score_and_of_its_mirror() -> None:
    low, high = (40.0, 7.5), (60.0, 7.5)
    assert [cut_off("a", "higher", clinical=low), cut_off("b", "higher", general=high)] == [55, 45]
    assert [cut_off("a", "lower", clinical=high), cut_off("b", "lower", general=low)] == [45, 55]
    assert cut_off("c", "higher", clinical=low, general=high) == cut_off("c", "lower", clinical=high, general=low) == 50
    with pytest.raises(ValueError, match="does not score better"):
        cut_off("c", "lower", clinical=low, general=high)
    with pytest.raises(ValueError, match="cut-off c needs"):
        cut_off("c", "lower", clinical=high)


def test_between_unequal_spreads_the_cut_off_is_as_many_deviations_from_either_mean() -> None:
    cut = cut_off("c", "lower", clinical=(30, 6), general=(12, 3))
    assert (30 - cut) / 6 == pytest.approx((cut - 12) / 3)


def test_the_four_kinds_of_change() -> None:
    before = np.array([30.0, 30, 30, 30, 15, 30, np.nan])
    after = np.array([10.0, 22, 28, 40, 5, 18, 3])
    assert significant_changes(before, after, 5, 18, "lower") == [
        "recovered", "improved", "unchanged", "deteriorated", "improved", "improved", None,
    ]  # fmt: skip
    assert responded(before[:6], after[:6], 5, "lower").tolist() == [True, True, False, False, True, True]
    assert responded(before[:6], after[:6], 5, "lower", 18).tolist() == [True, False, False, False, False, False]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=1, max_size=9), st.floats(0, 30))
def test_a_scale_turned_round_names_the_same_changes(pairs: list[tuple[float, float]], limit: float) -> None:
    before, after = (np.array(column) for column in zip(*pairs, strict=True))
    there = significant_changes(before, after, limit, 25, "lower")
    assert significant_changes(-before, -after, limit, -25, "higher") == there
    assert responded(before, after, limit, "lower", 25).tolist() == [kind == "recovered" for kind in there]


def test_a_missing_score_and_a_measure_without_error_are_refused() -> None:
    with pytest.raises(AnalysisImpossible, match="impute the missing ones first"):
        responded(np.array([3.0]), np.array([np.nan]), 1, "lower")
    with pytest.raises(AnalysisImpossible, match="reliability below 1"):
        reliable_change_index(np.array([3.0]), np.array([2.0]), 4, 1.0)
