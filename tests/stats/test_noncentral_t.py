"""The noncentral t agrees with its own definition, integrated by another way, wherever a trial could lead."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from trial.stats.noncentral_t import noncentrality, probability_below

NODES, WEIGHTS = np.polynomial.legendre.leggauss(2000)


def by_quadrature(t: float, df: int, ncp: float) -> float:
    """P(Z + ncp <= t S), Z standard normal and S = chi / sqrt(df), as an integral over S."""
    reach = 14 / math.sqrt(2 * df)
    low, high = max(0.0, 1 - reach), 1 + reach
    s = low + (high - low) * (NODES + 1) / 2
    log_density = (
        math.log(2) + (df / 2) * math.log(df / 2) - math.lgamma(df / 2) + (df - 1) * np.log(s) - df * s * s / 2
    )
    return float(np.sum(WEIGHTS * special.ndtr(t * s - ncp) * np.exp(log_density)) * (high - low) / 2)


@pytest.mark.parametrize("df", [2, 3, 8, 50, 300, 3000])
def test_the_probability_is_that_of_the_definition_even_where_the_series_fails(df: int) -> None:
    for t in (-12.0, -2.0, 0.0, 0.5, 2.0, 6.0, 20.0):
        for ncp in np.linspace(-40, 40, 33):
            assert probability_below(t, df, ncp) == pytest.approx(by_quadrature(t, df, ncp), abs=1e-11)


@pytest.mark.parametrize("df", [2, 5, 60, 2000])
@pytest.mark.parametrize("t", [-300.0, -3.0, 0.0, 0.4, 20.0, 2000.0])
def test_the_noncentrality_found_gives_the_probability_asked_for(df: int, t: float) -> None:
    for probability in (0.005, 0.025, 0.5, 0.975):
        assert probability_below(t, df, noncentrality(t, df, probability)) == pytest.approx(probability, rel=1e-8)
