"""The model with slopes of each arm equals R's estimatr, and clubSandwich with degrees of freedom of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.stats.conftest import Row, read_json
from trial.stats.anhecova import AnhecovaResult, anhecova
from trial.stats.arrays import FloatArray
from trial.stats.contrasts import Contrast
from trial.stats.design import factor_columns
from trial.stats.least_squares import Covariance
from trial.stats.own_slopes import About
from trial.stats.satterthwaite import Degrees
from trial.stats.several_arms import several_arms

CLOSE = 1e-8
KEYS = ("estimate", "se", "df", "low", "high", "p")


@pytest.fixture(scope="module")
def by_r() -> Any:
    return read_json("linear_models.json")


def numbers(rows: list[Row], column: str) -> FloatArray:
    return np.array([float(row[column]) for row in rows])


def three(rows: list[Row], arm: str, covariance: Covariance, degrees: Degrees, about: About) -> AnhecovaResult:
    analysed = [row for row in rows if row["outcome"]]
    regions, names = factor_columns([row["region"] for row in analysed], "region")
    return anhecova(
        numbers(analysed, "outcome"),
        [row["arm"] for row in analysed],
        np.column_stack([numbers(analysed, "baseline"), regions]),
        (arm, "early_memory"),
        covariance=covariance,
        degrees=degrees,
        about=about,
        names=("baseline", *names),
    )


def figures(ours: AnhecovaResult | Contrast) -> tuple[float, ...]:
    return (ours.estimate, ours.se, ours.df, *ours.ci, ours.p)


@pytest.mark.parametrize("covariance", ["HC2", "HC3"])
@pytest.mark.parametrize("arm", ["letter", "optimism"])
def test_about_these_people_it_is_what_estimatr_finds(
    three_arms: list[Row], by_r: Any, arm: str, covariance: Covariance
) -> None:
    theirs = by_r["own_slopes"][covariance][f"arm{arm}"]
    ours = three(three_arms, arm, covariance, "residual", "sample")
    assert figures(ours) == pytest.approx([theirs[key] for key in KEYS], rel=CLOSE)
    assert ours.covariates == ("baseline", "region: south", "region: west")


@pytest.mark.parametrize("arm", ["letter", "optimism"])
def test_with_degrees_of_freedom_of_its_own_it_is_what_clubsandwich_finds(
    three_arms: list[Row], by_r: Any, arm: str
) -> None:
    theirs = by_r["own_slopes"]["CR2"][f"arm{arm}"]
    ours = three(three_arms, arm, "HC2", "satterthwaite", "sample")
    assert figures(ours) == pytest.approx([theirs[key] for key in KEYS], rel=CLOSE)


@pytest.mark.parametrize("arm", ["letter", "optimism"])
def test_about_a_population_the_error_grows_by_the_difference_of_slopes(
    three_arms: list[Row], by_r: Any, arm: str
) -> None:
    ours = three(three_arms, arm, "HC2", "residual", "population")
    theirs = by_r["own_slopes"]
    expected = math.sqrt(theirs["HC2"][f"arm{arm}"]["se"] ** 2 + theirs["population"][arm])
    assert ours.se == pytest.approx(expected, rel=CLOSE)
    assert ours.estimate == pytest.approx(theirs["HC2"][f"arm{arm}"]["estimate"], rel=CLOSE)


def test_a_real_trial_of_two_arms_and_all_arms_at_once_give_the_same(fdd: list[Row], by_r: Any) -> None:
    analysed = [row for row in fdd if row["prop2"] and row["prop1"]]
    arms, baseline = [row["trt"] for row in analysed], numbers(analysed, "prop1")[:, None]
    outcome = numbers(analysed, "prop2")
    alone = anhecova(outcome, arms, baseline, ("C", "E"), about="sample")
    theirs = by_r["own_slopes_fdd"]["HC3"]["armC"]
    assert figures(alone) == pytest.approx([theirs[key] for key in KEYS], rel=CLOSE)
    together = several_arms(outcome, arms, baseline, "E", own_slopes="sample")
    assert figures(together.contrasts["C", "E"]) == figures(alone)
    wider = several_arms(outcome, arms, baseline, "E", own_slopes="population")
    added = wider.contrasts["C", "E"].se ** 2 - alone.se**2
    assert added == pytest.approx(by_r["own_slopes_fdd"]["population"]["C"], rel=1e-6)
