"""The effect on those who comply: AER's and estimatr's numbers, a published trial, refusals, and a weak arm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.conftest import read_json
from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.complier_effect import IV_COVARIANCES, ComplierEffect, IvCovariance, complier_effect
from trial.stats.dose import dose_table

BY_R: Any = read_json("complier_effect.json")
CONTRAST = ("letter", "waiting")
NO_COVARIATES = np.empty((0, 0))


def effect(
    outcome: FloatArray, received: FloatArray, given: FloatArray, covariates: FloatArray, **how: Any
) -> ComplierEffect:
    arms = ["letter" if each else "waiting" for each in given]
    table = covariates if len(covariates) else np.empty((len(arms), 0))
    return complier_effect(outcome, received, arms, table, CONTRAST, **{"comparator_has_content": False, **how})


def vitamin_a() -> tuple[FloatArray, FloatArray, FloatArray]:
    counts = BY_R["sommer_zeger"]["counts"]
    y, d, z = (np.repeat(np.array(counts[key], float), counts["people"]) for key in ("y", "d", "z"))
    return y, d, z


def made() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    y, d, z, x = (np.array(BY_R["made"]["data"][key], float) for key in ("y", "d", "z", "x"))
    return y, d, z, x[:, None]


def pretend(seed: int, people: int = 20, taken: float = 0.6) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Some of the first arm do it, who are better off anyway; it takes away 4 points of those who do."""
    dice = np.random.default_rng(seed)
    given = np.repeat([1.0, 0.0], people)
    complier = dice.random(2 * people) < taken
    received = given * complier
    return 20 - 4 * received - 2 * complier + dice.normal(0, 3, 2 * people), received, given


@pytest.mark.parametrize("covariance", IV_COVARIANCES)
@pytest.mark.parametrize("case", ["sommer_zeger", "without", "with"])
def test_estimate_error_and_first_stage_are_those_of_r(case: str, covariance: IvCovariance) -> None:
    """estimatr has the leverages of the second stage, as here; AER's HC2 and HC3 take others."""
    if case == "sommer_zeger":
        ours, by_r = effect(*vitamin_a(), NO_COVARIATES, covariance=covariance), BY_R["sommer_zeger"]["analysis"]
    else:
        y, d, z, x = made()
        ours, by_r = effect(y, d, z, x if case == "with" else NO_COVARIATES, covariance=covariance), BY_R["made"][case]
    assert ours.estimate == pytest.approx(by_r["estimate"], rel=1e-8)
    assert ours.se == pytest.approx(by_r["estimatr"][covariance], rel=1e-8)
    if covariance not in ("HC2", "HC3"):
        assert ours.se == pytest.approx(by_r["se"][covariance], rel=1e-8)
    assert (ours.df, ours.taken, ours.f) == pytest.approx(
        (by_r["df"], by_r["first_stage"], by_r["f"][covariance]), rel=1e-8
    )


@pytest.mark.parametrize("case", ["without", "with"])
def test_the_interval_for_a_weak_arm_is_that_of_a_search_in_r(case: str) -> None:
    y, d, z, x = made()
    ours = effect(y, d, z, x if case == "with" else NO_COVARIATES)
    assert ours.ci_weak == pytest.approx(BY_R["made"][case]["weak"], rel=1e-8)


def test_the_vitamin_a_trial_comes_to_its_known_figures() -> None:
    found = effect(*vitamin_a(), NO_COVARIATES)
    assert found.n == {"letter": 12_094, "waiting": 11_588}
    assert found.as_randomised == pytest.approx(-0.00258237752, rel=1e-8)
    assert found.taken == pytest.approx(0.7999834629, rel=1e-9)
    assert (found.estimate, found.se) == pytest.approx((-0.003228038629, 0.0011592121871), rel=1e-9)
    assert not found.weak


def test_without_covariates_it_is_the_difference_over_that_of_what_was_received() -> None:
    y, d, z = pretend(1)
    found = effect(y, d, z, NO_COVARIATES)
    by_hand = (y[z == 1].mean() - y[z == 0].mean()) / (d[z == 1].mean() - d[z == 0].mean())
    assert found.estimate == pytest.approx(by_hand)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 10), st.floats(-50, 50))
