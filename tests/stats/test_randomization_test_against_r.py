"""The randomisation test against R: every list of a small stratified trial, by lm and sandwich, and by coin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.stats.conftest import read_json
from tests.stats.lists import every_list, listed, said
from trial.stats.randomization_test import judged, randomization_test
from trial.stats.rerandomize import mechanism
from trial.stats.rerandomized_statistics import Comparison, comparison, statistics

N = 12


@pytest.fixture(scope="module")
def by_r() -> Any:
    return read_json("rerandomized.json")


def planned(by_r: Any, covariance: Any) -> Comparison:
    """Arm 1 less arm 0, with baseline and site."""
    covariates = np.column_stack([by_r["baseline"], by_r["site"]]).astype(float)
    return comparison(np.arange(N), np.array(by_r["outcome"], float), covariates, 2, (1, 0), covariance)


@pytest.mark.parametrize("covariance", ["HC3", "HC2"])
def test_the_statistic_of_every_list_and_the_p_over_all_are_those_of_r(by_r: Any, covariance: str) -> None:
    lists = {each for each, _ in every_list(said(block_sizes=[4]), N)}
    assert lists == set(map(tuple, by_r["lists"]))
    t, plain = statistics(planned(by_r, covariance), np.array(by_r["lists"], np.int8).T)
    np.testing.assert_allclose(t, by_r[covariance]["t"], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(plain, by_r["plain"]["difference"], rtol=1e-10, atol=1e-12)
    for values, theirs in ((t, by_r[covariance]), (plain, by_r["plain"])):
        assert judged(values, theirs["observed"]).extreme / len(values) == pytest.approx(theirs["p"], rel=1e-12)


def test_the_plain_difference_has_the_exact_p_of_coin(by_r: Any) -> None:
    assert by_r["coin"]["blocks"] == pytest.approx(by_r["plain"]["p"], rel=1e-12)
    assert by_r["coin"]["textbook"] == pytest.approx(4 / 70, rel=1e-12)


def test_ten_thousand_lists_come_as_near_to_r_as_their_error_says(by_r: Any) -> None:
    how = mechanism(listed([(said(block_sizes=[4]), N)], "".join("ab"[arm] for arm in by_r["real"])), ("a", "b"))
    (found,) = randomization_test(how, [planned(by_r, "HC3")], "against R", 10_000)
    assert found.studentised.observed == pytest.approx(by_r["HC3"]["observed"], rel=1e-8)
    assert found.difference.observed == pytest.approx(by_r["plain"]["observed"], rel=1e-10)
    for judgement, exact in ((found.studentised, by_r["HC3"]["p"]), (found.difference, by_r["plain"]["p"])):
        assert abs(judgement.p - exact) < 4 * judgement.error
    assert found.distinct == len(by_r["lists"])


def test_the_interval_of_p_is_that_of_binom_test(by_r: Any) -> None:
    assert judged(np.array([2.0] * 5 + [0.0] * 95), 2.0).interval == pytest.approx(by_r["interval"], rel=1e-8)
