"""Where a finding is gone as the missing are made worse: the exact place, its direction, and when there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.stats.conftest import read_json, read_rows
from tests.stats.gappy import CONTRAST, Gappy, gappy
from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import ancova
from trial.stats.conditional_mean import Jackknifed, conditional_mean
from trial.stats.filling import find_gaps
from trial.stats.tipping_point import tipping_point

SD, DF = 5.0, 100


def base(trial: Gappy) -> Jackknifed:
    return conditional_mean(trial.gaps(), CONTRAST, "random")


FINDING = base(gappy(21, people=120, effect=-2.5))


def test_at_the_tip_p_is_alpha_and_just_before_it_is_not() -> None:
    found = tipping_point(FINDING, DF, SD, "lower")
    assert found.finding and found.favourable and found.delta is not None
    again = replace(FINDING, estimate=FINDING.estimate + found.delta * FINDING.slope,
                    without=FINDING.without + found.delta * FINDING.slope_without)  # fmt: skip
    assert tipping_point(again, DF, SD, "lower").grid[0].p == pytest.approx(0.05, abs=1e-9)
    before = [at.p for at in found.grid if at.delta < found.delta]
    after = [at.p for at in found.grid if at.delta > found.delta]
    assert before and after and max(before) < 0.05 < min(after)


def test_the_tip_of_fdd_and_the_rows_before_it_are_those_worked_out_in_plain_r() -> None:
    """Ten points better with E than it was, so that there is a finding; everyone left out in turn, and a root."""
    told = read_json("jump_to_reference.json")["tipping"]
    rows = read_rows("fdd.csv")
    arms, known = [row["trt"] for row in rows], np.array([float(row["prop1"] or "nan") for row in rows])
    baseline = np.where(np.isnan(known), np.nanmean(known), known)
    first, later = (np.array([float(row[name] or "nan") for row in rows]) for name in ("prop2", "prop3"))
    first = first - told["better"] * (np.array(arms) == "E")
    gaps = find_gaps(arms, [("prop2", first), ("prop3", later)], "prop2", baseline[:, None], ["prop1"], ("E", "C"))
    at_random = conditional_mean(gaps, ("E", "C"), "random")
    # five points as the standard deviation: the grid has what R made worse by 0, 5 and 20
    found = tipping_point(at_random, told["df"], 5.0, "lower")
    assert found.delta == pytest.approx(told["tip"], rel=1e-6)
    for its in told["rows"]:
        if its["delta"] <= 15:
            (ours,) = [at for at in found.grid if at.delta == its["delta"]]
            assert (ours.estimate, ours.se, ours.p) == pytest.approx((its["estimate"], its["se"], its["p"]), rel=1e-5)
    far = tipping_point(at_random, told["df"], 20.0, "lower").grid[4]
    its = told["rows"][2]
    assert (far.estimate, far.se, far.p) == pytest.approx((its["estimate"], its["se"], its["p"]), rel=1e-5)


def test_a_shifted_row_is_the_plan_on_outcomes_that_were_shifted() -> None:
    """The missing of the first arm get two points more, by hand, in the data; the estimate moves as the grid says."""
    trial = gappy(22, people=80, timepoints=1)
    gaps, found = trial.gaps(), base(trial)
    x = np.column_stack([np.ones(80), trial.covariates])
    y = trial.y[:, 0].copy()
    for arm in CONTRAST:
        its = np.array([each == arm for each in trial.arms])
        line = np.linalg.lstsq(x[its & np.isfinite(trial.y[:, 0])], y[its & np.isfinite(trial.y[:, 0])], rcond=None)[0]
        y[its & np.isnan(trial.y[:, 0])] = (x @ line)[its & np.isnan(trial.y[:, 0])] + 2 * (arm == CONTRAST[0])
    by_hand = ancova(y, trial.arms, trial.covariates, CONTRAST).estimate
    assert found.estimate + 2 * found.slope == pytest.approx(by_hand, rel=1e-8)
    assert found.filled == tuple(int(np.isnan(arm.y).sum()) for arm in (gaps.arm, gaps.reference))


def test_worse_is_down_where_higher_is_better() -> None:
    mirror = replace(FINDING, estimate=-FINDING.estimate, without=-FINDING.without)
    up, down = tipping_point(FINDING, DF, SD, "lower"), tipping_point(mirror, DF, SD, "higher")
    assert down.delta == pytest.approx(up.delta)
    assert [at.estimate for at in down.grid] == pytest.approx([-at.estimate for at in up.grid])


def test_what_is_no_finding_or_speaks_against_the_first_arm_has_no_tip() -> None:
    nothing = tipping_point(replace(FINDING, estimate=0.0), DF, SD, "lower")
    assert not nothing.finding and nothing.delta is None
    against = tipping_point(replace(FINDING, estimate=-FINDING.estimate), DF, SD, "lower")
    assert against.finding and not against.favourable and against.delta is None


def test_with_nobody_missing_in_the_first_arm_there_is_nothing_to_move() -> None:
    with pytest.raises(AnalysisImpossible, match="nothing can be moved"):
        tipping_point(replace(FINDING, filled=(0, 3)), DF, SD, "lower")
