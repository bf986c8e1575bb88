"""Means over time and baseline tables: figures where the data carry them, None where they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trial.stats.descriptives import Count, Counts, Description, count_levels, describe
from trial.stats.intervals import MeanInterval, mean_interval


def test_the_interval_of_a_mean_is_that_of_r(closed_forms_by_r: Any) -> None:
    for case in closed_forms_by_r["one_mean"]:
        with_gaps = np.array([np.nan, *case["values"], np.nan])
        ours = mean_interval(with_gaps, case["level"])
        assert ours.n == len(case["values"])
        assert ours.ci is not None
        assert (ours.mean, ours.sd, ours.se, *ours.ci) == pytest.approx(
            [case[key] for key in ("mean", "sd", "se", "low", "high")], rel=1e-8
        )


def test_one_answer_has_a_mean_but_no_interval_and_none_has_neither() -> None:
    assert mean_interval(np.array([4.0])) == MeanInterval(1, 4.0, None, None, None, 0.95)
    assert mean_interval(np.array([np.nan])) == MeanInterval(0, None, None, None, None, 0.95)


def test_equal_answers_have_an_interval_of_no_width() -> None:
    assert mean_interval(np.array([2.0, 2.0, 2.0])).ci == (2.0, 2.0)


def test_a_level_in_percent_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        mean_interval(np.array([1.0, 2.0]), 95)


def test_a_baseline_score_is_described_by_those_who_have_it() -> None:
    told = describe(np.array([2.0, np.nan, 4.0, 6.0]))
    assert told == Description(3, 1, 4.0, 2.0)
    assert describe(np.array([5.0, np.nan])) == Description(1, 1, 5.0, None)
    assert describe(np.array([])) == Description(0, 0, None, None)


def test_a_baseline_factor_is_counted_in_the_order_of_the_plan_empty_levels_included() -> None:
    told = count_levels(["west", None, "north", "west", "west"], ["north", "south", "west"])
    assert told == Counts(4, 1, (Count("north", 1, 25.0), Count("south", 0, 0.0), Count("west", 3, 75.0)))


def test_a_factor_nobody_answered_has_counts_but_no_percentages() -> None:
    assert count_levels([None, None], ["yes"]) == Counts(0, 2, (Count("yes", 0, None),))


def test_a_level_the_plan_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="'east'"):
        count_levels(["north", "east"], ["north"])
