"""In a few hundred small trials without an effect, tests err about as often as they say: one time in twenty.

Three binomial standard errors about .05 are .013 to .087 in 300 trials, and up to .103 in 150. The larger run is in
docs/statistics.md.
"""

from __future__ import annotations

import numpy as np

from trial.stats.ancova import ancova
from trial.stats.anhecova import anhecova
from trial.stats.cluster_ancova import cluster_ancova
from trial.stats.random_intercept import random_intercept

TRIALS = 300
FEW, MANY, MANY_OF_150 = 0.013, 0.087, 0.103


def test_own_degrees_of_freedom_hold_where_a_small_arm_is_spread_wider() -> None:
    """Six people of four times the spread beside thirty: HC2 with n - p errs too often, with its own it does not."""
    chance = np.random.default_rng(20261129)
    arms, spread = ["a"] * 6 + ["b"] * 30, np.repeat([4.0, 1.0], [6, 30])
    own, residual = 0, 0
    for _ in range(TRIALS):
        baseline = chance.normal(size=(36, 1))
        outcome = 0.5 * baseline[:, 0] + spread * chance.normal(size=36)
        own += ancova(outcome, arms, baseline, ("a", "b"), covariance="HC2", degrees="satterthwaite").p < 0.05
        residual += ancova(outcome, arms, baseline, ("a", "b"), covariance="HC2").p < 0.05
    assert FEW < own / TRIALS < MANY
    assert residual / TRIALS > MANY


def test_about_a_population_the_mean_effect_is_covered_where_effects_differ() -> None:
    """The baseline turns the effect's sign and its mean is zero: taking these people's baseline as given errs."""
    chance = np.random.default_rng(20261130)
    arms = ["a", "b"] * 30
    treated = np.arange(60) % 2 == 0
    population, sample = 0, 0
    for _ in range(TRIALS):
        baseline = chance.normal(size=(60, 1))
        outcome = np.where(treated, 2.0, 0.0) * baseline[:, 0] + chance.normal(size=60)
        population += anhecova(outcome, arms, baseline, ("a", "b"), covariance="HC2").p < 0.05
        sample += anhecova(outcome, arms, baseline, ("a", "b"), covariance="HC2", about="sample").p < 0.05
    assert FEW < population / TRIALS < MANY
    assert sample / TRIALS > MANY


def test_people_of_a_cluster_who_are_alike_are_not_taken_for_independent() -> None:
    chance = np.random.default_rng(20261201)
    robust, mixed, ignored, missed = 0, 0, 0, 0
    for _ in range(TRIALS // 2):
        sizes = chance.integers(2, 12, 10)
        cluster = np.repeat(np.arange(10), sizes)
        arms = ["ab"[one % 2] for one in cluster]
        baseline = chance.normal(size=(len(cluster), 1))
        outcome = 0.5 * baseline[:, 0] + 0.7 * chance.normal(size=10)[cluster] + chance.normal(size=len(cluster))
        robust += cluster_ancova(outcome, arms, cluster, baseline, ("a", "b")).p < 0.05
        by_intercept = random_intercept(outcome, arms, cluster, baseline, ("a", "b"))
        mixed += by_intercept.p < 0.05
        missed += not by_intercept.icc.ci[0] <= 0.49 / 1.49 <= by_intercept.icc.ci[1]
        ignored += ancova(outcome, arms, baseline, ("a", "b")).p < 0.05
    assert 0 < 2 * robust / TRIALS < MANY_OF_150
    assert 0 < 2 * mixed / TRIALS < MANY_OF_150
    assert 0 < 2 * missed / TRIALS < MANY_OF_150
    assert 2 * ignored / TRIALS > 2 * MANY_OF_150
