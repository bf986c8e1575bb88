"""ANCOVA equals R's lm with sandwich and lmtest on a real two-arm and a made-up three-arm trial."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trial.stats.ancova import AncovaResult, ancova
from trial.stats.arrays import FloatArray
from trial.stats.design import factor_columns
from trial.stats.imputation import impute_means
from trial.stats.least_squares import COVARIANCES, Covariance

CLOSE = 1e-8
Row = dict[str, str]


def numbers(rows: list[Row], column: str) -> FloatArray:
    return np.array([float(row[column]) if row[column] else np.nan for row in rows])


def assert_equals_r(result: AncovaResult, by_r: Any) -> None:
    arm, reference = result.contrast
    assert by_r["reference"] == reference
    assert result.n == by_r["n"]
    assert (result.df, result.level) == (by_r["df"], by_r["level"])
    compared = (result.estimate, result.se, result.t, result.p, *result.ci)
    assert compared == pytest.approx(picked(by_r["contrasts"][arm], "estimate se t p low high"), rel=CLOSE)
    assert result.adjusted_means.keys() == by_r["adjusted_means"].keys()
    for each, adjusted in result.adjusted_means.items():
        described = (adjusted.mean, adjusted.se, *adjusted.ci)
        assert described == pytest.approx(picked(by_r["adjusted_means"][each], "mean se low high"), rel=CLOSE)


def picked(by_r: Any, keys: str) -> list[float]:
    return [by_r[key] for key in keys.split()]


def two_arms(fdd: list[Row], outcome: str, covariance: Covariance) -> AncovaResult:
    analysed = [row for row in fdd if row[outcome] and row["prop1"]]
    return ancova(
        numbers(analysed, outcome),
        [row["trt"] for row in analysed],
        numbers(analysed, "prop1")[:, None],
        ("C", "E"),
        covariance=covariance,
        names=["prop1"],
    )


def three(
    rows: list[Row],
    contrast: tuple[str, str],
    covariance: Covariance,
    *,
    level: float = 0.95,
    adjusted: bool = True,
) -> AncovaResult:
    analysed = [row for row in rows if row["outcome"]]
    regions, names = factor_columns([row["region"] for row in analysed], "region")
    covariates = np.column_stack([numbers(analysed, "baseline"), regions])
    return ancova(
        numbers(analysed, "outcome"),
        [row["arm"] for row in analysed],
        covariates if adjusted else np.empty((len(analysed), 0)),
        contrast,
        level=level,
        covariance=covariance,
        names=("baseline", *names) if adjusted else (),
    )


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("outcome", ["prop2", "prop3"])
def test_a_two_arm_trial_with_drop_out_is_analysed_as_r_does(
    fdd: list[Row], ancova_by_r: Any, outcome: str, covariance: Covariance
) -> None:
    assert_equals_r(two_arms(fdd, outcome, covariance), ancova_by_r[f"fdd_{outcome}"][covariance])


def test_the_two_arm_trial_gives_the_figures_known_beforehand(fdd: list[Row]) -> None:
    after, later = two_arms(fdd, "prop2", "HC3"), two_arms(fdd, "prop3", "HC3")
    assert (after.estimate, after.se) == pytest.approx((0.88150997, 3.00351028), abs=5e-9)
    assert (later.estimate, later.se) == pytest.approx((-2.45784454, 3.45208498), abs=5e-9)
    assert (sum(after.n.values()), sum(later.n.values())) == (43, 41)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_a_missing_baseline_is_given_the_mean_of_everyone_randomised(
    fdd: list[Row], ancova_by_r: Any, covariance: Covariance
) -> None:
    imputed = impute_means(numbers(fdd, "prop1")[:, None], ["prop1"])
    outcome = numbers(fdd, "prop2")
    seen = ~np.isnan(outcome)
    arms = [row["trt"] for row, there in zip(fdd, seen, strict=True) if there]
    result = ancova(outcome[seen], arms, imputed.values[seen], ("C", "E"), covariance=covariance)
    assert_equals_r(result, ancova_by_r["fdd_prop2_mean_imputed"][covariance])
    assert imputed.filled == {"prop1": 2}


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("arm", ["letter", "optimism"])
def test_three_arms_are_one_model_with_baseline_and_stratification_factor(
    three_arms: list[Row], ancova_by_r: Any, arm: str, covariance: Covariance
) -> None:
    result = three(three_arms, (arm, "early_memory"), covariance)
    assert_equals_r(result, ancova_by_r["three_arms"][covariance])
    assert result.covariates == ("baseline", "region: south", "region: west")


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_any_arm_can_be_the_reference_at_any_level(
    three_arms: list[Row], ancova_by_r: Any, covariance: Covariance
) -> None:
    result = three(three_arms, ("letter", "optimism"), covariance, level=0.9)
    assert_equals_r(result, ancova_by_r["three_arms_from_optimism"][covariance])


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_a_model_without_covariates_is_allowed(three_arms: list[Row], ancova_by_r: Any, covariance: Covariance) -> None:
    result = three(three_arms, ("optimism", "early_memory"), covariance, adjusted=False)
    assert_equals_r(result, ancova_by_r["three_arms_unadjusted"][covariance])
