"""What may not change an estimate of a plan, by each method and each sensitivity analysis: order, names, scale, origin.

Scores times a factor multiply estimate, error and interval; a constant added to every score, the order of people, and
what arms and levels are called change nothing; what is drawn, other names move by no more than its Monte Carlo error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.stats.odd import CONTRAST, METHODS, SENSITIVITY, N, one_arm, only, people, planned
from trial.core.protocol import TrialProtocol
from trial.stats.plan.run import run_plan
from trial.stats.plan.table import AnalysisTable
from trial.stats.sensitivity import run_sensitivity

Change = Callable[[TrialProtocol, AnalysisTable], tuple[TrialProtocol, AnalysisTable]]
# sorted the other way round than the labels they stand for
OTHER_NAMES = {"gratitude": "alpha", "chores": "zeta", "high": "upper", "low": "deep"}


def results(method: str, change: Change | None = None) -> dict[str, dict[str, Any]]:
    """The primary estimate and each sensitivity analysis, by its id."""
    protocol, data = planned(method, SENSITIVITY.get(method, ())), people()
    if change:
        protocol, data = change(protocol, data)
    if method == "mean_change":
        data = one_arm(data)
    (primary,) = run_plan(protocol, data)
    return {"primary": primary} | {one["id"]: one for one in run_sensitivity(protocol, data)}


def shuffled(protocol: TrialProtocol, data: AnalysisTable) -> tuple[TrialProtocol, AnalysisTable]:
    return protocol, only(data, np.random.default_rng(3).permutation(N))


def renamed(protocol: TrialProtocol, data: AnalysisTable) -> tuple[TrialProtocol, AnalysisTable]:
    text = protocol.model_dump_json(by_alias=True)
    for arm in CONTRAST:
        text = text.replace(f'"{arm}"', f'"{OTHER_NAMES[arm]}"')
    tree = json.loads(text)
    for level in tree["allocation"]["strata"][0]["levels"]:
        level["id"] = OTHER_NAMES[level["id"]]
    factors = {key: tuple(one and OTHER_NAMES[one] for one in levels) for key, levels in data.factors.items()}
    named = replace(data, arms=tuple(OTHER_NAMES[arm] for arm in data.arms), factors=factors)
    return TrialProtocol.model_validate(tree), named


def moved(scale: float, origin: float) -> Change:
    def change(protocol: TrialProtocol, data: AnalysisTable) -> tuple[TrialProtocol, AnalysisTable]:
        return protocol, replace(data, scores={key: its * scale + origin for key, its in data.scores.items()})

    return change


def same(one: dict[str, Any], other: dict[str, Any], scale: float = 1.0, close: float = 1e-6) -> None:
    """Equal numbers, those in the outcome's units times `scale`."""
    assert (one["problem"], other["problem"]) == (None, None)
    assert [scale * end for end in one["ci"]] == pytest.approx(other["ci"], rel=close)
    if one.get("bounds"):
        ends = ("lower", "upper")
        assert [other["bounds"][end] for end in ends] == pytest.approx(
            [scale * one["bounds"][end] for end in ends], rel=close
        )
        return
    for key, times in (("estimate", scale), ("se", scale), ("p", 1.0), ("df", 1.0)):
        assert other[key] == pytest.approx(times * one[key], rel=close), key


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("change", "scale"),
    [(shuffled, 1.0), (renamed, 1.0), (moved(1, 1000), 1.0), (moved(1, -3.7), 1.0), (moved(250, 0), 250.0),
     (moved(1e-4, 0), 1e-4)],
    ids=["order of people", "names of arms and levels", "origin far away", "origin near by", "scale up", "scale down"],
)  # fmt: skip
def test_neither_order_nor_names_nor_units_change_what_a_plan_finds(method: str, change: Change, scale: float) -> None:
    if method == "mean_change" and change is renamed:
        pytest.skip("one arm, by its name")
    if method == "g_computation" and scale != 1:
        pytest.skip("who responds is said in points")
    there, here = results(method), results(method, change)
    for name, one in there.items():
        noise = (one.get("imputation") or {}).get("monte_carlo_error")
        if change is renamed and noise:  # names decide who gets which of the draws
            assert here[name]["estimate"] == pytest.approx(one["estimate"], abs=5 * noise)
        else:
            same(one, here[name], scale)


@pytest.mark.parametrize("method", [one for one in METHODS if one != "mean_change"])
def test_arm_for_arm_turns_the_estimate_round(method: str) -> None:
    def turned(protocol: TrialProtocol, data: AnalysisTable) -> tuple[TrialProtocol, AnalysisTable]:
        tree = json.loads(protocol.model_dump_json(by_alias=True))
        tree["analysis"]["primary"]["contrast"] = list(reversed(CONTRAST))
        return TrialProtocol.model_validate(tree), data

    one, other = results(method)["primary"], results(method, turned)["primary"]
    assert other["estimate"] == pytest.approx(-one["estimate"], rel=1e-8)
    assert other["ci"] == pytest.approx([-one["ci"][1], -one["ci"][0]], rel=1e-8)
    assert (other["se"], other["p"]) == pytest.approx((one["se"], one["p"]), rel=1e-8)
