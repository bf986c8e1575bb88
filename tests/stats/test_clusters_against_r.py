"""Trials of clusters are analysed as R's clubSandwich, lme4 and pbkrtest do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.stats.conftest import read_json
from trial.stats.arrays import FloatArray
from trial.stats.cluster_ancova import cluster_ancova
from trial.stats.design import factor_columns
from trial.stats.random_intercept import NO_BETWEEN, random_intercept

CLOSE = 1e-8
# lme4 stops at about this where the likelihood is flat.
ITERATED = 1e-6
KEYS = ("estimate", "se", "df", "p")
Row = dict[str, Any]


@pytest.fixture(scope="module")
def by_r() -> Any:
    return read_json("clusters.json")


def columns(rows: list[Row], full: bool) -> dict[str, Any]:
    baseline = np.array([[row["baseline"]] for row in rows], dtype=np.float64)
    sexes, names = factor_columns([row["sex"] for row in rows], "sex")
    covariates: FloatArray = np.hstack([baseline, sexes]) if full else baseline
    return {
        "outcome": np.array([row["outcome"] for row in rows], dtype=np.float64),
        "arm": [row["arm"] for row in rows],
        "cluster": [row["cluster"] for row in rows],
        "covariates": covariates,
        "contrast": ("letter", "control"),
        "names": ("baseline", *names) if full else ("baseline",),
    }


@pytest.mark.parametrize(
    ("trial", "named", "full"),
    [
        ("whole", "whole", False),
        ("whole", "whole_full", True),
        ("inside", "inside", False),
        ("three", "three", False),
        ("few", "few", False),
    ],
)
def test_the_error_allows_people_of_a_cluster_to_be_alike(by_r: Any, trial: str, named: str, full: bool) -> None:
    ours = cluster_ancova(**columns(by_r["data"][trial], full))
    theirs = by_r["cr2"][named]
    expected = [theirs[key] for key in (*KEYS, "low", "high")]
    assert (ours.estimate, ours.se, ours.df, ours.p, *ours.ci) == pytest.approx(expected, rel=CLOSE)


@pytest.mark.parametrize(
    ("trial", "named", "full"),
    [
        ("whole", "whole", False),
        ("whole", "whole_full", True),
        ("inside", "inside", False),
        ("three", "three", False),
    ],
)
def test_an_intercept_of_each_cluster_is_fitted_by_reml(by_r: Any, trial: str, named: str, full: bool) -> None:
    ours = random_intercept(**columns(by_r["data"][trial], full))
    theirs = by_r["random"][named]
    assert (ours.between, ours.within) == pytest.approx([theirs["between"], theirs["within"]], rel=1e-5)
    assert (ours.estimate, ours.se, ours.df, ours.p) == pytest.approx([theirs[key] for key in KEYS], rel=ITERATED)
    assert ours.icc.ci == pytest.approx([theirs["icc_low"], theirs["icc_high"]], rel=CLOSE)
    assert ours.icc.estimate == pytest.approx(ours.between / (ours.between + ours.within))


def test_clusters_that_do_not_differ_have_no_variance_and_it_is_said(by_r: Any) -> None:
    ours = random_intercept(**columns(by_r["data"]["flat"], full=False))
    theirs = by_r["random"]["flat"]
    assert (ours.between, ours.icc.estimate) == (0, 0)
    assert theirs["between"] == pytest.approx(0, abs=1e-8)
    assert (ours.estimate, ours.se, ours.df) == pytest.approx([theirs[key] for key in KEYS[:3]], rel=ITERATED)
    assert ours.icc.ci == pytest.approx([theirs["icc_low"], theirs["icc_high"]], rel=CLOSE, abs=1e-8)
    assert NO_BETWEEN in ours.warnings
