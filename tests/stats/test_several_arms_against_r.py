"""Bell and McCaffrey's degrees of freedom and the test of all arms equal R's clubSandwich."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.stats.conftest import Row, read_json
from trial.stats.ancova import ancova
from trial.stats.arrays import FloatArray
from trial.stats.contrasts import Contrast, JointTest
from trial.stats.design import factor_columns
from trial.stats.least_squares import Covariance
from trial.stats.satterthwaite import Degrees
from trial.stats.several_arms import SeveralArms, several_arms

CLOSE = 1e-8
AS_IN_R: dict[Covariance, str] = {"HC2": "CR2", "HC3": "CR3"}


@pytest.fixture(scope="module")
def by_r() -> Any:
    return read_json("linear_models.json")


def numbers(rows: list[Row], column: str) -> FloatArray:
    return np.array([float(row[column]) for row in rows])


def three(rows: list[Row], covariance: Covariance, degrees: Degrees, adjusted: bool) -> SeveralArms:
    analysed = [row for row in rows if row["outcome"]]
    regions, names = factor_columns([row["region"] for row in analysed], "region")
    columns = np.column_stack([numbers(analysed, "baseline"), regions])
    return several_arms(
        numbers(analysed, "outcome"),
        [row["arm"] for row in analysed],
        columns if adjusted else columns[:, :0],
        "early_memory",
        covariance=covariance,
        degrees=degrees,
        names=("baseline", *names) if adjusted else (),
    )


def assert_contrast(ours: Contrast, theirs: Any) -> None:
    figures = (ours.estimate, ours.se, ours.df, *ours.ci, ours.p)
    assert figures == pytest.approx([theirs[key] for key in ["estimate", "se", "df", "low", "high", "p"]], rel=CLOSE)


def assert_joint(ours: JointTest, theirs: Any) -> None:
    figures = (ours.f, ours.df1, ours.df2, ours.p)
    assert figures == pytest.approx([theirs[key] for key in ["f", "df1", "df2", "p"]], rel=CLOSE)


@pytest.mark.parametrize("covariance", AS_IN_R)
@pytest.mark.parametrize(("adjusted", "named"), [(True, "three_arms"), (False, "unadjusted")])
def test_each_contrast_has_degrees_of_freedom_of_its_own(
    three_arms: list[Row], by_r: Any, covariance: Covariance, adjusted: bool, named: str
) -> None:
    result = three(three_arms, covariance, "satterthwaite", adjusted)
    theirs = by_r[named]
    for arm in ("letter", "optimism"):
        assert_contrast(result.contrasts[arm, "early_memory"], theirs[AS_IN_R[covariance]][f"arm{arm}"])
    assert_joint(result.joint, theirs[f"joint_{AS_IN_R[covariance]}"])


@pytest.mark.parametrize("covariance", ["HC3", "HC2", "classical"])
@pytest.mark.parametrize(("adjusted", "named"), [(True, "three_arms"), (False, "unadjusted")])
def test_all_arms_are_judged_together(
    three_arms: list[Row], by_r: Any, covariance: Covariance, adjusted: bool, named: str
) -> None:
    assert_joint(three(three_arms, covariance, "residual", adjusted).joint, by_r[named][f"joint_{covariance}"])


@pytest.mark.parametrize("covariance", AS_IN_R)
def test_two_arms_of_a_real_trial_have_them_too(fdd: list[Row], by_r: Any, covariance: Covariance) -> None:
    analysed = [row for row in fdd if row["prop2"] and row["prop1"]]
    arms, baseline = [row["trt"] for row in analysed], numbers(analysed, "prop1")[:, None]
    outcome = numbers(analysed, "prop2")
    alone = ancova(outcome, arms, baseline, ("C", "E"), covariance=covariance, degrees="satterthwaite")
    assert (alone.estimate, alone.se, alone.df, *alone.ci, alone.p) == pytest.approx(
        [by_r["fdd"][AS_IN_R[covariance]]["armC"][key] for key in ["estimate", "se", "df", "low", "high", "p"]],
        rel=CLOSE,
    )
    together = several_arms(outcome, arms, baseline, "E", covariance=covariance, degrees="satterthwaite")
    assert_joint(together.joint, by_r["fdd"][f"joint_{AS_IN_R[covariance]}"])
    assert together.joint.f == pytest.approx(alone.t**2, rel=CLOSE)
