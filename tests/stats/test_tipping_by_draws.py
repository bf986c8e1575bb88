"""The tipping point by draws: as R has it, near to the deterministic one, and when there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.stats.conftest import read_json
from tests.stats.gappy import CONTRAST, gappy
from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.conditional_mean import conditional_mean
from trial.stats.design import build_design
from trial.stats.multiple_imputation import completed_outcomes, multiple_imputation
from trial.stats.rubin import Pooled
from trial.stats.tipping_by_draws import tipping_by_draws
from trial.stats.tipping_point import Better, Tipping, tipping_point

BY_R: Any = read_json("tipping_by_draws.json")
SETS: Any = read_json("responders.json")
SD = 5.0


def of_fdd(sd: float, *, turned: bool = False) -> tuple[Pooled, Tipping]:
    """The imputed sets of R, ten points better with E; turned round so that higher is better."""
    arms = SETS["arm"]
    y = np.array(SETS["completed"]) - BY_R["better"] * (np.array(arms) == "E")
    design = build_design(arms, np.array(SETS["before"], dtype=np.float64)[:, None], ("prop1",))
    better: Better = "higher" if turned else "lower"
    return tipping_by_draws(design, -y if turned else y, np.array(BY_R["moved"]), ("E", "C"), sd, better)


def test_rows_and_tip_of_imputed_sets_are_those_of_r() -> None:
    whole, found = of_fdd(SD)
    first = BY_R["rows"][0]
    assert (whole.estimate, whole.se, whole.df) == pytest.approx(
        (first["estimate"], first["se"], first["df"]), rel=1e-8
    )
    assert found.finding and found.favourable and found.delta == pytest.approx(BY_R["tip"], rel=1e-8)
    for its in BY_R["rows"][1:]:
        (ours,) = [at for at in of_fdd(its["delta"])[1].grid if at.delta == its["delta"]]
        assert (ours.estimate, ours.se, ours.p) == pytest.approx((its["estimate"], its["se"], its["p"]), rel=1e-7)


def test_turned_round_the_tip_is_the_same() -> None:
    up, down = of_fdd(SD)[1], of_fdd(SD, turned=True)[1]
    assert down.delta == pytest.approx(up.delta, rel=1e-10)
    assert [at.p for at in down.grid] == pytest.approx([at.p for at in up.grid], rel=1e-9)


def drawn(effect: float, key: str = "draws", **more: Any) -> tuple[Pooled, Tipping, Any]:
    gaps = gappy(21, people=120, effect=effect, **more).gaps()
    y, _ = completed_outcomes(gaps, (key,))
    moved = np.zeros(len(gaps.outcome), dtype=np.bool_)
    moved[gaps.arm.rows[np.isnan(gaps.arm.y[:, gaps.target])]] = True
    return *tipping_by_draws(gaps.design, y, moved, CONTRAST, SD, "lower"), gaps


def test_with_nothing_added_it_is_multiple_imputation_and_the_estimates_of_the_rows_are_near_those_without_draws() -> (
    None
):
    whole, found, gaps = drawn(-2.5)
    assert whole == multiple_imputation(gaps, CONTRAST, ("draws",)).pooled
    without = tipping_point(conditional_mean(gaps, CONTRAST, "random"), 100, SD, "lower")
    assert found.delta is not None and without.delta is not None
    # the imputations move an estimate by Monte Carlo error alone, whatever is added
    for ours, theirs in zip(found.grid, without.grid, strict=False):
        assert ours.delta == theirs.delta and abs(ours.estimate - theirs.estimate) < 4 * whole.noise
    assert found.delta == pytest.approx(without.delta, rel=0.25)
    assert drawn(-2.5)[1] == found, "the same key draws the same"


def test_what_is_no_finding_speaks_against_the_first_arm_or_misses_nobody_has_no_tip() -> None:
    nothing = drawn(0.0)[1]
    assert not nothing.finding and nothing.delta is None and len(nothing.grid) == 5
    against = drawn(4.0)[1]
    assert against.finding and not against.favourable and against.delta is None
    gaps = gappy(21, people=120).gaps()
    y: FloatArray = np.tile(np.nan_to_num(gaps.outcome), (3, 1))
    with pytest.raises(AnalysisImpossible, match="nothing can be moved"):
        tipping_by_draws(gaps.design, y, np.zeros(120, dtype=np.bool_), CONTRAST, SD, "lower")


def test_the_order_of_people_changes_nothing() -> None:
    whole, found, gaps = drawn(-2.5)
    order = np.random.default_rng(1).permutation(120)
    y, _ = completed_outcomes(gaps, ("draws",))
    moved = np.zeros(120, dtype=np.bool_)
    moved[gaps.arm.rows[np.isnan(gaps.arm.y[:, gaps.target])]] = True
    rows = tuple(gaps.design.row_arms[at] for at in order)
    design = replace(gaps.design, matrix=gaps.design.matrix[order], row_arms=rows)
    other, again = tipping_by_draws(design, y[:, order], moved[order], CONTRAST, SD, "lower")
    assert other.estimate == pytest.approx(whole.estimate, rel=1e-10)
    assert again.delta == pytest.approx(found.delta, rel=1e-8)
