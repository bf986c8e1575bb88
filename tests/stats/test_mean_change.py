"""The mean change of a single arm: R's paired t test, its coverage, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.core.errors import AnalysisImpossible
from trial.stats.mean_change import mean_change


def test_a_mean_change_is_that_of_rs_paired_t_test(closed_forms_by_r: Any) -> None:
    cases = closed_forms_by_r["mean_change"]
    assert len(cases) == 3
    for case in cases:
        before, after = (
            np.array([np.nan if v in (None, "NA") else v for v in case[key]]) for key in ("before", "after")
        )
        found = mean_change(before, after, case["level"])
        assert (found.n, found.df) == (case["df"] + 1, case["df"])
        mine = (found.estimate, found.se, *found.ci, found.p)
        assert mine == pytest.approx([case[key] for key in ("estimate", "se", "low", "high", "p")], rel=1e-8)


def test_the_interval_holds_the_true_change_as_often_as_it_says() -> None:
    """4,000 studies of 12 people, within three standard errors of 95 %; p under 0.05 in 5 % where nothing changed."""
    chance = np.random.default_rng(20261126)
    held = small = 0
    for _ in range(4000):
        before = chance.normal(20, 5, 12)
        after = before * 0.6 + chance.normal(6, 4, 12)
        found = mean_change(before, after)
        held += found.ci[0] <= -2.0 <= found.ci[1]
        still = mean_change(before, before + chance.normal(0, 4, 12))
        small += still.p < 0.05
    margin = 3 * (0.95 * 0.05 / 4000) ** 0.5
    assert abs(held / 4000 - 0.95) < margin
    assert abs(small / 4000 - 0.05) < margin


@given(
    st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=3, max_size=20),
    st.floats(-5, 5),
)
def test_a_change_moves_with_its_scale_and_turns_round_with_its_direction(
    pairs: list[tuple[float, float]], shift: float
) -> None:
    before, after = np.array(pairs).T
    if np.std(after - before, ddof=1) < 1e-6:
        return
    one, back = mean_change(before, after), mean_change(after, before)
    assert back.estimate == pytest.approx(-one.estimate, abs=1e-9)
    assert back.p == pytest.approx(one.p, rel=1e-6)
    assert mean_change(before, after + shift).estimate == pytest.approx(one.estimate + shift, abs=1e-9)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([1.0], [2.0], "two people"),
        ([1.0, np.nan, 3.0], [np.nan, 2.0, 4.0], "two people"),
        ([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], "same amount"),
    ],
)
def test_what_carries_no_change_is_refused(before: list[float], after: list[float], why: str) -> None:
    with pytest.raises(AnalysisImpossible, match=why):
        mean_change(np.array(before), np.array(after))
