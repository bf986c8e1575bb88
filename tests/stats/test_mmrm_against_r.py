"""The model of repeated outcomes and its constrained form against R's figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.stats.conftest import read_json
from tests.stats.repeated import CONTRAST, TIMEPOINTS, Repeated, repeated
from trial.stats.contrasts import Contrast
from trial.stats.mmrm.inference import Method
from trial.stats.mmrm.model import MmrmResult, clda, mmrm
from trial.stats.mmrm.structures import Structure

CLOSE: dict[Method, float] = {"satterthwaite": 1e-7, "kenward_roger": 1e-6}


@pytest.fixture(scope="module")
def by_r() -> Any:
    return read_json("mmrm.json")


@pytest.fixture(scope="module")
def data() -> Repeated:
    return repeated()


def of(result: MmrmResult, name: str) -> Contrast:
    return result.average if name == "average" else result.differences[name]


def fitted(data: Repeated, kind: str, method: Method) -> MmrmResult:
    if kind == "clda":
        lines = data.covariates[:, 1:]
        return clda(
            data.baseline, data.outcomes, data.arm, lines, CONTRAST,
            timepoints=TIMEPOINTS, names=["male"], method=method,
        )  # fmt: skip
    common = ["male"] if kind == "common" else []
    return mmrm(
        data.outcomes, data.arm, data.covariates, CONTRAST,
        timepoints=TIMEPOINTS, names=["baseline", "male"], common=common, method=method,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["own", "common", "clda"])
@pytest.mark.parametrize("method", ["satterthwaite", "kenward_roger"])
def test_estimates_errors_and_degrees_of_freedom_are_those_of_r(
    data: Repeated, by_r: Any, kind: str, method: Method
) -> None:
    result, told = fitted(data, kind, method), by_r[kind]
    assert result.log_likelihood == pytest.approx(told["log_likelihood"], rel=1e-12)
    assert result.covariance == pytest.approx(np.array(told["covariance"]), rel=1e-6)
    for name in (*TIMEPOINTS, "average"):
        found, its = of(result, name), told[method][name]
        assert found.estimate == pytest.approx(its["estimate"], rel=CLOSE[method])
        assert found.se == pytest.approx(its["se"], rel=CLOSE[method])
        assert found.df == pytest.approx(its["df"], rel=CLOSE[method])


@pytest.mark.parametrize("structure", ["toeplitz", "autoregressive", "compound_symmetry"])
def test_structures_that_stand_in_are_those_at_the_top_of_their_likelihood_in_plain_r(
    data: Repeated, structure: Structure
) -> None:
    told = read_json("structures.json")[structure]
    result = mmrm(
        data.outcomes, data.arm, data.covariates, CONTRAST,
        timepoints=TIMEPOINTS, names=["baseline", "male"], structures=[structure],
    )  # fmt: skip
    assert result.log_likelihood == pytest.approx(told["log_likelihood"], abs=1e-8)
    assert result.covariance == pytest.approx(np.array(told["covariance"]), rel=1e-6)
    for found, its in [
        *((result.differences[name], told[name]) for name in TIMEPOINTS),
        (result.average, told["average"]),
    ]:
        assert (found.estimate, found.se) == pytest.approx((its["estimate"], its["se"]), rel=1e-7)
        assert found.df == pytest.approx(its["df"], rel=1e-6)


@pytest.mark.parametrize("structure", ["autoregressive", "compound_symmetry"])
def test_other_structures_reach_what_gls_reaches(data: Repeated, by_r: Any, structure: Structure) -> None:
    result = mmrm(
        data.outcomes, data.arm, data.covariates, CONTRAST,
        timepoints=TIMEPOINTS, names=["baseline", "male"], structures=[structure],
    )  # fmt: skip
    told = by_r[structure]
    assert -1e-9 < result.log_likelihood - told["log_likelihood"] < 1e-6
    for name in TIMEPOINTS:
        assert result.differences[name].estimate == pytest.approx(told[name]["estimate"], rel=2e-5)
        assert result.differences[name].se == pytest.approx(told[name]["se"], rel=2e-5)
