"""Power of ANCOVA and the size of a trial equal R's pt() and the table of what larger trials would take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trial.stats.ancova import ancova
from trial.stats.power import ancova_power, ancova_sample_size, randomized_per_arm

# d; 80 %: analysed and randomised per arm, totals of two and of three arms; 90 %: the first two.
# ANCOVA with r = .6, two-sided alpha .05 (.025 for three arms), 40 % lost.
LARGER_TRIALS = [
    (0.10, 1006, 1677, 3354, 6090, 1346, 2244),
    (0.15, 448, 747, 1494, 2712, 599, 999),
    (0.20, 253, 422, 844, 1530, 338, 564),
    (0.25, 162, 270, 540, 981, 217, 362),
    (0.30, 113, 189, 378, 687, 151, 252),
    (0.40, 64, 107, 214, 390, 86, 144),
    (0.50, 42, 70, 140, 252, 55, 92),
]


def test_power_is_that_of_r(closed_forms_by_r: Any) -> None:
    for case in closed_forms_by_r["power"]:
        ours = ancova_power(case["d"], case["r"], case["n"], case["alpha"])
        assert ours == pytest.approx(case["power"], rel=1e-8)


@pytest.mark.parametrize(("d", "analysed", "randomised", "two", "three", "analysed_90", "randomised_90"), LARGER_TRIALS)
def test_the_size_of_a_trial_is_that_of_the_table(
    d: float, analysed: int, randomised: int, two: int, three: int, analysed_90: int, randomised_90: int
) -> None:
    assert ancova_sample_size(d, 0.6) == analysed
    assert randomized_per_arm(analysed, 0.4) == randomised == two / 2
    assert 3 * randomized_per_arm(ancova_sample_size(d, 0.6, alpha=0.025), 0.4) == three
    assert ancova_sample_size(d, 0.6, power=0.9) == analysed_90
    assert randomized_per_arm(analysed_90, 0.4) == randomised_90


def test_without_a_useful_baseline_the_textbook_sizes_return() -> None:
    assert ancova_sample_size(0.5, 0) == 64
    assert ancova_sample_size(-0.2, 0) == 394


def test_the_size_found_is_the_smallest_that_will_do() -> None:
    for d, r in [(0.33, 0.5), (0.8, 0.2), (2.5, 0.7)]:
        n = ancova_sample_size(d, r, power=0.85)
        assert ancova_power(d, r, n - 1) < 0.85 <= ancova_power(d, r, n)


def test_the_power_promised_is_the_power_had() -> None:
    """1500 trials of 30 per arm, seeded; four binomial standard errors about the promise."""
    chance = np.random.default_rng(7)
    d, r, n, trials = 0.6, 0.6, 30, 1500
    arms = ["a"] * n + ["b"] * n
    found = 0
    for _ in range(trials):
        baseline = chance.normal(size=(2 * n, 1))
        errors = np.sqrt(1 - r * r) * chance.normal(size=2 * n)
        outcome = r * baseline[:, 0] + errors + d * (np.arange(2 * n) < n)
        found += ancova(outcome, arms, baseline, ("a", "b"), covariance="classical").p < 0.05
    promised = ancova_power(d, r, n)
    assert found / trials == pytest.approx(promised, abs=4 * (promised * (1 - promised) / trials) ** 0.5)


def test_power_stays_a_probability_at_the_edges() -> None:
    assert ancova_power(0, 0.6, 50) == pytest.approx(0.05)
    assert ancova_power(50, 0.2, 1e6) == 1
    assert 0.05 < ancova_power(0.5, 0, 2) < ancova_power(0.5, 0, 2.5) < ancova_power(0.5, 0, 3) < 1


def test_questions_without_an_answer_are_refused() -> None:
    with pytest.raises(ValueError, match="other than zero"):
        ancova_sample_size(0, 0.6)
    with pytest.raises(ValueError, match="between alpha and 1"):
        ancova_sample_size(0.3, 0.6, power=1)
    with pytest.raises(ValueError, match="at least two"):
        ancova_power(0.3, 0.6, 1)
    with pytest.raises(ValueError, match="r within"):
        ancova_power(0.3, 1, 50)
    with pytest.raises(ValueError, match="share lost"):
        randomized_per_arm(50, 1)
