"""The plan's estimates against the model written out anew, and what happens when the data cannot carry it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.reports.builder import SMALL_TRIAL
from trial.core.protocol import TrialProtocol
from trial.protocol_files import read_folder
from trial.stats.plan.run import run_plan
from trial.stats.plan.table import AnalysisTable

PROTOCOL = read_folder(SMALL_TRIAL).protocol
N = 40


def table(seed: int = 5, people: int = N) -> AnalysisTable:
    """People in two arms with a baseline, an effect, some missing outcomes and one missing baseline."""
    dice = np.random.default_rng(seed)
    arms = tuple("gratitude" if n % 2 else "chores" for n in range(people))
    baseline = dice.normal(8, 2, people)
    outcome = 0.6 * baseline + dice.normal(0, 2, people) - np.array([arm == "gratitude" for arm in arms])
    outcome[:5] = np.nan
    baseline[7] = np.nan
    calm = dice.normal(1.5, 0.4, people)
    scores = {
        ("mood", "baseline"): baseline,
        ("mood", "week_2"): outcome,
        ("mood", "week_6"): outcome + dice.normal(0, 1, people),
        ("calm", "baseline"): calm,
        ("calm", "week_2"): calm + dice.normal(0, 0.2, people),
    }
    level: tuple[str | None, ...] = tuple("high" if n % 3 else "low" for n in range(people))
    return AnalysisTable(tuple(f"P{n:03}" for n in range(people)), arms, scores, {}, {"mood_level": level})


def by_hand(data: AnalysisTable) -> dict[str, Any]:
    """Least squares with intercept, reference coding and HC3, in the textbook's order."""
    y = data.scores["mood", "week_2"]
    seen = np.isfinite(y)
    baseline = data.scores["mood", "baseline"].copy()
    baseline[np.isnan(baseline)] = np.nanmean(baseline)
    treated = np.array([arm == "gratitude" for arm in data.arms], dtype=float)
    high = np.array([level == "high" for level in data.factors["mood_level"]], dtype=float)
    x = np.column_stack([np.ones(len(y)), treated, baseline, high])[seen]
    y = y[seen]
    inverse = np.linalg.inv(x.T @ x)
    coefficients = inverse @ x.T @ y
    residuals = y - x @ coefficients
    leverage = np.diag(x @ inverse @ x.T)
    covariance = inverse @ (x.T * (residuals / (1 - leverage)) ** 2) @ x @ inverse
    df = len(y) - x.shape[1]
    se = float(np.sqrt(covariance[1, 1]))
    t = coefficients[1] / se
    half = stats.t.ppf(0.975, df) * se
    groups = [y[treated[seen] == arm] for arm in (1.0, 0.0)]
    squares = sum(float(np.sum((group - group.mean()) ** 2)) for group in groups)
    pooled = float(np.sqrt(squares / (len(y) - 2)))
    return {
        "estimate": coefficients[1],
        "se": se,
        "df": df,
        "p": 2 * stats.t.sf(abs(t), df),
        "ci": [coefficients[1] - half, coefficients[1] + half],
        "n": {"gratitude": len(groups[0]), "chores": len(groups[1])},
        "d": coefficients[1] / pooled,
    }


def test_the_primary_estimate_is_the_model_of_the_plan() -> None:
    data = table()
    primary, expected = run_plan(PROTOCOL, data)[0], by_hand(data)
    for key in ("estimate", "se", "df", "p", "ci"):
        assert primary[key] == pytest.approx(expected[key], rel=1e-8), key
    assert primary["n"] == expected["n"]
    assert (primary["n_randomised"], primary["n_with_data"]) == (N, N - 5)
    assert primary["imputed"] == {"mood": 1, "mood_level": 0}
    degrees = N - 5 - 2
    correction = math.gamma(degrees / 2) / (math.sqrt(degrees / 2) * math.gamma((degrees - 1) / 2))
    assert primary["g"]["estimate"] == pytest.approx(expected["d"] * correction, rel=1e-10)


def test_every_planned_analysis_gives_one_entry_with_the_keys_of_the_contract() -> None:
    estimates = run_plan(PROTOCOL, table())
    assert [one["analysis"] for one in estimates] == ["primary", "secondary", "secondary"]
    keys = {
        "outcome", "estimand", "analysis", "prespecified", "method", "analysis_set", "timepoint", "contrast", "measure",
        "estimate", "better", "se", "df", "ci", "level", "p", "p_adjusted", "n", "n_randomised", "n_with_data", "g",
    }  # fmt: skip
    for one in estimates:
        assert keys <= one.keys()
        assert one["measure"] == "mean_difference" and one["method"] == "ancova" and one["prespecified"] is True
        assert {"estimate", "ci", "standardiser", "method"} <= one["g"].keys()


def test_holm_adjusts_the_secondary_family_and_leaves_the_primary_alone() -> None:
    primary, *family = run_plan(PROTOCOL, table())
    assert primary["p_adjusted"] is None
    small, large = sorted(family, key=lambda one: one["p"])
    assert small["p_adjusted"] == pytest.approx(min(1, 2 * small["p"]))
    assert large["p_adjusted"] == pytest.approx(max(min(1, 2 * small["p"]), large["p"]))


def test_an_analysis_that_is_impossible_says_why_and_still_counts_in_its_family() -> None:
    data = table()
    nobody = np.full(N, np.nan)
    estimates = run_plan(PROTOCOL, replace(data, scores={**data.scores, ("mood", "week_6"): nobody}))
    failed, other = estimates[1], estimates[2]
    assert failed["estimate"] is failed["p"] is failed["g"] is None
    assert failed["problem"]
    assert failed["n_with_data"] == 0
    assert other["p_adjusted"] == pytest.approx(min(1.0, 2 * other["p"]))


def test_a_contrast_without_anyone_in_one_arm_is_impossible_not_silent() -> None:
    data = table()
    estimates = run_plan(PROTOCOL, replace(data, arms=("chores",) * N))
    assert "'gratitude'" in estimates[0]["problem"]


def test_a_level_that_only_people_without_the_outcome_have_does_not_break_the_model() -> None:
    data = table()
    level = tuple("low" if n < 5 else "high" for n in range(N))
    estimates = run_plan(PROTOCOL, replace(data, factors={"mood_level": level}))
    assert estimates[0]["problem"] is None


def test_a_missing_level_is_filled_in_and_counted() -> None:
    data = table()
    level = tuple(None if n == 9 else one for n, one in enumerate(data.factors["mood_level"]))
    primary = run_plan(PROTOCOL, replace(data, factors={"mood_level": level}))[0]
    assert primary["imputed"]["mood_level"] == 1
    assert primary["n_with_data"] == sum(primary["n"].values())


def test_arms_outside_the_contrast_are_in_the_model_too() -> None:
    third = PROTOCOL.arms[1].model_copy(update={"id": "rest"})
    protocol: TrialProtocol = PROTOCOL.model_copy(update={"arms": [*PROTOCOL.arms, third]})
    data = table()
    arms = tuple("rest" if n % 4 == 0 else arm for n, arm in enumerate(data.arms))
    primary = run_plan(protocol, replace(data, arms=arms))[0]
    assert set(primary["n"]) == {"gratitude", "chores", "rest"}
    assert primary["df"] == sum(primary["n"].values()) - 5
