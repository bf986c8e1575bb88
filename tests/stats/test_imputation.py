"""A missing baseline is filled with everyone's mean, counted, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest

from trial.core.errors import AnalysisImpossible
from trial.stats.imputation import impute_means


def test_gaps_are_filled_with_the_mean_and_counted_by_covariate() -> None:
    table = np.array([[1.0, 10.0], [np.nan, 20.0], [3.0, 60.0], [np.nan, np.nan]])
    imputed = impute_means(table, ["cesd", "age"])
    assert imputed.values.tolist() == [[1, 10], [2, 20], [3, 60], [2, 30]]
    assert imputed.filled == {"cesd": 2, "age": 1}
    assert imputed.means == {"cesd": 2.0, "age": 30.0}
    assert np.isnan(table[1, 0]), "the data handed in stay as they were"


def test_a_complete_table_comes_back_unchanged() -> None:
    table = np.array([[1.0], [2.0]])
    imputed = impute_means(table, ["cesd"])
    assert imputed.values.tolist() == table.tolist()
    assert imputed.filled == {"cesd": 0}


def test_a_covariate_nobody_has_is_named() -> None:
    with pytest.raises(AnalysisImpossible, match="'age' is missing for everyone"):
        impute_means(np.array([[1.0, np.nan], [2.0, np.nan]]), ["cesd", "age"])


def test_each_column_needs_its_name() -> None:
    with pytest.raises(ValueError, match="one name for each column"):
        impute_means(np.ones((2, 2)), ["cesd"])
