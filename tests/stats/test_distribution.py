"""Quartiles, whiskers and density: as in R, and what no density may do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.conftest import read_json
from trial.stats.distribution import bandwidth, distribution

BY_R: Any = read_json("distribution.json")["cases"]


@pytest.mark.parametrize("name", BY_R)
def test_quartiles_whiskers_bandwidth_and_density_are_those_of_r(name: str) -> None:
    case = BY_R[name]
    found = distribution(np.array([np.nan, *case["values"], np.nan]))
    assert found is not None and found.n == case["n"]
    assert (found.low, found.q1, found.median, found.q3, found.high) == pytest.approx(case["quantiles"], rel=1e-8)
    assert found.whiskers == pytest.approx(case["whiskers"], rel=1e-8)
    assert found.bandwidth == pytest.approx(case["bandwidth"], rel=1e-8)
    assert found.density == pytest.approx(case["density"], rel=1e-8, abs=1e-15)


def test_nobody_has_no_distribution_and_equal_values_have_no_density() -> None:
    assert distribution(np.array([np.nan, np.nan])) is None
    for values in ([4.0], [4.0, 4.0, 4.0]):
        found = distribution(np.array(values))
        assert found is not None and (found.low, found.median, found.high, found.whiskers) == (4, 4, 4, (4, 4))
        assert found.bandwidth is None and found.at == found.density == ()


def test_a_scale_in_whole_numbers_gives_a_curve_and_no_comb_however_many_people_there_are() -> None:
    """As many people at each of twenty steps: between the ends the density is flat."""
    values = np.repeat(np.arange(21.0), 5000)
    found = distribution(values)
    assert found is not None
    middle = [each for at, each in zip(found.at, found.density, strict=True) if 4 <= at <= 16]
    assert max(middle) / min(middle) < 1.01
    narrow = 0.9 * float(np.std(values, ddof=1)) * len(values) ** -0.2
    assert bandwidth(values) == pytest.approx(max(narrow, 0.6))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-50, 50))
def test_unit_and_origin_change_nothing_else(seed: int, unit: float, origin: float) -> None:
    values = np.random.default_rng(seed).gamma(2, 3, 30)
    one, two = distribution(values), distribution(values * unit + origin)
    assert one is not None and two is not None
    assert two.at == pytest.approx([unit * each + origin for each in one.at], rel=1e-6, abs=1e-6)
    assert two.density == pytest.approx([each / unit for each in one.density], rel=1e-6)
    inside = float(np.trapezoid(one.density, one.at)) if hasattr(np, "trapezoid") else 1.0
    assert 0.5 < inside <= 1.001
