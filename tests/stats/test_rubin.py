"""Rubin's rules where estimates agree, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trial.core.errors import AnalysisImpossible
from trial.stats.rubin import pool


def test_estimates_that_agree_are_pooled_without_missing_information() -> None:
    pooled = pool(np.full(5, 1.5), np.full(5, 4.0), 20)
    assert (pooled.estimate, pooled.se, pooled.missing, pooled.noise) == (1.5, 2.0, 0.0, 0.0)
    assert pooled.df == pytest.approx(21 / 23 * 20)
    assert pool(np.full(5, 1.5), np.full(5, 4.0)).df == math.inf


def test_one_estimate_or_an_error_of_zero_is_refused() -> None:
    for estimates, variances in ((np.ones(1), np.ones(1)), (np.ones(3), np.zeros(3))):
        with pytest.raises(AnalysisImpossible):
            pool(estimates, variances)
