"""The model of what is missing, its jackknife and Rubin's rules against R's figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.stats.conftest import Row, read_json
from tests.stats.test_filling import RULES
from trial.stats.arrays import FloatArray
from trial.stats.conditional_mean import conditional_mean
from trial.stats.filling import find_gaps
from trial.stats.normal_model import fit_normal, sums_of
from trial.stats.rubin import pool


@pytest.fixture(scope="module")
def by_r() -> Any:
    return read_json("normal_model.json")


def columns(rows: list[Row]) -> tuple[list[str], FloatArray, FloatArray]:
    """Arms, the baseline with its gaps at the mean, and the two later scores."""
    scores = np.array([[float(row[name] or "nan") for name in ("prop1", "prop2", "prop3")] for row in rows])
    x = np.where(np.isnan(scores[:, 0]), np.nanmean(scores[:, 0]), scores[:, 0])
    return [row["trt"] for row in rows], x, scores[:, 1:]


@pytest.mark.parametrize("who", ["E", "C", "both"])
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_means_and_covariance_are_those_of_gls(fdd: list[Row], by_r: Any, who: str, method: str) -> None:
    arms, baseline, y = columns(fdd)
    kept = np.array([who in (arm, "both") for arm in arms])
    terms = [np.ones(len(y)), baseline]
    terms += [np.array([float(arm == "E") for arm in arms])] if who == "both" else []
    x = np.column_stack(terms)[kept]
    model = fit_normal(sums_of(x, y[kept]), restricted=method == "REML")
    told = by_r["fdd"][who][method]
    spread = np.sqrt(np.diag(model.covariance[0]))
    assert spread == pytest.approx(told["sd"], rel=1e-5)
    assert model.covariance[0, 0, 1] / spread.prod() == pytest.approx(told["correlation"], rel=1e-5)
    slopes = [told["coefficients"][f"t{at}:x"] for at in (2, 3)]
    assert model.coefficients[0][1] == pytest.approx(slopes, rel=1e-5)


def test_what_the_lost_are_filled_with_and_its_jackknife_are_those_worked_out_in_plain_r(fdd: list[Row]) -> None:
    told = read_json("jump_to_reference.json")
    arms, baseline, y = columns(fdd)
    outcomes = [("prop2", y[:, 0]), ("prop3", y[:, 1])]
    for planned in ("prop2", "prop3"):
        for contrast in (("E", "C"), ("C", "E")):
            gaps = find_gaps(arms, outcomes, planned, baseline[:, None], ["prop1"], contrast)
            assert gaps.timepoints == ("prop2", "prop3")
            for rule in RULES:
                found = conditional_mean(gaps, contrast, rule)
                its = told["analyses"][f"{planned}_{contrast[0]}_{rule}"]
                assert found.estimate == pytest.approx(its["estimate"], rel=1e-6)
                assert math.sqrt(found.variance()) == pytest.approx(its["se"], rel=1e-6)
                assert found.slope == pytest.approx(its["slope"], rel=1e-8)


@pytest.mark.parametrize("size", ["small", "large"])
def test_rubins_rules_are_those_of_mice(by_r: Any, size: str) -> None:
    told = by_r["rubin"]
    its = told[size]
    df_complete = math.inf if its["df_complete"] in (None, "Inf") else its["df_complete"]
    found = pool(np.array(told["q"]), np.array(told["u"]), df_complete)
    assert found.estimate == pytest.approx(its["estimate"], rel=1e-12)
    assert found.se**2 == pytest.approx(its["variance"], rel=1e-12)
    assert found.df == pytest.approx(its["df"], rel=1e-8)
    assert found.missing == pytest.approx(its["fmi"], rel=1e-8)
