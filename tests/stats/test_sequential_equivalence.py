"""Equivalence with looks: bounds, chances, interval and p are those of R; on a margin it errs no oftener than told."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import special

from tests.stats.conftest import read_json
from trial.core.errors import AnalysisImpossible
from trial.stats.margins import equivalence
from trial.stats.sequential.design import SequentialDesign, spending_design
from trial.stats.sequential.equivalence import ended_alike, expected_of, likeness, likeness_ahead
from trial.stats.sequential.spending import Spending

BY_R: dict[str, list[dict[str, Any]]] = read_json("equivalence_looks.json")
CLOSE = 2e-8  # Miwa's steps and rpact's tolerance


def design_of(case: dict[str, Any]) -> SequentialDesign:
    return spending_design(case["information"], Spending(case["bounds"]), alpha=case["alpha"], sides=1)


@pytest.mark.parametrize("case", BY_R["chances"], ids=lambda case: f"{case['bounds']} {case['drift']}")
def test_the_chance_to_show_equivalence_is_the_sum_of_rectangles_in_r(case: dict[str, Any]) -> None:
    design = design_of(case)
    assert design.critical == pytest.approx(case["critical"], abs=CLOSE)
    chances = ended_alike(design, case["margin"], case["drift"])
    assert sum(chances) == pytest.approx(case["chance"], abs=CLOSE)
    if case["drift"] >= case["margin"]:
        assert sum(chances) <= case["alpha"] + 1e-12


@pytest.mark.parametrize("case", BY_R["looks"], ids=lambda case: f"{case['bounds']} {case['look']} {case['estimate']}")
def test_a_look_of_equivalence_is_that_of_r(case: dict[str, Any]) -> None:
    design = design_of(case)
    numbers = (case["estimate"], case["se"], case["df"], case["margin"])
    seen = likeness(design, case["look"], *numbers)
    assert [seen.z_low, seen.z_high, *seen.ci] == pytest.approx([*case["z"], *case["ci"]], abs=CLOSE)
    assert (seen.critical, seen.p) == pytest.approx((case["critical"], case["p"]), abs=CLOSE)
    assert seen.shown is (-case["margin"] < case["ci"][0] and case["ci"][1] < case["margin"])
    assert seen.z == min(seen.z_low, seen.z_high)
    if "alike" in case:
        ahead = likeness_ahead(design, case["look"], seen)
        found = (ahead.alike, ahead.trend, ahead.margin, ahead.predictive)
        told = (case["alike"], case["trend"], case["on_margin"], case["predictive"])
        assert found == pytest.approx(told, abs=CLOSE)


def test_r_shows_some_likenesses_and_some_not() -> None:
    shown = {-case["margin"] < case["ci"][0] and case["ci"][1] < case["margin"] for case in BY_R["looks"]}
    assert shown == {True, False}


def test_with_one_look_it_is_the_ordinary_pair_of_one_sided_tests() -> None:
    once = spending_design([1], Spending("pocock"), alpha=0.05, sides=1)
    for estimate in (-2.9, -1.1, 0.0, 0.4, 1.6, 3.2):
        plain = equivalence(estimate, 0.8, 31, (-2.5, 2.5), alpha=0.05)
        seen = likeness(once, 1, estimate, 0.8, 31, 2.5)
        assert seen.p == pytest.approx(plain.p, abs=1e-12)
        assert seen.shown is (plain.picture == "equivalent")
        # the interval by the errors that the p-values have ends on the same side of each margin
        assert (seen.ci[0] > -2.5, seen.ci[1] < 2.5) == (plain.ci[0] > -2.5, plain.ci[1] < 2.5)


@pytest.mark.parametrize("name", ["obrien_fleming", "pocock"])
@pytest.mark.parametrize("looks", [(0.5, 1.0), (0.2, 0.9, 1.0), (0.25, 0.5, 0.75, 1.0)])
def test_on_a_margin_it_is_shown_no_oftener_than_alpha_however_wide_the_margins(name: Any, looks: Any) -> None:
    design = spending_design(looks, Spending(name), alpha=0.05, sides=1)
    for margin in (0.5, 1.5, 2.5, 4.0, 20.0):
        on_it = [sum(ended_alike(design, margin, sign * margin)) for sign in (1, -1)]
        assert on_it[0] == pytest.approx(on_it[1], abs=1e-12) and 0 <= on_it[0] <= 0.05 + 1e-9
    assert on_it[0] == pytest.approx(0.05, abs=1e-6), "far apart, only the one test counts"


def test_the_p_at_a_look_errs_on_the_safe_side_wherever_the_trial_ends() -> None:
    """On the margin, normal walks that stop where both tests reach the bound: p is u or less in u of them at most."""
    design, margin = spending_design([0.4, 0.7, 1], Spending("pocock"), alpha=0.05, sides=1), 3.0
    information, critical = np.array(design.information), np.array(design.critical)
    steps = np.random.default_rng(5).normal(size=(3000, 3)) * np.sqrt(np.diff(information, prepend=0.0))
    scores = np.cumsum(steps, axis=1) + margin * information
    roots = np.sqrt(information)
    crossed = np.minimum(margin * roots + scores / roots, margin * roots - scores / roots) >= critical
    looks = np.where(crossed.any(axis=1), crossed.argmax(axis=1), 2)
    p = np.array([
        likeness(design, look + 1, score[look] / information[look], 1 / roots[look], math.inf, margin).p
        for look, score in zip(looks, scores, strict=True)
    ])  # fmt: skip
    for u in (0.01, 0.025, 0.05, 0.2):
        assert (p <= u).mean() <= u + 3 * math.sqrt(u * (1 - u) / len(p))
    told = sum(ended_alike(design, margin, margin))
    assert crossed.any(axis=1).mean() == pytest.approx(told, abs=3 * math.sqrt(told * (1 - told) / len(p)))


def test_the_mean_length_counts_where_trials_end() -> None:
    design = spending_design([0.5, 1], Spending("pocock"), alpha=0.05, sides=1)
    chances = ended_alike(design, 3.5, 0.0)
    assert expected_of(design, chances) == pytest.approx(1 - 0.5 * chances[0])
    by_hand = 2 * special.ndtr((3.5 * 0.5 - design.critical[0] * math.sqrt(0.5)) / math.sqrt(0.5)) - 1
    assert chances[0] == pytest.approx(by_hand, abs=1e-12)


def test_an_estimate_very_far_from_a_margin_or_on_it_is_judged_all_the_same() -> None:
    design = spending_design([0.5, 1], Spending("obrien_fleming"), alpha=0.05, sides=1)
    clear = likeness(design, 2, 0.001, 0.01, 5000, 3.0)
    half = 0.01 * design.critical[1]
    assert clear.shown and clear.p == pytest.approx(design.spent[0], abs=1e-9)
    assert clear.ci == pytest.approx((0.001 - half, 0.001 + half), abs=1e-12)
    on_it = likeness(design, 2, 3.0, 0.5, 30, 3.0)
    assert on_it.z == 0 and not on_it.shown and on_it.p > 0.4 and on_it.ci[1] > 3.0


def test_what_is_no_look_no_margin_or_no_error_is_refused() -> None:
    one, two = (spending_design([0.5, 1], Spending("pocock"), sides=sides) for sides in (1, 2))
    for design, look in ((two, 1), (one, 0), (one, 3)):
        with pytest.raises(ValueError, match="one side"):
            likeness(design, look, 0.0, 1.0, 10, 1.0)
    with pytest.raises(ValueError, match="above 0"):
        likeness(one, 1, 0.0, 1.0, 10, 0.0)
    with pytest.raises(AnalysisImpossible):
        likeness(one, 1, 0.0, 0.0, 10, 1.0)
    with pytest.raises(ValueError, match="another to come"):
        likeness_ahead(one, 2, likeness(one, 2, 0.0, 1.0, 10, 1.0))
