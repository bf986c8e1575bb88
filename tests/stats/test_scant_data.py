"""Few people with few distinct whole numbers: every linear model gives finite figures or a named refusal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial.core.errors import AnalysisImpossible
from trial.stats.anhecova import anhecova
from trial.stats.arrays import FloatArray
from trial.stats.cluster_ancova import cluster_ancova
from trial.stats.factorial import factorial
from trial.stats.least_squares import COVARIANCES
from trial.stats.random_intercept import random_intercept
from trial.stats.satterthwaite import DEGREES
from trial.stats.several_arms import several_arms
from trial.stats.subgroups import subgroups


@dataclass(frozen=True)
class Trial:
    outcome: FloatArray
    arm: list[str]
    group: list[str]
    covariates: FloatArray
    options: dict[str, Any]


@st.composite
def trials(draw: st.DrawFn) -> Trial:
    n = draw(st.integers(4, 14))
    whole = st.integers(-2, 2).map(float)
    columns = draw(st.integers(0, 2))
    cells = draw(st.lists(whole, min_size=n * columns, max_size=n * columns))
    return Trial(
        np.array(draw(st.lists(whole, min_size=n, max_size=n))),
        ["a", "b", *draw(st.lists(st.sampled_from("abc"), min_size=n - 2, max_size=n - 2))],
        draw(st.lists(st.sampled_from("wxyz"), min_size=n, max_size=n)),
        np.array(cells, dtype=np.float64).reshape(n, columns),
        {"covariance": draw(st.sampled_from(COVARIANCES)), "degrees": draw(st.sampled_from(DEGREES))},
    )


def numbers(value: Any) -> Iterator[float]:
    """Every number somewhere in a result."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, float):
        yield value


def analyse(method: str, trial: Trial) -> Any:
    outcome, arm, group, covariates = trial.outcome, trial.arm, trial.group, trial.covariates
    if method == "several arms":
        return several_arms(outcome, arm, covariates, "a", **trial.options)
    if method == "own slopes":
        return anhecova(outcome, arm, covariates, ("a", "b"), **trial.options)
    if method == "factorial":
        halves = ["w" if one in "wx" else "y" for one in group]
        pairs = ["a" if one == "a" else "b" for one in arm]
        return factorial(outcome, pairs, halves, covariates, (("a", "b"), ("w", "y")), **trial.options)
    if method == "subgroups":
        return subgroups(outcome, arm, group, covariates, ("a", "b"), **trial.options)
    clustered = cluster_ancova if method == "clusters" else random_intercept
    return clustered(outcome, arm, group, covariates, ("a", "b"))


@pytest.mark.parametrize(
    "method", ["several arms", "own slopes", "factorial", "subgroups", "clusters", "random intercept"]
)
@settings(derandomize=True, deadline=None, max_examples=25)
@given(trial=trials())
def test_scant_data_give_finite_figures_or_a_named_refusal(method: str, trial: Trial) -> None:
    try:
        result = analyse(method, trial)
    except AnalysisImpossible:
        return
    assert all(math.isfinite(one) for one in numbers(astuple(result)))
