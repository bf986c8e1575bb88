"""Power, coverage and bias from tallies, against the same worked out from all trials at once."""

from __future__ import annotations

import numpy as np
import pytest

from trial.stats.simulated_power import Tally, characteristics, share


def tallied(estimates: np.ndarray, errors: np.ndarray, truth: float) -> Tally:
    tally = Tally()
    for estimate, se in zip(estimates.tolist(), errors.tolist(), strict=True):
        ends = (estimate - 2 * se, estimate + 2 * se)
        tally.count(truth=truth, estimate=estimate, se=se, ci=ends, shown=abs(estimate) > 2 * se, people=(90, 80))
    return tally


def test_a_tally_says_what_all_trials_together_say() -> None:
    rng = np.random.default_rng(1)
    estimates, errors = rng.normal(1.0, 0.5, 500), rng.uniform(0.4, 0.6, 500)
    found = characteristics(tallied(estimates, errors, 0.9))
    rejected, held = np.abs(estimates) > 2 * errors, np.abs(estimates - 0.9) <= 2 * errors
    assert found.power.value == pytest.approx(rejected.mean())
    assert found.power.error == pytest.approx(np.sqrt(rejected.mean() * (1 - rejected.mean()) / 500))
    assert found.coverage is not None and found.coverage.value == pytest.approx(held.mean())
    assert found.bias is not None and found.bias.value == pytest.approx((estimates - 0.9).mean())
    assert found.bias.error == pytest.approx(estimates.std(ddof=1) / np.sqrt(500))
    assert found.empirical_se == pytest.approx(estimates.std(ddof=1))
    assert found.model_se == pytest.approx(errors.mean())
    assert found.analysed is not None and found.with_outcome == 80
    assert (found.analysed.value, found.analysed.error) == (90, 0)


def test_tallies_add_up_whatever_the_batches() -> None:
    rng = np.random.default_rng(2)
    estimates, errors = rng.normal(size=60), rng.uniform(0.4, 0.6, 60)
    whole, parts = tallied(estimates, errors, 0.0), Tally()
    for first in range(0, 60, 20):
        parts.add(tallied(estimates[first : first + 20], errors[first : first + 20], 0.0))
    assert (parts.trials, parts.shown, parts.held, parts.analysed) == (60, whole.shown, whole.held, whole.analysed)
    assert parts.analysed_squares == whole.analysed_squares
    assert parts.squares == pytest.approx(whole.squares) and parts.deviation == pytest.approx(whole.deviation)


def test_a_trial_that_cannot_be_analysed_finds_nothing_and_counts() -> None:
    tally = tallied(np.array([3.0, 3.0]), np.array([1.0, 1.0]), 3.0)
    tally.refuse()
    found = characteristics(tally)
    assert found.power.value == pytest.approx(2 / 3)
    assert found.coverage is not None and found.coverage.value == 1.0
    only = Tally()
    only.refuse()
    assert characteristics(only).bias is None and characteristics(only).power.value == 0


def test_none_and_all_have_an_error_too() -> None:
    assert share(0, 100).value == 0 and share(0, 100).error == pytest.approx(np.sqrt(0.01 * 0.99 / 100))
    assert share(100, 100).error == pytest.approx(share(0, 100).error)
    assert share(1, 1).error == 0.5


def test_the_number_of_people_analysed_has_its_error() -> None:
    rng, tally = np.random.default_rng(3), Tally()
    people = rng.binomial(400, 0.6, 200)
    for one in people.tolist():
        tally.count(truth=0.0, estimate=0.0, se=1.0, ci=(-2.0, 2.0), shown=False, people=(one, one))
    found = characteristics(tally).analysed
    assert found is not None and found.value == pytest.approx(people.mean())
    assert found.error == pytest.approx(people.std(ddof=1) / np.sqrt(200))
