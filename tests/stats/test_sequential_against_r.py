"""Group sequential boundaries, costs and final estimates are those of rpact and of multivariate normal integrals."""

from __future__ import annotations

from typing import Any

import pytest

from trial.stats.sequential.design import SequentialDesign, Sides, haybittle_peto, shaped_design, spending_design
from trial.stats.sequential.final import at_least, final_estimate
from trial.stats.sequential.interim import outlook
from trial.stats.sequential.spending import Spending
from trial.stats.sequential.stopping import drift_for_power, inflation, stopping, with_futility

SPENDING = {
    "asOF": "obrien_fleming",
    "asP": "pocock",
    "asKD": "kim_demets",
    "asHSD": "hwang_shih_decani",
    "bsOF": "obrien_fleming",
    "bsP": "pocock",
}
SHAPES = {"OF": 0.0, "P": 0.5, "WT": 0.25}

# Two sides of .05, from the table of the design reference: rpact 3.3.4, and Jennison and Turnbull (2000) where they
# print it. Each row holds the critical values of two, three, four and five even looks.
TABLE = {
    "OF": [
        (2.796510, 1.977431),
        (3.471091, 2.454432, 2.004036),
        (4.048591, 2.862786, 2.337455, 2.024295),
        (4.561742, 3.225639, 2.633723, 2.280871, 2.040073),
    ],
    "P": [(2.178272,) * 2, (2.289478,) * 3, (2.361298,) * 4, (2.413176,) * 5],
    "asOF": [
        (2.962588, 1.968596),
        (3.710303, 2.511427, 1.993047),
        (4.332634, 2.963132, 2.359044, 2.014090),
        (4.876885, 3.357012, 2.680280, 2.289817, 2.031032),
    ],
    "asP": [
        (2.156999, 2.200977),
        (2.279428, 2.294911, 2.295938),
        (2.368328, 2.367524, 2.358168, 2.350030),
        (2.437977, 2.426814, 2.410194, 2.396645, 2.385985),
    ],
}
INFLATION = {
    "OF": (1.007786, 1.017406, 1.023846, 1.028411),
    "P": (1.110413, 1.166387, 1.202476, 1.228593),
    "asOF": (1.003725, 1.012795, 1.019637, 1.024720),
}


def planned(
    kind: str, information: list[float], parameter: float | None = None, alpha: float = 0.05, sides: Sides = 2
) -> SequentialDesign:
    if kind == "HP":
        return haybittle_peto(information, parameter or 3.0, alpha=alpha, sides=sides)
    if kind in SHAPES:
        return shaped_design(information, SHAPES[kind], alpha=alpha, sides=sides)
    return spending_design(information, Spending(SPENDING[kind], parameter), alpha=alpha, sides=sides)  # type: ignore[arg-type]


def even(looks: int) -> list[float]:
    return [(look + 1) / looks for look in range(looks)]


@pytest.mark.parametrize("kind", TABLE)
def test_boundaries_are_those_of_the_printed_tables(kind: str) -> None:
    for looks, row in zip((2, 3, 4, 5), TABLE[kind], strict=True):
        assert planned(kind, even(looks)).critical == pytest.approx(row, abs=1e-6)


def test_uneven_looks_and_other_spending_are_those_known_beforehand() -> None:
    assert planned("asOF", [0.25, 0.6, 1]).critical == pytest.approx((4.332634, 2.668869, 1.980976), abs=1e-6)
    assert planned("asKD", even(3), 2).critical == pytest.approx((2.772921, 2.347272, 2.061914), abs=1e-6)
    assert planned("asHSD", even(3), -4).critical == pytest.approx((3.010739, 2.546531, 1.999226), abs=1e-6)
    assert planned("HP", even(3)).critical == pytest.approx((3, 3, 1.975098), abs=1e-6)
    one_sided = tuple(each / 2 for each in planned("asOF", even(5)).spent)
    assert one_sided == pytest.approx((5.4e-7, 0.00039415, 0.00380806, 0.01221179, 0.025), abs=1e-8)