def test_order_of_rows_unit_and_origin_change_nothing_else(seed: int, unit: float, origin: float) -> None:
    y, d, z = pretend(seed)
    order = np.random.default_rng(seed).permutation(len(y))
    one, two = (
        effect(y, d, z, NO_COVARIATES),
        effect(y[order] * unit + origin, d[order] * 2, z[order], NO_COVARIATES),
    )
    assert two.ci == pytest.approx([end * unit / 2 for end in one.ci], rel=1e-6, abs=1e-6)
    assert two.f == pytest.approx(one.f, rel=1e-8)


def test_a_comparator_with_content_is_refused_unless_the_assumption_is_said() -> None:
    y, d, z = pretend(2)
    with pytest.raises(AnalysisImpossible, match="content of its own"):
        effect(y, d, z, NO_COVARIATES, comparator_has_content=True)
    with pytest.raises(AnalysisImpossible, match="needs an assumption"):
        effect(y, d, z, NO_COVARIATES, comparator_has_content=True, assumption="  ")
    said = effect(y, d, z, NO_COVARIATES, comparator_has_content=True, assumption="Memories do nothing.")
    assert said.assumptions[-1] == "Memories do nothing."
    assert len(effect(y, d, z, NO_COVARIATES).assumptions) == 1


def test_nobody_doing_it_and_an_outcome_without_error_are_refused() -> None:
    y, d, z = pretend(3)
    with pytest.raises(AnalysisImpossible, match="does not differ between the arms"):
        effect(y, np.zeros(40), z, NO_COVARIATES)
    with pytest.raises(AnalysisImpossible, match="does not differ between the arms"):
        effect(y, np.ones(40), z, NO_COVARIATES)
    with pytest.raises(AnalysisImpossible, match="reproduces every outcome"):
        effect(3 + 2 * d, d, z, NO_COVARIATES)
    with pytest.raises(AnalysisImpossible, match="same outcome"):
        effect(np.full(40, 0.1), d, z, np.arange(40.0)[:, None])
    with pytest.raises(AnalysisImpossible, match="HC3 is undefined"):
        effect(y, d, z, np.eye(40)[:, :1], covariance="HC3")
    y[4] = np.nan
    with pytest.raises(AnalysisImpossible, match="outcome has missing"):
        effect(y, d, z, NO_COVARIATES)


def test_an_arm_that_hardly_moves_anybody_is_called_weak_and_its_interval_may_have_no_end() -> None:
    y, d, z = pretend(6, taken=0.07)
    found = effect(y, d, z, NO_COVARIATES)
    assert found.weak and found.ci_weak is None
    assert not effect(*pretend(5, taken=0.9), NO_COVARIATES).weak


def test_with_twenty_per_arm_the_intervals_hold_about_as_often_as_they_say() -> None:
    """Three binomial standard errors about .95 in 500 trials are .92 to .98."""
    trials = [effect(*pretend(seed), NO_COVARIATES) for seed in range(500)]
    held = np.mean([each.ci[0] <= -4 <= each.ci[1] for each in trials])
    weak = np.mean([each.ci_weak is None or each.ci_weak[0] <= -4 <= each.ci_weak[1] for each in trials])
    assert 0.92 < held < 0.99
    assert 0.92 < weak < 0.98


def test_a_dose_table_counts_everyone_and_those_who_never_began() -> None:
    done, arms = [0, 0, 3, 5, 7, 7, 1, 2], ["letter"] * 6 + ["waiting"] * 2
    letter, waiting = dose_table(done, arms, ["letter", "waiting"], 7)
    assert letter.people == (2, 0, 0, 1, 0, 1, 0, 2) and letter.at_least[:2] == (6, 4)
    assert letter.percent_at_least[7] == pytest.approx(100 / 3)
    assert (letter.mean, letter.median, letter.quartiles) == (pytest.approx(22 / 6), 3, (0, 7))
    assert (waiting.n, waiting.median) == (2, 1)


def test_a_dose_table_refuses_an_empty_arm_and_more_exercises_than_there_are() -> None:
    with pytest.raises(AnalysisImpossible, match="'waiting' has no participants"):
        dose_table([1], ["letter"], ["letter", "waiting"], 7)
    with pytest.raises(ValueError, match="from 0 to 7"):
        dose_table([8], ["letter"], ["letter"], 7)
    with pytest.raises(ValueError, match="arm asked for"):
        dose_table([3], ["cards"], ["letter"], 7)
