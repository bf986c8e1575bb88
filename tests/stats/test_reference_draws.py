"""Reference-based imputation by draws: R's figures within the error of chance, and what must not change it."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest

from tests.stats.conftest import Row, read_json
from tests.stats.test_filling_against_r import columns
from trial.stats.conditional_mean import Rule, conditional_mean
from trial.stats.filling import Gaps, find_gaps
from trial.stats.reference_draws import reference_draws

RULES: tuple[Rule, ...] = ("jump_to_reference", "copy_reference", "copy_increments")
MANY = 1500


def gaps_of(fdd: list[Row], planned: Literal["prop2", "prop3"]) -> Gaps:
    arms, baseline, y = columns(fdd)
    return find_gaps(arms, [("prop2", y[:, 0]), ("prop3", y[:, 1])], planned, baseline[:, None], ["prop1"], ("E", "C"))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("planned", ["prop2", "prop3"])
def test_draws_pool_to_what_plain_r_pools_to(fdd: list[Row], planned: Literal["prop2", "prop3"], rule: Rule) -> None:
    told = read_json("reference_draws.json")["analyses"][f"{planned}_{rule}"]
    found = reference_draws(gaps_of(fdd, planned), ("E", "C"), rule, ("against R",), imputations=MANY, rounds=15).pooled
    noise = math.hypot(found.noise, math.sqrt(told["between"] / told["imputations"]))
    assert abs(found.estimate - told["estimate"]) < 4 * noise
    # a variance of m draws is off by a share of about the square root of 2 / m, an error by half of that
    assert found.se == pytest.approx(told["se"], rel=2 * math.sqrt(2 / MANY + 2 / told["imputations"]))


@pytest.mark.parametrize("rule", RULES)
def test_draws_lie_about_the_conditional_mean_and_rubins_error_is_the_larger(rule: Rule) -> None:
    dice = np.random.default_rng(3)
    arms = ["kind", "plain"] * 300
    level = dice.normal(size=600)
    first = level + dice.normal(size=600)
    last = first + dice.normal(size=600) + np.array([arm == "kind" for arm in arms])
    last[dice.uniform(size=600) < 0.4] = np.nan
    first[:40] = np.nan
    gaps = find_gaps(arms, [("early", first), ("late", last)], "late", level[:, None], ["level"], ("kind", "plain"))
    mean = conditional_mean(gaps, ("kind", "plain"), rule)
    drawn = reference_draws(gaps, ("kind", "plain"), rule, ("a", "b"), imputations=400, rounds=10).pooled
    assert abs(drawn.estimate - mean.estimate) < 4 * drawn.noise
    assert drawn.se > 1.05 * math.sqrt(mean.variance())


def test_the_same_names_give_the_same_draws_and_the_order_of_people_changes_nothing(fdd: list[Row]) -> None:
    one = reference_draws(gaps_of(fdd, "prop3"), ("E", "C"), "copy_increments", ("x",), imputations=20)
    again = reference_draws(gaps_of(fdd, "prop3"), ("E", "C"), "copy_increments", ("x",), imputations=20)
    turned = reference_draws(gaps_of(fdd[::-1], "prop3"), ("E", "C"), "copy_increments", ("x",), imputations=20)
    assert one == again
    assert turned.pooled.estimate == pytest.approx(one.pooled.estimate, rel=1e-10) and turned.filled == one.filled
