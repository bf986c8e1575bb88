"""In a thousand trials without and with an effect, HC3 errs about as often as it says it does."""

from __future__ import annotations

import numpy as np

from trial.stats.ancova import ancova

TRIALS = 1000
TRUE = 3.0


def test_intervals_miss_and_tests_err_about_one_time_in_twenty_under_unequal_spread() -> None:
    """Skewed errors, 25 and 50 per arm, the smaller arm spread twice as wide: where the classical error fails.

    Three binomial standard errors about .05 are .029 to .071. Under the null the same trials, less the effect.
    """
    chance = np.random.default_rng(20200521)
    arms = ["letter"] * 25 + ["memory"] * 50
    treated = np.array([arm == "letter" for arm in arms])
    missed, missed_by_classical = 0, 0
    for _ in range(TRIALS):
        baseline = chance.normal(20, 8, (75, 1))
        errors = (chance.chisquare(6, 75) - 6) * np.where(treated, 2, 1)
        outcome = TRUE * treated + 0.6 * baseline[:, 0] + errors
        robust = ancova(outcome, arms, baseline, ("letter", "memory"))
        classical = ancova(outcome, arms, baseline, ("letter", "memory"), covariance="classical")
        missed += not robust.ci[0] <= TRUE <= robust.ci[1]
        missed_by_classical += not classical.ci[0] <= TRUE <= classical.ci[1]
        null = ancova(outcome - TRUE * treated, arms, baseline, ("letter", "memory"))
        assert (null.p < 0.05) == (not robust.ci[0] <= TRUE <= robust.ci[1])
    assert 0.029 < missed / TRIALS < 0.071
    assert missed_by_classical / TRIALS > 0.071
