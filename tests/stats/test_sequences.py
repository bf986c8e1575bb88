"""The arrays of a simulation hold the rules of real trials: in every state the same chances as the core's."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from trial.core.randomization.draws import Draws
from trial.core.randomization.minimisation import Minimisation, MinimisedFactor
from trial.core.randomization.rule import Rule
from trial.stats.designs import Setting, named
from trial.stats.dice import Dice
from trial.stats.sequences import Entry, chosen_by, drawn, given, stepper

FACTORS = (
    MinimisedFactor("sex", ("f", "m")),
    MinimisedFactor("age", ("young", "middle", "old"), weight=3),
    MinimisedFactor("help", ("yes", "no")),
)
TWO = Setting(("a", "b"), (1, 1), FACTORS)
THREE = Setting(("a", "b", "c"), (1, 1, 1), FACTORS)
UNEQUAL = Setting(("a", "b", "c"), (1, 2, 3), FACTORS)
REPS, N = 12, 70
NAMES = [
    *((name, TWO) for name in ("simple", "permuted_blocks:6", "big_stick:2", "biased_coin:2/3", "urn:0+1", "urn:2+3")),
    *((f"minimisation:0.8:{one}", TWO) for one in ("range", "variance", "marginal_balance", "marginal_sum")),
    *((name, THREE) for name in ("simple", "permuted_blocks:9", "urn:1+2", "minimisation:2/3:variance")),
    *((name, UNEQUAL) for name in ("simple", "permuted_blocks:12", "minimisation:0.85", "minimisation:0.8:variance")),
    ("minimisation:0.7:marginal_balance", THREE),
]
RULES = [(f"{name} of {len(setting.arms)} {setting.ratios}", named(name, setting).rule) for name, setting in NAMES] + [
    (
        "by ranks",
        Minimisation(("a", "b", "c"), (1, 1, 1), FACTORS, "range", tuple(map(Fraction, ("0.6", "0.3", "0.1")))),
    ),
    ("all weighed", Minimisation(("a", "b"), (1, 1), FACTORS, "range", (Fraction("0.9"),), overall_weight=2)),
    ("simple first", Minimisation(("a", "b"), (2, 1), FACTORS, "variance", (Fraction("0.9"),), first_simple=20)),
]


def people(n: int = N, reps: int = REPS) -> Entry:
    return drawn(n, reps, [[1] * len(one.levels) for one in FACTORS], Dice("people"))


def levels_of(entry: Entry, at: int, rep: int) -> dict[str, str]:
    return {one.id: one.levels[entry.levels[at, rep, place]] for place, one in enumerate(FACTORS)}


@pytest.mark.parametrize("rule", [rule for _, rule in RULES], ids=[name for name, _ in RULES])
def test_in_every_state_that_comes_up_the_chances_are_those_of_the_real_allocation(rule: Rule) -> None:
    entry, dice = people(), Dice("states", "1")
    steps = stepper(rule, entry, dice)
    draws = Draws(b"any", "trial", "main", "")
    states = [dict[str, object]() for _ in range(REPS)]
    varied = set()
    for at in range(N):
        chances = steps.chances(at)
        arm = chosen_by(dice.uniform(REPS), chances)
        for rep in range(REPS):
            levels = levels_of(entry, at, rep)
            key = rule.key(levels)
            state = rule.ready(states[rep].get(key, rule.start()), draws)  # type: ignore[arg-type]
            weights = np.array(rule.weights(state, levels), float)
            np.testing.assert_allclose(chances[rep], weights / weights.sum(), rtol=0, atol=1e-12)
            varied.add(tuple(np.round(chances[rep], 9)))
            states[rep][key] = rule.after(state, levels, int(arm[rep]))
        steps.take(at, arm)
    assert len(varied) > 1 or rule.version == "simple-1"


def test_blocks_of_random_size_are_of_the_declared_sizes_with_equal_chance() -> None:
    entry = given([[]] * 60, (), 4000)
    rule = named("permuted_blocks:2+4", Setting(("a", "b"), (1, 1), ())).rule
    dice = Dice("blocks")
    steps = stepper(rule, entry, dice)
    alike = []
    for at in range(2):
        arm = chosen_by(dice.uniform(entry.reps), steps.chances(at))
        steps.take(at, arm)
        alike.append(arm)
    # the second is like the first only in a block of four, there with the chance 1/3
    share = float((alike[0] == alike[1]).mean())
    assert abs(share - 1 / 6) < 3 * (1 / 6 * 5 / 6 / 4000) ** 0.5


def test_without_strata_everybody_is_weighed_against_everybody() -> None:
    entry = people()
    rule = named("big_stick:1", TWO).rule
    dice = Dice("one sequence")
    steps = stepper(rule, entry, dice, strata=False)
    lead = np.zeros(REPS, int)
    for at in range(N):
        arm = chosen_by(dice.uniform(REPS), steps.chances(at))
        steps.take(at, arm)
        lead += np.where(arm == 0, 1, -1)
        assert np.all(np.abs(lead) <= 1)


def test_people_are_drawn_with_the_shares_named_and_given_in_the_order_named() -> None:
    entry = drawn(100, 500, [[1, 3]], Dice("shares"))
    assert abs(float((entry.levels == 1).mean()) - 0.75) < 3 * (0.75 * 0.25 / 50_000) ** 0.5
    entry = given([[0, 2], [1, 0], [0, 2]], (2, 3), 5)
    assert entry.strata == 2 and entry.levels[:, 4, 1].tolist() == [2, 0, 2]
    assert entry.stratum[0, 0] == entry.stratum[2, 0] != entry.stratum[1, 0]


def test_a_rule_that_does_not_say_how_its_list_came_about_is_refused() -> None:
    class Listed:
        version = "listed-1"

    with pytest.raises(ValueError, match="listed-1"):
        stepper(Listed(), people(), Dice("no"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "setting", "words"),
    [
        ("coin", TWO, "no design"),
        ("big_stick:3", THREE, "two arms"),
        ("biased_coin:0.8", UNEQUAL, "two arms"),
        ("biased_coin:1/4", TWO, "between 1/2 and 1"),
        ("biased_coin", TWO, "no chance"),
        ("biased_coin:2/0", TWO, "no chance"),
        ("big_stick:0", TWO, "at least 1"),
        ("big_stick", TWO, "named like"),
        ("urn:1+1", UNEQUAL, "equal ratio"),
        ("urn:1", TWO, "two numbers"),
        ("permuted_blocks:5", TWO, "multiples of 2"),
        ("permuted_blocks:0", TWO, "multiples of 2"),
        ("minimisation:0.8:sd", TWO, "no measure"),
        ("minimisation:0.8", replace(TWO, factors=()), "no `strata`"),
        ("minimisation:0.8:overall", TWO, "by itself"),
        ("simple:1", TWO, "no number"),
    ],
)
def test_a_name_that_is_no_design_for_this_trial_is_refused_in_words(name: str, setting: Setting, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        named(name, setting)
