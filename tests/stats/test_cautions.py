"""Beside which estimates a report warns that the interval may not hold what it promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.planned_factors import of_four_arms, plan_of_factors
from bench.planned_methods import main_plan, protocol_of, single_plan
from bench.planned_trials import ARMS, EFFECT, Kind, Pretend, batch
from trial.core.protocol import TrialProtocol
from trial.stats.plan.run import run_plan
from trial.stats.plan.table import AnalysisTable


def first(kind: Kind) -> Pretend:
    return next(iter(batch(kind, EFFECT, 0)))


def by_method(kind: Kind) -> dict[str, dict[str, Any]]:
    """The first estimate of each method: of proportions, their difference."""
    return {one["method"]: one for one in reversed(run_plan(main_plan(kind), first(kind).table))}


def said(one: dict[str, Any]) -> list[tuple[str, str]]:
    return [(its["kind"], its["about"]) for its in one["warnings"]]


def planned(kind: Kind, protocol: TrialProtocol) -> dict[str, Any]:
    return run_plan(protocol, first(kind).table)[0]


def test_arms_alike_in_size_and_spread_get_no_warning() -> None:
    found = by_method(Kind(people=(100, 100)))
    assert [said(found[method]) for method in ("ancova", "mmrm", "clda", "g_computation")] == [[], [], [], []]


def test_a_small_arm_that_varies_more_makes_a_model_of_one_spread_warn_with_how_far_it_is_off() -> None:
    found = by_method(Kind(people=(100, 200), spread=3.0))
    for method in ("mmrm", "clda"):
        assert said(found[method]) == [("unlike_spreads", "estimate"), ("unlike_spreads", "g")]
    warning = found["mmrm"]["warnings"][0]
    one, other = warning["sd"]
    expected = ((one**2 / 200 + other**2 / 100) / (one**2 / 100 + other**2 / 200)) ** 0.5
    assert warning["error_share"] == pytest.approx(expected) and expected < 0.92
    assert said(found["ancova"]) == [("unlike_spreads", "g")]


def test_unequal_arms_warn_where_the_pooled_error_is_too_small_though_spreads_are_less_than_half_apart() -> None:
    kind = Kind(people=(100, 300), spread=1.5)
    warning = by_method(kind)["mmrm"]["warnings"][0]
    assert max(warning["sd"]) < 1.5 * min(warning["sd"]) and warning["error_share"] < 0.92
    assert said(by_method(Kind(people=(300, 100), spread=1.5))["mmrm"]) == []


@pytest.mark.parametrize(("people", "warns"), [((20, 40), True), ((100, 200), False)])
def test_hc2_warns_in_small_arms_that_are_spread_unequally(people: tuple[int, int], warns: bool) -> None:
    kind = Kind(people=people, spread=3.0)
    assert (("unlike_spreads", "estimate") in said(planned(kind, protocol_of(kind, covariance="HC2")))) == warns
    assert ("unlike_spreads", "estimate") not in said(planned(kind, protocol_of(kind)))


def crossed(people: tuple[int, int], spread: float) -> list[dict[str, Any]]:
    """Main effect and interaction of two factors by each method, from a pretend trial with four arms."""
    kind = Kind(people=people, spread=spread, factorial=True)
    return run_plan(plan_of_factors(kind), of_four_arms(kind, first(kind).table))


def test_effects_of_factors_warn_where_small_arms_vary_more_and_name_all_four() -> None:
    for one in crossed((100, 200), 3.0):
        spreads = [its for its in one["warnings"] if its["kind"] == "unlike_spreads"]
        assert [its["about"] for its in spreads] == {
            ("ancova", 1): ["g"], ("ancova", 2): [], ("mmrm", 1): ["estimate", "g"], ("mmrm", 2): ["estimate"],
            ("clda", 1): ["estimate", "g"], ("clda", 2): ["estimate"],
        }[one["method"], len(one["factors"])]  # fmt: skip
        for its in spreads:
            sds, sizes = its["sd"], [one["arms"][arm]["n_with_data"] for side in one["sides"] for arm in side]
            assert len(sds) == 4 and sorted(sizes) == [50, 50, 100, 100]
            pooled = sum(n * sd**2 for n, sd in zip(sizes, sds, strict=True)) / sum(sizes)
            own = sum(sd**2 / n for n, sd in zip(sizes, sds, strict=True))
            assert its["error_share"] == pytest.approx((pooled * sum(1 / n for n in sizes) / own) ** 0.5)
            assert its["error_share"] < 0.92
    assert all(said(one) == [] for one in crossed((200, 200), 1.0))


@pytest.mark.parametrize(
    ("people", "degrees", "warns"),
    [(20, "satterthwaite", True), (20, "kenward_roger", False), (100, "satterthwaite", False)],
)
def test_a_constrained_model_by_satterthwaite_warns_where_few_are_left(people: int, degrees: str, warns: bool) -> None:
    kind = Kind(people=(people, people), lost=(0.4, 0.4))
    plan = main_plan(kind)
    repeated = plan.analysis.repeated.model_copy(update={"degrees_of_freedom": degrees})
    plan = plan.model_copy(update={"analysis": plan.analysis.model_copy(update={"repeated": repeated})})
    found = {one["method"]: one for one in run_plan(plan, first(kind).table)}
    assert (("few_left", "estimate") in said(found["clda"])) is warns
    assert ("few_left", "estimate") not in said(found["mmrm"])
    if warns:
        (its,) = [one for one in found["clda"]["warnings"] if one["kind"] == "few_left"]
        (at,) = [one for one in found["clda"]["repeated"]["visits"] if one["timepoint"] == found["clda"]["timepoint"]]
        assert its["n"] == at["n_with_outcome"] and min(its["n"].values()) < 20


def test_an_arm_that_does_not_vary_at_all_is_unlike_the_other() -> None:
    kind = Kind(people=(60, 60))
    table = first(kind).table
    scores = {
        key: np.where(np.array(table.arms) == ARMS[0], 12.0, values) if key[1] != "baseline" else values
        for key, values in table.scores.items()
    }
    (one, *_) = run_plan(protocol_of(kind, covariance="HC2"), replace(table, scores=scores))
    assert one["problem"] is None and said(one) == [("unlike_spreads", "g")]
    assert one["warnings"][0]["sd"][0] == 0 and one["warnings"][0]["sd"][1] > 0


def test_proportions_warn_where_many_are_not_known_and_where_events_are_few() -> None:
    lost = by_method(Kind(people=(100, 100), lost=(0.4, 0.0)))["g_computation"]["warnings"]
    (many,) = (one for one in lost if one["kind"] == "many_unknown")
    assert 0.3 < many["share"][ARMS[0]] < 0.5 and many["share"][ARMS[1]] == 0
    assert by_method(Kind(people=(100, 100), lost=(0.02, 0.02)))["g_computation"]["warnings"] == []
    assert ("few_events", "estimate") in said(by_method(Kind(people=(6, 6)))["g_computation"])


@pytest.mark.parametrize(("lost", "warns"), [(0.3, True), (0.0, False)])
def test_a_mean_change_warns_where_some_are_lost(lost: float, warns: bool) -> None:
    table = first(Kind(people=(100, 0), lost=(lost, 0.0))).table
    alone = AnalysisTable(table.participants, table.arms, table.scores, {}, {})
    (one,) = run_plan(single_plan(), alone)
    assert one["problem"] is None
    assert (said(one) == [("many_unknown", "estimate")]) == warns


def test_an_estimate_that_could_not_be_computed_warns_of_nothing() -> None:
    found = by_method(Kind(people=(20, 1)))
    assert found["ancova"]["estimate"] is None and found["ancova"]["warnings"] == []