@pytest.mark.parametrize("kind", INFLATION)
def test_what_looking_costs_is_what_the_printed_tables_say(kind: str) -> None:
    for looks, factor in zip((2, 3, 4, 5), INFLATION[kind], strict=True):
        assert inflation(planned(kind, even(looks)), 0.8) == pytest.approx(factor, abs=2e-6)


def test_every_design_of_rpact_has_our_boundaries_power_and_length(sequential_by_r: Any) -> None:
    for case in sequential_by_r["designs"]:
        design = planned(case["type"], case["information"], case["parameter"], case["alpha"], case["sides"])
        # rpact's grid is coarser below an open side: 9e-7 where two looks are close.
        close = 1e-8 if case["sides"] == 2 else 1e-6
        assert design.critical == pytest.approx(case["critical"], abs=close)
        assert design.spent == pytest.approx(case["spent"], abs=2e-8)
        drift = drift_for_power(design, 0.8)
        assert drift**2 == pytest.approx(case["shift"], rel=1e-6)
        found = stopping(design, drift)
        reached = [sum(found.above[: look + 1]) for look in range(design.looks)]
        assert reached == pytest.approx(case["power"], abs=1e-6)
        # rpact counts in trials with one analysis.
        length = found.expected_information * inflation(design, 0.8)
        assert length == pytest.approx(case["expected"], abs=1e-6)


def test_futility_that_spends_the_other_error_is_that_of_rpact(sequential_by_r: Any) -> None:
    for case in sequential_by_r["futility"]:
        plain = planned(case["type"], case["information"], alpha=0.025, sides=1)
        design = with_futility(plain, Spending(SPENDING[case["futility_type"]]), case["power"])  # type: ignore[arg-type]
        assert design.critical == plain.critical == pytest.approx(case["critical"], abs=2e-7)
        assert design.futility == pytest.approx(case["futility"], abs=1e-7)
        assert drift_for_power(design, case["power"]) ** 2 == pytest.approx(case["shift"], rel=1e-6)


def test_what_a_trial_says_at_its_end_is_what_rpact_says(sequential_by_r: Any) -> None:
    for case in sequential_by_r["analyses"]:
        design = planned(case["type"], case["information"], alpha=0.025, sides=1)
        found = final_estimate(design, case["look"], case["z"] * case["se"], case["se"])
        assert found.p == pytest.approx(case["p"], abs=1e-8)
        assert (found.estimate, *found.ci) == pytest.approx((case["median"], case["low"], case["high"]), abs=1e-6)


def test_stage_wise_estimates_are_those_of_multivariate_normal_integrals(sequential_by_r: Any) -> None:
    for case in sequential_by_r["stagewise"]:
        design = by_hand(case, case["sides"])
        share = case["information"][case["look"] - 1]
        assert at_least(design, case["look"], case["z"], 0.0) == pytest.approx(case["at_least"], abs=1e-9)
        se = share**-0.5
        found = final_estimate(design, case["look"], case["z"] * se, se)
        assert found.p == pytest.approx(case["p"], abs=2e-9)
        assert (found.estimate, *found.ci) == pytest.approx((case["median"], case["low"], case["high"]), abs=1e-6)


def test_conditional_power_is_that_of_rpact_and_of_multivariate_normal_integrals(sequential_by_r: Any) -> None:
    for case in sequential_by_r["conditional"]:
        found = outlook(by_hand(case, 1), case["look"], case["z"], case["drift"])
        assert found.planned == pytest.approx(case["power"], abs=1e-8)
    case = sequential_by_r["conditional_rpact"]
    design = planned("asOF", case["information"], alpha=0.025, sides=1)
    assert outlook(design, 1, case["z"], case["drift"]).planned == pytest.approx(case["power"][-1], abs=1e-6)


def by_hand(case: Any, sides: Sides) -> SequentialDesign:
    information = tuple(case["information"])
    return SequentialDesign("by hand", 0.05, sides, information, tuple(case["critical"]), (0.0,) * len(information))
