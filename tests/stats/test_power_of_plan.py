"""The closed power of a protocol is R's, for clusters, margins, two factors and one arm; where no formula applies it
says why; and the linter's approximation stays close to it."""

from __future__ import annotations

from math import ceil, gcd
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.core.clustered import clustered
from tests.core.protocols import PROTOCOL
from tests.stats.conftest import read_json
from trial.core.linting.numbers import required
from trial.core.looks import INFLATION
from trial.core.protocol import Arm, AssumedClusters, Assumptions, Monitoring, TrialProtocol
from trial.protocol_files import read_folder, shipped
from trial.stats.power import ancova_sample_size, randomized_per_arm, two_sample_size
from trial.stats.power_of_plan import closed_power, people_needed
from trial.stats.random_intercept import random_intercept
from trial.stats.sequential.planned import planned_design
from trial.stats.sequential.stopping import inflation

BY_R = read_json("power_of_plan.json")
CLOSE = 1e-8
LOOKS = 1e-7  # rpact's grid
FACTORIAL, SINGLE = (read_folder(shipped(name)).protocol for name in ("examples/factorial", "neff-2007"))
CLUSTERED = clustered()


def assumed(case: dict[str, Any]) -> Assumptions:
    clusters = AssumedClusters(**case["clusters"]) if "clusters" in case else None
    return Assumptions(
        difference=case["d"], standard_deviation=1, correlation_with_baseline=case["r"], power=case.get("power", 0.8),
        alpha=case["alpha"], attrition=1 - case.get("kept", 1), clusters=clusters, source="R",
    )  # fmt: skip


