"""Chance for pretend people: keyed by seed, person and occasion, whatever happens in between."""

from __future__ import annotations

from itertools import combinations
from statistics import NormalDist, fmean, stdev

import pytest

from trial.rehearsal.dice import Dice, secret_bytes

OCCASIONS = [("evening", number, kind) for number in range(1, 101) for kind in ("lag", "skips", "item")]


def test_an_occasion_has_its_number_whatever_was_drawn_before() -> None:
    dice = Dice(7, 12)
    forwards = {one: dice.uniform(*one) for one in OCCASIONS}
    backwards = {one: Dice(7, 12).uniform(*one) for one in reversed(OCCASIONS)}
    assert forwards == backwards
    assert len(set(forwards.values())) == len(OCCASIONS)


@pytest.mark.parametrize("other", [Dice(8, 12), Dice(7, 13), Dice(71, 2)])
def test_another_seed_or_person_has_other_numbers(other: Dice) -> None:
    """71 and 2 beside 7 and 12: the key keeps its parts apart."""
    assert not {Dice(7, 12).uniform(*one) for one in OCCASIONS} & {other.uniform(*one) for one in OCCASIONS}


def test_occasions_that_look_alike_are_told_apart() -> None:
    alike: list[tuple[object, ...]] = [("a", "b"), ("ab",), ("a b",), ("a", "b", 1), ("a", "b", "1"), (("a", "b"),)]
    numbers = [Dice(1, 1).uniform(*one) for one in alike]
    assert len(set(numbers)) == len(alike)


def test_uniform_numbers_fill_their_range_evenly() -> None:
    numbers = sorted(Dice(seed, person).uniform("u") for seed in range(20) for person in range(250))
    n = len(numbers)
    assert numbers[0] > 0 and numbers[-1] < 1
    furthest = max(max((place + 1) / n - value, value - place / n) for place, value in enumerate(numbers))
    assert furthest < 1.63 / n**0.5  # Kolmogorov's distance at 1 %, once and for all with these keys


def test_normal_numbers_are_normal_and_those_of_one_person_are_not_related() -> None:
    pairs = [(Dice(3, person).normal("trait"), Dice(3, person).normal("day")) for person in range(4000)]
    first, second = zip(*pairs, strict=True)
    assert fmean(first) == pytest.approx(0, abs=0.05) and stdev(first) == pytest.approx(1, abs=0.04)
    below = fmean(value < 1.6449 for value in first)
    assert below == pytest.approx(NormalDist().cdf(1.6449), abs=0.012)
    assert fmean(a * b for a, b in pairs) == pytest.approx(0, abs=0.05)
    assert len(second) == 4000


def test_a_choice_takes_each_value_and_a_probability_is_kept() -> None:
    people = [Dice(5, person) for person in range(3000)]
    for value in "abc":
        assert fmean(one.choice("abc", "letter") == value for one in people) == pytest.approx(1 / 3, abs=0.03)
    assert fmean(one.happens(0.07, "drops") for one in people) == pytest.approx(0.07, abs=0.015)
    assert not any(one.happens(0.0, "never") for one in people) and all(one.happens(1.0, "always") for one in people)
    assert all(3 <= one.between(3, 100, "lag") <= 100 for one in people)


def test_the_secrets_of_a_rehearsal_follow_from_its_seed_and_differ_by_purpose() -> None:
    made = {
        (seed, purpose): secret_bytes(seed, purpose) for seed in (1, 2, 12) for purpose in ("seed", "salt", "codes")
    }
    assert made == {key: secret_bytes(*key) for key in made}
    assert all(len(one) == 32 for one in made.values())
    assert not [pair for pair in combinations(made.values(), 2) if pair[0] == pair[1]]
