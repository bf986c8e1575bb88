"""The declared sensitivity analyses over a trial's table: who is in each, what it says, and why one cannot be done."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.reports.builder import SMALL_TRIAL
from tests.reports.test_plan import N, table
from trial.protocol_files import read_folder
from trial.stats.plan.run import run_plan
from trial.stats.plan.table import AnalysisTable
from trial.stats.sensitivity import run_sensitivity

PROTOCOL = read_folder(SMALL_TRIAL).protocol


def run(data: AnalysisTable) -> dict[str, dict[str, Any]]:
    return {one["method"]: one for one in run_sensitivity(PROTOCOL, data)}


def test_each_declared_analysis_comes_out_of_the_primary_comparison_with_the_keys_of_the_contract() -> None:
    data = replace(table(), minimum_dose=tuple(n % 5 > 0 for n in range(N)))
    found = run_sensitivity(PROTOCOL, data)
    assert [one["id"] for one in found] == [one.id for one in PROTOCOL.analysis.sensitivity]
    for one in found:
        assert one["problem"] is None
        assert (one["outcome"], one["timepoint"], one["contrast"]) == ("low_mood", "week_2", ["gratitude", "chores"])
        assert one["ci"][0] < one["estimate"] < one["ci"][1] and 0 < one["p"] <= 1 and one["df"] > 0
    assert json.dumps(found) == json.dumps(run_sensitivity(PROTOCOL, data))


def test_complete_cases_lack_nothing_and_those_who_did_enough_did() -> None:
    data = replace(table(), minimum_dose=tuple(n % 5 > 0 for n in range(N)))
    found, primary = run(data), run_plan(PROTOCOL, data)[0]
    assert sum(primary["n"].values()) == N - 5
    assert sum(found["complete_case"]["n"].values()) == N - 6  # one more lacks the baseline
    enough = [n for n in range(5, N) if n % 5 > 0]
    assert sum(found["per_protocol"]["n"].values()) == len(enough)


def test_filling_in_takes_in_everyone_randomised_to_the_two_arms() -> None:
    found = run(table())
    missing = {"gratitude": 2, "chores": 3}
    for method in ("multiple_imputation", "jump_to_reference", "tipping_point"):
        assert found[method]["n"] == {"gratitude": N // 2, "chores": N // 2}
        assert found[method]["filled"] == missing
        assert found[method]["imputation"]["timepoints"] == ["week_2", "week_6"]
    assert found["jump_to_reference"]["imputation"]["lost"] == 2  # nobody comes back at week 6
    assert found["multiple_imputation"]["imputation"]["imputations"] == 200


def test_people_of_a_third_arm_stay_as_they_are_in_the_planned_model() -> None:
    data = table(people=60)
    arms = tuple("third" if n % 6 == 5 else arm for n, arm in enumerate(data.arms))
    found = run(replace(data, arms=arms))
    expected = sum(arm == "third" and np.isfinite(data.outcome("mood", "week_2")[n]) for n, arm in enumerate(arms))
    for method in ("multiple_imputation", "jump_to_reference", "tipping_point"):
        assert found[method]["n"]["third"] == expected
        assert found[method]["filled"]["third"] == 0


def test_data_that_do_not_tell_who_did_enough_leave_that_analysis_undone_and_say_so() -> None:
    found = run(table())["per_protocol"]
    assert found["estimate"] is found["p"] is None
    assert "minimum dose" in found["problem"]


def test_an_arm_that_nobody_answered_in_is_named_in_each_refusal() -> None:
    data = table()
    values = data.scores["mood", "week_2"].copy()
    values[[arm == "chores" for arm in data.arms]] = np.nan
    found = run(replace(data, scores={**data.scores, ("mood", "week_2"): values}))
    for one in found.values():
        assert one["estimate"] is None and one["problem"]
    assert "'chores'" in found["jump_to_reference"]["problem"]


@pytest.mark.parametrize("method", ["multiple_imputation", "jump_to_reference", "tipping_point"])
def test_nobody_at_all_is_a_refusal_too(method: str) -> None:
    data = table()
    nobody = np.full(N, np.nan)
    scores = {**data.scores, ("mood", "week_2"): nobody, ("mood", "week_6"): nobody}
    assert run(replace(data, scores=scores))[method]["problem"]