def planned(case: dict[str, Any]) -> TrialProtocol:
    """A protocol with the design, the shares of the arms and the assumptions of a case of R."""
    two = case["design"] == "two"
    base = PROTOCOL if two else FACTORIAL
    people = case.get("people")
    sizes = people if isinstance(people, list) else [1] * len(base.arms)
    whole = gcd(*sizes)
    arms = [arm.model_copy(update={"ratio": n // whole}) for arm, n in zip(in_order(base), sizes, strict=True)]
    update: dict[str, Any] = {
        "arms": arms,
        "sample_size": base.sample_size.model_copy(update={"assumptions": assumed(case)}),
        "design": base.design.model_copy(
            update={"framework": case.get("framework", "superiority"), "margin": case.get("margin")}
        ),
    }
    if not two:
        effects = {tuple(one.factors): one for one in base.analysis.all if one.factors}
        names = ("writing",) if case["design"] == "main" else ("writing", "breathing")
        update["analysis"] = base.analysis.model_copy(update={"primary": effects[names]})
    if "clusters" in case:
        update["allocation"] = CLUSTERED.allocation
    return base.model_copy(update=update)


def in_order(protocol: TrialProtocol) -> list[Arm]:
    """The arms as R has them: of a contrast the first of it first."""
    first = protocol.analysis.primary.contrast[0]
    return sorted(protocol.arms, key=lambda arm: arm.id != first) if len(protocol.arms) == 2 else protocol.arms


def total(case: dict[str, Any]) -> float:
    return float(sum(case["people"])) / float(case["kept"])


@pytest.mark.parametrize("case", BY_R["cases"], ids=lambda case: case["name"])
def test_power_error_and_degrees_of_freedom_are_those_of_r(case: dict[str, Any]) -> None:
    found = closed_power(planned(case | {"power": 0.8}), total(case))
    assert found.reason is None and found.formula is not None
    assert found.error == pytest.approx(case["error"], rel=CLOSE)
    assert found.df == pytest.approx(case["df"], rel=CLOSE)
    assert found.power == pytest.approx(case["power"], rel=CLOSE)


@pytest.mark.parametrize("case", BY_R["change"], ids=str)
def test_the_change_of_one_arm_is_a_test_of_pairs(case: dict[str, Any]) -> None:
    found = closed_power(SINGLE, case["people"], assumed=assumed(case | {"power": 0.8}))
    assert found.power == pytest.approx(case["power"], rel=CLOSE)


def of_shares(case: dict[str, Any], better: str = "higher") -> TrialProtocol:
    d = case["p1"] - case["p2"]
    one = assumed(case | {"d": d if better == "higher" else -d, "r": 0, "power": 0.8}).model_copy(
        update={"in_units_of": "share", "reference_share": case["p2"]}
    )
    protocol = planned(case | {"design": "two", "d": d, "r": 0, "power": 0.8})
    outcomes = [each.model_copy(update={"aggregation": "proportion", "better": better}) for each in protocol.outcomes]
    size = protocol.sample_size.model_copy(update={"assumptions": one})
    return protocol.model_copy(update={"outcomes": outcomes, "sample_size": size})


@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize("case", BY_R["shares"], ids=str)
def test_power_of_two_shares_is_that_of_r(case: dict[str, Any], better: str) -> None:
    if better == "lower":  # the same trial told by who does not respond
        case = case | {"p1": 1 - case["p1"], "p2": 1 - case["p2"]}
    found = closed_power(of_shares(case, better), total(case))
    assert found.reason is None and found.df is None and found.error == pytest.approx(case["error"], rel=CLOSE)
    assert found.power == pytest.approx(case["power"], rel=CLOSE)


def watched(protocol: TrialProtocol, case: dict[str, Any]) -> TrialProtocol:
    looks = Monitoring(interim_analyses=case["looks"] - 1, bounds=case["bounds"], stopping={"en": "-"})
    return protocol.model_copy(update={"monitoring": looks})


@pytest.mark.parametrize(
    "case", BY_R["looked_at"], ids=lambda case: f"{case['name']}, {case['bounds']} {case['looks']}"
)
def test_power_with_stopping_bounds_is_that_of_rpact(case: dict[str, Any]) -> None:
    found = closed_power(watched(planned(case | {"power": 0.8}), case), total(case))
    assert found.reason is None and found.formula is not None and "group sequential bounds" in found.formula
    assert (found.power, found.expected) == pytest.approx((case["power"], case["expected"]), rel=LOOKS)


@pytest.mark.parametrize(
    "case", read_json("equivalence_looks.json")["plans"], ids=lambda case: f"{case['bounds']} {case['looks']}"
)
def test_power_of_equivalence_with_stopping_bounds_is_that_of_r(case: dict[str, Any]) -> None:
    told = case | {"design": "two", "framework": "equivalence", "power": 0.8}
    found = closed_power(watched(planned(told), case), total(told | {"kept": 1}))
    assert found.reason is None and (found.error, found.df) == pytest.approx((case["error"], case["df"]), rel=CLOSE)
    assert (found.power, found.expected) == pytest.approx((case["power"], case["expected"]), rel=LOOKS)
    assert found.formula is not None and "two one-sided tests" in found.formula and "bounds" in found.formula


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_equivalence_of_two_shares_with_bounds_costs_a_little_of_its_power(better: str) -> None:
    case = next(one for one in BY_R["shares"] if one.get("framework") == "equivalence")
    looked = watched(of_shares(case, better), {"looks": 3, "bounds": "obrien_fleming"})
    once, found = (closed_power(one, total(case)).power for one in (of_shares(case, better), looked))
    assert once is not None and found is not None and once - 0.02 < found < once


@pytest.mark.parametrize("case", BY_R["shares_looked_at"], ids=lambda case: case["bounds"])
def test_power_of_two_shares_with_stopping_bounds_is_that_of_rpact(case: dict[str, Any]) -> None:
    found = closed_power(watched(of_shares(case), case), total(case))
    assert (found.power, found.expected) == pytest.approx((case["power"], case["expected"]), rel=LOOKS)


def test_looks_without_an_effect_err_as_often_as_planned_and_no_look_changes_nothing() -> None:
    case = {"design": "two", "d": 0.3, "r": 0.6, "alpha": 0.05, "power": 0.8}
    plain, once = planned(case), watched(planned(case), {"looks": 1, "bounds": "pocock"})
    for looks in (2, 5):
        several = watched(plain, {"looks": looks, "bounds": "pocock"})
        assert closed_power(several, 300, 0.0).power == pytest.approx(0.05, abs=1e-12)
        assert closed_power(several, 300, -0.3).power == closed_power(several, 300, 0.3).power
        assert closed_power(several, 3_000_000, 1.0).power == pytest.approx(1, abs=1e-15)
    assert closed_power(once, 300).power == pytest.approx(closed_power(plain, 300).power, rel=1e-8)
    assert closed_power(once, 300).expected == 1 and closed_power(plain, 300).expected is None


def test_looks_take_the_people_of_their_inflation() -> None:
    case = {"design": "two", "d": 0.2, "r": 0.6, "alpha": 0.05, "power": 0.8}
    for bounds, factors in BY_R["inflation"].items():
        assert INFLATION[bounds] == pytest.approx(factors, abs=5.1e-5)
        for looks, factor in zip(range(2, 12), factors, strict=True):
            several = watched(planned(case), {"looks": looks, "bounds": bounds})
            needed, alone, about = people_needed(several), people_needed(planned(case)), required(several)
            assert needed is not None and alone is not None and about is not None
            assert needed == pytest.approx(alone * factor, abs=2)
            assert about == pytest.approx(needed, rel=0.01)
            had = closed_power(several, needed).power
            assert had is not None and 0.8 <= had < 0.802


def test_a_trial_against_a_margin_errs_on_it_as_often_as_planned_however_often_it_is_looked_at() -> None:
    case = {"design": "two", "d": 0, "r": 0.6, "power": 0.8, "framework": "non_inferiority", "margin": 0.3}
    for alpha in (0.025, 0.05):
        plain = planned(case | {"alpha": alpha})
        for looks, bounds in ((2, "pocock"), (5, "obrien_fleming")):
            several = watched(plain, {"looks": looks, "bounds": bounds})
            assert closed_power(several, 300, -0.3).power == pytest.approx(alpha, abs=1e-9)
            less = closed_power(several, 300, -0.4).power
            assert less is not None and less < 0.3 * alpha
            once = closed_power(watched(plain, {"looks": 1, "bounds": bounds}), 300).power
            assert once == pytest.approx(closed_power(plain, 300).power, rel=1e-8)
            alone, needed, about = people_needed(plain), people_needed(several), required(several)
            assert alone is not None and needed is not None and about is not None
            assert needed == pytest.approx(alone * INFLATION[bounds][looks - 2], rel=0.0135)
            assert about == pytest.approx(needed, rel=0.0135)


def test_the_inflation_of_other_levels_and_powers_is_no_more_and_hardly_less() -> None:
    for bounds, factors in INFLATION.items():
        for looks, alpha, power in ((2, 0.025, 0.9), (5, 0.05, 0.95), (11, 0.01, 0.8)):
            design = planned_design(Monitoring(interim_analyses=looks - 1, bounds=bounds, stopping={"en": "-"}), alpha)
            assert design is not None
            assert 0.96 * factors[looks - 2] < inflation(design, power) < 1.001 * factors[looks - 2]


def test_the_power_promised_with_looks_is_the_power_of_small_trials_judged_by_t() -> None:
    """20,000 trials of 15 + 15 people, three looks each at the nominal p of its bound, seeded; four binomial errors."""
    case = {"design": "two", "d": 1.0, "r": 0, "alpha": 0.05, "looks": 3, "bounds": "pocock"}
    design = planned_design(watched(planned(case), case).monitoring, 0.05)
    promised = closed_power(watched(planned(case), case), 30).power
    assert design is not None and promised is not None
    trials, n = 20_000, 15
    chance = np.random.default_rng(8)
    one, other = chance.normal(1.0, size=(trials, n)), chance.normal(size=(trials, n))
    found = np.zeros(trials, dtype=bool)
    for share, level in zip(design.information, design.nominal_p, strict=True):
        seen = round(share * n)
        found |= stats.ttest_ind(one[:, :seen], other[:, :seen], axis=1).pvalue <= level
    assert found.mean() == pytest.approx(promised, abs=4 * (promised * (1 - promised) / trials) ** 0.5 + 0.01)


@pytest.mark.parametrize("case", BY_R["clusters_for"], ids=str)
def test_clusters_ask_for_as_many_people_as_r_says(case: dict[str, Any]) -> None:
    # R's cluster means know no baseline beyond what it takes off the variance: no d.f. either
    clusters = {"size": case["size"], "icc": case["icc"]}
    protocol = planned(
        {"design": "two"} | {key: case[key] for key in ("d", "r", "alpha", "power")} | {"clusters": clusters}
    )
    assert people_needed(protocol) == ceil(case["people"])


@pytest.mark.parametrize("case", BY_R["people_for"], ids=str)
def test_factors_ask_for_as_many_people_as_r_says(case: dict[str, Any]) -> None:
    protocol = planned({key: case[key] for key in ("design", "d", "r", "alpha", "power")})
    assert people_needed(protocol) == ceil(case["people"])


def test_an_interaction_takes_four_times_the_people_of_a_main_effect_as_large() -> None:
    main, interaction = (
        people_needed(planned({"design": design, "d": 0.3, "r": 0.6, "alpha": 0.05, "power": 0.8}))
        for design in ("main", "interaction")
    )
    assert main is not None and interaction is not None
    assert interaction / main == pytest.approx(4, abs=0.05)


# d; people to randomise in two arms and in three: ANCOVA, r = .6, 40 % lost, 80 %, two-sided .05 and .025 each of two
TABLE = [(0.10, 3354, 6090), (0.20, 844, 1530), (0.30, 378, 687), (0.50, 140, 252)]


@pytest.mark.parametrize(("d", "two", "three"), TABLE)
def test_two_and_three_arms_take_the_people_of_the_table(d: float, two: int, three: int) -> None:
    case = {"design": "two", "d": d, "r": 0.6, "alpha": 0.05, "kept": 0.6, "power": 0.8}
    assert people_needed(planned(case)) == pytest.approx(two, abs=4)
    another = PROTOCOL.arms[1].model_copy(update={"id": "another"})
    of_three = planned(case | {"alpha": 0.025})
    of_three = of_three.model_copy(update={"arms": [*of_three.arms, another]})
    assert people_needed(of_three) == pytest.approx(three, abs=6)


GRID = [
    {"design": design, "d": d, "r": r, "alpha": 0.05, "power": power, "kept": 0.8} | clusters
    for design in ("two", "main", "interaction")
    for d in (0.2, 0.6)
    for r in (0.0, 0.7)
    for power in (0.8, 0.95)
    for clusters in ({}, {"clusters": {"size": 20, "icc": 0.05, "size_cv": 0.4}})
]
MARGINS = [
    {"design": "two", "d": d, "r": 0.5, "alpha": alpha, "power": 0.9, "margin": 0.3, "framework": framework} | clusters
    for framework in ("non_inferiority", "equivalence")
    for d in (0, -0.1)
    for alpha in (0.025, 0.05)
    for clusters in ({}, {"clusters": {"size": 10, "icc": 0.1}})
]


@pytest.mark.parametrize("case", [*GRID, *MARGINS], ids=str)
def test_the_number_that_the_linter_asks_for_has_nearly_the_power_asked_for(case: dict[str, Any]) -> None:
    protocol = planned(case)
    about, exact = required(protocol), people_needed(protocol)
    assert about is not None and exact is not None
    assert about == pytest.approx(exact, rel=0.04)
    had = closed_power(protocol, exact).power
    assert had is not None and case["power"] <= had < case["power"] + 0.02


@pytest.mark.parametrize("case", BY_R["shares"], ids=str)
def test_the_number_for_shares_has_the_power_asked_for(case: dict[str, Any]) -> None:
    protocol = of_shares(case)
    about, exact = required(protocol), people_needed(protocol)
    assert about is not None and exact is not None
    assert about == pytest.approx(exact, rel=0.01)
    assert closed_power(protocol, exact).power == pytest.approx(0.8, abs=0.01)
    assert closed_power(protocol, exact, 0.0).power == pytest.approx(
        closed_power(of_shares(case | {"p1": case["p2"]}), exact).power
    )


def test_the_power_promised_to_clusters_is_the_power_had() -> None:
    """500 trials of 8 clusters of 10 in each arm, seeded; four binomial errors about the promise."""
    chance, icc, d, trials = np.random.default_rng(11), 0.1, 0.6, 500
    clusters = [f"{arm}{number}" for arm in "ab" for number in range(8) for _ in range(10)]
    arms, people = [name[0] for name in clusters], len(clusters)
    found = 0
    for _ in range(trials):
        own = np.repeat(chance.normal(size=16), 10) * np.sqrt(icc)
        outcome = own + np.sqrt(1 - icc) * chance.normal(size=people) + d * (np.array(arms) == "a")
        found += random_intercept(outcome, arms, clusters, np.empty((people, 0)), ("a", "b")).p < 0.05
    case = {"design": "two", "d": d, "r": 0, "alpha": 0.05, "clusters": {"size": 10, "icc": icc}}
    promised = closed_power(planned(case), people).power
    assert promised is not None
    assert found / trials == pytest.approx(promised, abs=4 * (promised * (1 - promised) / trials) ** 0.5)


def test_another_effect_and_other_assumptions_can_be_asked_about() -> None:
    case = {"design": "two", "d": 0.3, "r": 0.6, "alpha": 0.05, "power": 0.8}
    n = 2 * ancova_sample_size(0.3, 0.6)
    assert closed_power(planned(case), n).power == pytest.approx(0.8, abs=0.01)
    assert closed_power(planned(case), n, 0.0).power == pytest.approx(0.05, abs=1e-9)
    worse = closed_power(planned(case), n, assumed=assumed(case | {"r": 0.2, "kept": 0.5}))
    assert worse.power is not None and worse.power < 0.5
    # as many as the t-test needs, and one more for what the baseline takes
    assert people_needed(planned(case | {"r": 0})) == pytest.approx(2 * two_sample_size(0.3), abs=2)
    lost = people_needed(planned(case | {"kept": 0.6}))
    assert lost == pytest.approx(2 * randomized_per_arm(n // 2, 0.4), abs=4)


def without(protocol: TrialProtocol, **parts: Any) -> TrialProtocol:
    return protocol.model_copy(update=parts)


def test_where_no_formula_applies_the_reason_is_named() -> None:
    case = {"design": "two", "d": 0.3, "r": 0.6, "alpha": 0.05, "clusters": {"size": 10, "icc": 0.1}}
    plain = planned({key: value for key, value in case.items() if key != "clusters"})
    of_clusters = planned(case)
    size = plain.sample_size
    points = assumed(case).model_copy(update={"in_units_of": "score", "standard_deviation": None, "clusters": None})
    closed = [plain.arms[0].model_copy(update={"ratio": 0}), plain.arms[1]]
    outcomes = [one.model_copy(update={"aggregation": "proportion"}) for one in plain.outcomes]
    margin = planned(case | {"framework": "non_inferiority", "margin": 0.2, "d": -0.2})
    for protocol, why in (
        (without(plain, sample_size=size.model_copy(update={"assumptions": None})), "no assumptions"),
        (without(plain, outcomes=outcomes), "no share of the reference arm"),
        (of_shares(BY_R["shares"][0] | {"p1": 1.1}), "outside 0 to 1"),
        (without(plain, arms=closed), "is closed"),
        (without(plain, allocation=CLUSTERED.allocation), "how large and how alike"),
        (without(plain, sample_size=size.model_copy(update={"assumptions": points})), "no standard deviation"),
        (margin, "beyond the margin"),
    ):
        found = closed_power(protocol, 200)
        assert found.power is None and found.reason is not None and why in found.reason
        assert people_needed(protocol) is None
    few = closed_power(of_clusters, 20)
    assert few.power is None and few.reason is not None and "no degree of freedom" in few.reason
    for people, effect in ((0, None), (200, float("nan")), (float("inf"), None)):
        with pytest.raises(ValueError, match="people above 0"):
            closed_power(plain, people, effect)
