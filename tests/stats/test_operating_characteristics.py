"""Simulated designs against exact figures: dynamic programming over the lead, and closed forms of the literature."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from trial.stats.designs import Design, Setting, named
from trial.stats.dice import Dice
from trial.stats.error_rates import Bias, detectable, error_rates
from trial.stats.operating_characteristics import Run, combined, imbalance, predictability, run
from trial.stats.power import ancova_power
from trial.stats.sequences import Entry, given

TWO = Setting(("a", "b"), (1, 1), ())
REPS = 4000
# share of right guesses, E|D|, sd(D) at n = 100, each from exact dynamic programming
AT_100 = {
    "simple": (0.5, 7.95892374, 10.0),
    "permuted_blocks:2": (0.75, 0.0, 0.0),
    "permuted_blocks:4": (0.70833333, 0.0, 0.0),
    "permuted_blocks:100": (0.55782256, 0.0, 0.0),
    "biased_coin:2/3": (0.62333347, 1.33322483, 2.10793843),
    "big_stick:2": (0.6225, 1.0, 1.41421356),
    "big_stick:3": (0.58111111, 1.33333333, 1.63299316),
    "urn:0+1": (0.54343786, 4.56262146, 5.77350269),
    "urn:1+1": (0.53889643, 4.60889649, 5.83095189),
}
COINS: dict[str, Callable[[int, int], float]] = {
    "simple": lambda lead, i: 0.5,
    "biased_coin:2/3": lambda lead, i: 0.5 if lead == 0 else 2 / 3 if lead < 0 else 1 / 3,
    "big_stick:2": lambda lead, i: 0.5 if abs(lead) < 2 else float(lead < 0),
    "big_stick:3": lambda lead, i: 0.5 if abs(lead) < 3 else float(lead < 0),
    "urn:0+1": lambda lead, i: 0.5 if i == 0 else (i - lead) / 2 / i,
    "urn:1+1": lambda lead, i: (1 + (i - lead) / 2) / (2 + i),
}


def alone(n: int, reps: int = REPS) -> Entry:
    return given([[]] * n, (), reps)


def simulated(name: str, entry: Entry, setting: Setting = TWO) -> tuple[Design, Run]:
    design = named(name, setting)
    return design, run(design, entry, Dice("exact", name))


@pytest.mark.parametrize("name", COINS)
def test_the_exact_figures_are_those_of_dynamic_programming(name: str) -> None:
    chances: dict[int, float] = {0: 1.0}
    right = 0.0
    for i in range(100):
        after: dict[int, float] = defaultdict(float)
        for lead, chance in chances.items():
            first = COINS[name](lead, i)
            right += chance * (0.5 if lead == 0 else first if lead < 0 else 1 - first) / 100
            after[lead + 1] += chance * first
            after[lead - 1] += chance * (1 - first)
        chances = after
    mean = sum(abs(lead) * chance for lead, chance in chances.items())
    sd = math.sqrt(sum(lead**2 * chance for lead, chance in chances.items()))
    assert (right, mean, sd) == pytest.approx(AT_100[name], abs=6e-9)


@pytest.mark.parametrize("name", AT_100)
def test_simulated_guesses_and_imbalance_lie_within_three_errors_of_the_exact_figures(name: str) -> None:
    entry = alone(100)
    design, done = simulated(name, entry)
    share, mean, sd = AT_100[name]
    guessed, apart = predictability(done, design), imbalance(done, entry, design).overall[-1]
    assert abs(guessed.all.value - share) <= 3 * guessed.all.error + 1e-8
    assert abs(apart.mean.value - mean) <= 3 * apart.mean.error + 1e-8
    lead = done.arms.shape[0] - 2 * done.arms.sum(axis=0, dtype=int)
    squares = lead.astype(float) ** 2
    assert abs(squares.mean() - sd**2) <= 3 * squares.std() / math.sqrt(REPS) + 1e-8
    assert apart.largest == np.abs(lead).max() and guessed.blind == 0.5
    # whoever knows the rule does no worse; and by the first to come nobody can tell anything
    assert guessed.rule.value >= guessed.all.value - 1e-12


def test_over_time_the_lead_of_the_big_stick_stays_within_its_limit_and_simple_goes_astray() -> None:
    entry = alone(100)
    for name, most in (("big_stick:3", 3), ("simple", 100)):
        design, done = simulated(name, entry)
        course = imbalance(done, entry, design)
        assert course.times[-1] == 100 and len(course.times) == 25
        assert max(one.largest for one in course.overall) <= most
    assert course.overall[-1].mean.value > 2 * course.overall[4].mean.value > 0


def test_an_unequal_ratio_is_balanced_and_guessed_by_its_ratio() -> None:
    setting = Setting(("a", "b"), (2, 1), ())
    entry = alone(90, 500)
    design, done = simulated("permuted_blocks:3", entry, setting)
    assert imbalance(done, entry, design).overall[-1].largest == 0
    guessed = predictability(done, design)
    # in blocks of 3: at first a (2/3); then in 2/3 of the blocks either is left (1/2), else a for certain; then all
    assert guessed.rule.value == pytest.approx((2 / 3 + 2 / 3 / 2 + 1 / 3 + 1) / 3, abs=3 * guessed.rule.error)
    assert guessed.blind == pytest.approx(2 / 3)


ASSUMED = Bias((0, 1), 0.5, detectable(50, 0.5), trend=3.0, eta=0.4)


def test_the_planned_test_keeps_its_error_and_has_the_power_that_the_formula_gives() -> None:
    entry = alone(100)
    _, done = simulated("permuted_blocks:4", entry)
    found = error_rates(done, entry, replace(ASSUMED, covariance="HC2"), Dice("people"))
    plain = found.plain
    assert abs(plain.type_one.value - 0.05) <= 3 * plain.type_one.error
    assert ancova_power(ASSUMED.effect, 0.5, 50) == pytest.approx(0.8, abs=1e-9)
    assert abs(plain.power.value - 0.8) <= 3 * plain.power.error
    # HC3 is a little cautious where 50 are in an arm, and costs a little power
    cautious = error_rates(done, entry, ASSUMED, Dice("people")).plain
    assert cautious.type_one.value < plain.type_one.value and cautious.power.value < plain.power.value
    assert abs(plain.bias.value) <= 3 * plain.bias.error and found.untestable == 0


def test_the_test_of_each_trial_is_that_of_the_analysis() -> None:
    from trial.stats.ancova import ancova
    from trial.stats.error_rates import _some
    from trial.stats.sequences import drawn

    entry = drawn(40, 3, [[1, 1], [1, 1, 1]], Dice("levels"))
    design = named("permuted_blocks:3", Setting(("a", "b", "c"), (1, 1, 1), ()))
    done = run(design, entry, Dice("three arms"))
    assumed = Bias((0, 2), 0.5, 0.3, trend=1.0, eta=0.4)
    estimate, error, df, _ = _some(done, entry, assumed, Dice("same"), 0, 3)
    dice = Dice("same")
    baseline = dice.normal(3, 40)
    plain = 0.5 * baseline + math.sqrt(0.75) * dice.normal(3, 40)
    for rep in range(3):
        dummies = [(entry.levels[:, rep, place] == level) for place, level in ((0, 1), (1, 1), (1, 2))]
        columns = np.column_stack([baseline[rep], *dummies]).astype(float)
        labels = ["abc"[one] for one in done.arms[:, rep]]
        by_plan = ancova(plain[rep], labels, columns, ("a", "c"))
        assert (by_plan.estimate, by_plan.se, by_plan.df) == pytest.approx((estimate[rep, 0], error[rep, 0], df[rep]))


def test_a_guesser_who_chooses_whom_to_let_in_breaks_small_blocks_and_not_simple_randomisation() -> None:
    entry = alone(100, 2000)
    rates = {}
    for name in ("permuted_blocks:2", "simple", "big_stick:3"):
        _, done = simulated(name, entry)
        rates[name] = error_rates(done, entry, ASSUMED, Dice("people")).selection
    simple, small, stick = rates["simple"], rates["permuted_blocks:2"], rates["big_stick:3"]
    assert abs(simple.type_one.value - 0.05) <= 3 * simple.type_one.error
    assert small.type_one.value > stick.type_one.value > simple.type_one.value
    # half of the guesses are certain and right: the second of each block, eta for one arm and -eta for the other
    assert abs(small.bias.value - ASSUMED.eta) <= 3 * small.bias.error


def test_under_a_trend_balance_over_time_makes_the_test_cautious_and_simple_keeps_its_level() -> None:
    entry = alone(100)
    rates = {}
    for name in ("permuted_blocks:2", "simple"):
        _, done = simulated(name, entry)
        rates[name] = error_rates(done, entry, ASSUMED, Dice("people")).trend
    simple, small = rates["simple"].type_one, rates["permuted_blocks:2"].type_one
    assert abs(simple.value - 0.05) <= 3 * simple.error
    assert small.value < 0.05 - 3 * small.error
    assert rates["simple"].bias.error > rates["permuted_blocks:2"].bias.error


def test_a_trial_without_two_in_an_arm_rejects_nothing_and_is_counted() -> None:
    entry = alone(6, 3000)
    _, done = simulated("simple", entry)
    found = error_rates(done, entry, ASSUMED, Dice("few"))
    few = int((np.minimum(done.arms.sum(axis=0, dtype=int), 6 - done.arms.sum(axis=0, dtype=int)) < 2).sum())
    assert found.untestable == few > 0


def test_the_levels_of_a_factor_that_the_arms_combine_are_as_far_apart_as_their_arms_together() -> None:
    four = Setting(("both", "one", "other", "neither"), (1, 1, 1, 1), ())
    design, done = simulated("simple", alone(100), four)
    # two arms of four on either side: as two arms of simple randomisation, AT_100
    found = combined(done, design, (0, 0, 1, 1))
    assert abs(found.mean.value - 7.95892374) < 3 * found.mean.error
    assert combined(*reversed(simulated("permuted_blocks:4", alone(100), four)), (0, 1, 0, 1)).largest == 0
    unequal = Setting(("a", "b", "c"), (1, 1, 2), ())
    design, done = simulated("permuted_blocks:4", alone(100), unequal)
    assert combined(done, design, (0, 0, 1)).largest == 0
    # 25 and 75 in the ratio 1 : 3
    assert combined(done, design, (0, 1, 1)).largest == 0
