"""The randomisation test against exact enumeration, against the core's own rules run slowly, and against `ancova`."""

from __future__ import annotations

import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.core.protocols import changed
from tests.core.published import people_of, published, recorded
from tests.core.test_verify_allocation import METHODS, UNEQUAL
from tests.stats.lists import Said, by_the_core, every_list, listed, minimising, said
from trial.core.errors import AnalysisImpossible
from trial.core.published_list import LIST, SEAL, AllocatedPeople, read_published
from trial.core.randomization import configuration, rule_of
from trial.core.randomization.published import published_rule
from trial.stats.ancova import ancova
from trial.stats.arrays import FloatArray
from trial.stats.dice import Dice
from trial.stats.randomization_test import judged, randomization_test, sizes
from trial.stats.rerandomize import Mechanism, mechanism, rerandomized
from trial.stats.rerandomized_statistics import Comparison, comparison, statistics

TWO = ("a", "b")
STRATA = (("site", ("north", "south")),)
SMALL: dict[str, Said] = {
    "one block of eight": said(block_sizes=[8]),
    "blocks of four": said(block_sizes=[4]),
    "blocks of two in strata": said(strata=STRATA, block_sizes=[2]),
    "blocks of six in the ratio 1 : 2": said(ratios=(1, 2), block_sizes=[6]),
    "simple": said(method="simple"),
    "simple in the ratio 3 : 1": said(ratios=(3, 1), method="simple"),
    "big stick of 2": said(method="big_stick", largest_imbalance=2),
    "big stick of 1 in strata": said(strata=STRATA, method="big_stick", largest_imbalance=1),
    "biased coin": said(method="biased_coin", probability=["2/3"]),
    "urn that is empty at first": said(method="urn", urn=[0, 1]),
    "urn with two balls of each": said(method="urn", urn=[2, 3]),
    "minimisation": minimising(),
    "minimisation with certainty": minimising(probability=["1"], imbalance="variance"),
}
OUTCOME = np.array([3.1, 0.4, 1.7, 5.2, 2.2, 4.6, 6.9, 3.8])


def bare(n: int, outcome: FloatArray, arms: int = 2) -> Comparison:
    """Everybody analysed, without covariates."""
    return comparison(np.arange(n), outcome[:n], np.zeros((n, 0)), arms, (0, 1), "HC3")


def exactly(config: Said, n: int, one: Comparison, arms: tuple[int, ...], part: int) -> Fraction:
    """The p-value over every list that the rule can give; `part` 0 is the studentised statistic, 1 the plain one."""
    lists = list(every_list(config, n))
    assert sum(chance for _, chance in lists) == 1
    values = statistics(one, np.array([arms, *(each for each, _ in lists)], np.int8).T)[part]
    extreme = np.abs(values[1:]) >= abs(values[0]) * (1 - 1e-9)
    return sum((chance for (_, chance), counts in zip(lists, extreme, strict=True) if counts), Fraction(0))


def test_the_eight_of_the_textbook_in_one_block_have_the_p_of_four_in_seventy() -> None:
    outcome = np.array([3, 5, 6, 7, 0, 1, 2, 4], float)
    config, real = said(block_sizes=[8]), (0, 0, 0, 0, 1, 1, 1, 1)
    one = bare(8, outcome)
    assert exactly(config, 8, one, real, 0) == exactly(config, 8, one, real, 1) == Fraction(4, 70)
    assert round(4 / 70, 8) == 0.05714286
    (found,) = randomization_test(mechanism(listed([(config, 8)], "aaaabbbb"), TWO), [one], "textbook", 20_000)
    for judgement in (found.studentised, found.difference):
        assert abs(judgement.p - 4 / 70) < 4 * judgement.error
        assert judgement.interval[0] < 4 / 70 < judgement.interval[1]
    assert found.distinct == 70 and found.effective is not None and abs(found.effective - 70) < 1
    assert abs(found.same / found.reps - 1 / 70) < 0.004 and found.undefined == 0


@pytest.mark.parametrize("name", SMALL)
def test_new_lists_come_with_the_chances_that_the_rule_gives_them(name: str) -> None:
    config, n, reps = SMALL[name], 6, 30_000
    lists = dict(every_list(config, n))
    found = rerandomized(mechanism(listed([(config, n)]), TWO), reps, Dice("lists", name))
    counts = Counter(map(tuple, found.T.tolist()))
    assert set(counts) <= set(lists)
    for each, chance in lists.items():
        share = float(chance)
        assert abs(counts[each] / reps - share) < 5 * math.sqrt(share * (1 - share) / reps), each


@pytest.mark.parametrize("name", SMALL)
def test_the_p_value_is_that_of_all_lists_within_its_monte_carlo_error(name: str) -> None:
    config, n = SMALL[name], 8
    one = bare(n, OUTCOME)
    balanced = [each for each in every_list(config, n) if 3 <= sum(each[0]) <= 6]
    real = max(balanced, key=lambda each: (each[1], each[0][::-1]))[0]
    letters = "".join(TWO[arm] for arm in real)
    (found,) = randomization_test(mechanism(listed([(config, n)], letters), TWO), [one], name, 10_000)
    for part, judgement in enumerate((found.studentised, found.difference)):
        exact = float(exactly(config, n, one, real, part))
        assert abs(judgement.p - exact) <= 4 * math.sqrt(max(exact * (1 - exact), 1e-4) / found.reps) + 1e-4
    if name == "one block of eight":
        assert found.undefined == 0
    if name == "simple":
        # everybody in one arm: no difference, and such a list counts against the finding
        expected = found.reps * 2 / 2**n
        assert abs(found.undefined - expected) < 4 * math.sqrt(expected) + found.reps * 16 / 2**n


RANKS = ["3/5", "3/10", "1/10"]
LARGER: dict[str, tuple[tuple[str, ...], list[tuple[Said, int]]]] = {
    "minimisation of three arms, 1 : 1 : 2": (
        ("a", "b", "c"),
        [(minimising(("a", "b", "c"), (1, 1, 2), imbalance="variance"), 20)],
    ),
    "by ranks, the first five simple, all weighed": (
        ("a", "b", "c"),
        [(minimising(("a", "b", "c"), (1, 1, 1), probability=RANKS, first_simple=5, overall_weight=2), 20)],
    ),
    "blocks of random size in strata": (TWO, [(said(strata=STRATA, block_sizes=[2, 4, 6]), 24)]),
    "an amendment from blocks to minimisation that closes an arm": (
        ("a", "b", "c"),
        [(said(("a", "b", "c"), (1, 1, 1), STRATA, block_sizes=[3, 6]), 12), (minimising(), 10)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGER)
def test_larger_trials_and_amended_ones_get_the_lists_that_the_allocating_code_gives(name: str) -> None:
    arms, epochs = LARGER[name]
    reps, slow = 20_000, 700
    fast = rerandomized(mechanism(listed(epochs), arms), reps, Dice("large", name))
    core = by_the_core(epochs, slow)
    n = len(core)
    outcome = np.sin(np.arange(n) * 1.7) + np.arange(n) / n
    one = comparison(np.arange(n), outcome, np.cos(np.arange(n) * 2.3)[:, None], len(arms), (0, 1), "HC3")
    found, expected = (np.abs(statistics(one, each)[0]) for each in (fast, core))
    for edge in np.quantile(found, (0.1, 0.5, 0.8, 0.95)):
        share = float((found <= edge).mean())
        assert abs(float((expected <= edge).mean()) - share) < 4 * math.sqrt(share * (1 - share) / slow)
    for place in range(n):
        for arm in range(len(arms)):
            share = float((fast[place] == arm).mean())
            assert abs(float((core[place] == arm).mean()) - share) < 4.5 * math.sqrt(share * (1 - share) / slow) + 1e-9


@pytest.mark.parametrize("covariance", ["HC3", "HC2"])
def test_the_statistic_of_each_list_is_the_t_of_the_planned_analysis(covariance: Any) -> None:
    config = said(("a", "b", "c"), (1, 1, 1), STRATA, block_sizes=[3])
    how = mechanism(listed([(config, 40)]), ("a", "b", "c"))
    lists = rerandomized(how, 25, Dice("t"))
    chance = np.random.default_rng(5)
    seen = np.flatnonzero(chance.random(40) < 0.8)
    covariates = np.column_stack([chance.normal(size=len(seen)) * 30 + 1000, seen % 2, np.ones(len(seen))])
    outcome = chance.normal(size=len(seen)) * 5 + 900
    one = comparison(seen, outcome, covariates, 3, (2, 0), covariance)
    t, plain = statistics(one, lists)
    for rep in range(lists.shape[1]):
        arms = ["abc"[arm] for arm in lists[seen, rep]]
        expected = ancova(outcome, arms, covariates, ("c", "a"), covariance=covariance)
        assert t[rep] == pytest.approx(expected.t, rel=1e-9)
        of = {arm: outcome[[each == arm for each in arms]].mean() for arm in "ac"}
        assert plain[rep] == pytest.approx(of["c"] - of["a"], rel=1e-9)


def test_a_list_that_leaves_the_difference_without_estimate_or_error_is_as_extreme_as_can_be() -> None:
    site = np.array([0.0, 0, 0, 1, 1, 1])
    one = comparison(np.arange(6), OUTCOME[:6], site[:, None], 3, (0, 1), "HC3")
    lists = {
        "nobody in the arm": [1, 1, 2, 2, 1, 2],
        "nobody in the reference": [0, 0, 2, 0, 2, 2],
        "told apart by the covariate alone": [0, 0, 0, 1, 1, 1],
        "one alone in the arm": [0, 1, 1, 1, 1, 1],
    }
    assert np.isinf(statistics(one, np.array(list(lists.values()), np.int8).T)[0]).all()
    # who is alone in a third arm is of no matter, and neither is a third arm with nobody
    assert np.isfinite(statistics(one, np.array([[0, 1, 0, 1, 0, 2], [0, 1, 0, 1, 0, 1]], np.int8).T)[0]).all()
    assert np.isfinite(statistics(one, np.array([[0, 1, 2, 1, 0, 2]], np.int8).T)[0]).all()


def test_any_number_of_workers_gives_the_same_figures_and_another_seed_gives_others() -> None:
    how = mechanism(listed([(said(block_sizes=[4]), 40)], "abba" * 10), TWO)
    one = bare(40, np.sin(np.arange(40.0)))
    alone = randomization_test(how, [one], "s", 2500)
    with ThreadPoolExecutor(3) as pool:
        together = randomization_test(how, [one], "s", 2500, over=pool.map)
    assert alone == together and alone[0].reps == sum(size for _, size in sizes(40, 2500)) == 2500
    assert randomization_test(how, [one], "other", 2500)[0].studentised != alone[0].studentised


def test_several_comparisons_are_judged_by_the_same_lists_each_as_if_it_were_alone() -> None:
    how = mechanism(listed([(said(block_sizes=[4]), 16)], "abba" * 4), TWO)
    one, other = bare(16, np.sin(np.arange(16.0))), bare(16, np.cos(np.arange(16.0) ** 2))
    assert randomization_test(how, [one, other], "s", 500)[1] == randomization_test(how, [other], "s", 500)[0]


def test_real_people_without_a_statistic_are_refused() -> None:
    how = mechanism(listed([(said(block_sizes=[4]), 8)]), TWO)
    with pytest.raises(AnalysisImpossible, match="without an estimate"):
        randomization_test(how, [bare(8, OUTCOME)], "s", 100)


def test_p_is_never_zero_and_its_interval_is_clopper_and_pearsons() -> None:
    none, all_of_them = judged(np.zeros(999), 1.0), judged(np.full(999, 2.0), 1.0)
    assert none.p == 1 / 1000 and none.interval == (0.0, pytest.approx(1 - 0.025 ** (1 / 999)))
    assert all_of_them.p == 1 and all_of_them.interval == (pytest.approx(0.025 ** (1 / 999)), 1.0)
    some = judged(np.array([-3.0] * 5 + [0.0] * 95), 3.0)
    assert some.extreme == 5 and some.p == 6 / 101
    assert some.interval == (pytest.approx(0.016431879), pytest.approx(0.112834996))  # R: binom.test(5, 100)


def altered(config: Said, **row: Any) -> AllocatedPeople:
    people = listed([(config, 4)])
    return AllocatedPeople(tuple(replace(one, **row) for one in people.rows), people.configurations)


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (listed([(said(method="listed"), 4)]), "list from outside"),
        (altered(said(block_sizes=[2]), rule_version="cluster-1"), "Clusters were allocated"),
        (altered(said(block_sizes=[2]), arm="z"), "'z'"),
        (altered(said(block_sizes=[2]), configuration="gone"), "not published"),
        (AllocatedPeople((), {}), "Nobody"),
    ],
)
def test_what_chance_cannot_run_again_is_refused_in_words(people: AllocatedPeople, words: str) -> None:
    with pytest.raises(AnalysisImpossible, match=words):
        mechanism(people, TWO)


@pytest.mark.parametrize("allocation", [*METHODS.values(), *UNEQUAL])
def test_the_rule_read_from_a_published_configuration_is_that_of_the_protocol(allocation: dict[str, Any]) -> None:
    protocol = changed(allocation=allocation)
    assert published_rule(configuration(protocol)) == rule_of(protocol)


def test_a_published_list_over_two_amendments_is_run_again_epoch_by_epoch() -> None:
    first, second = changed(allocation=METHODS["permuted blocks"]), changed(allocation=METHODS["minimisation"])
    people = [(protocol, levels) for protocol in (first, second, first) for levels in people_of(protocol, 20)]
    rows, kept = recorded(people)
    files = published([first, second], rows, kept)
    how = mechanism(read_published(files[LIST], files[SEAL]), [arm.id for arm in first.arms])
    assert [how.arms[arm] for arm in how.allocated] == [row.arm for row in rows]
    assert how.participants == tuple(row.participant for row in rows)
    assert sorted(place for one in how.sequences for place in one.places) == list(range(60))
    lists = rerandomized(how, 3000, Dice("amended"))
    for one in how.sequences:
        keys = {
            (rows[place].stratum, rows[place].record["epoch"], rows[place].record["configuration"])
            for place in one.places
        }
        assert len(keys) == 1
        if one.rule.version == "permuted-blocks-1":
            # two arms, blocks of 2 or 4: never more than two apart, also where a state went on after the amendment
            apart = np.cumsum(np.where(lists[one.places] == 0, 1, -1), axis=0)
            assert np.abs(apart).max() <= 2


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="cards"):
        published_rule(said(method="cards"))


def test_it_holds_its_level_in_a_small_trial_with_a_drift_where_the_t_test_does_not() -> None:
    # the long run is bench/retest.py; here 300 trials of 16 people in pairs
    config, n, trials = said(block_sizes=[2]), 16, 300
    how = mechanism(listed([(config, n)]), TWO)
    chance = np.random.default_rng(9)
    held, t_rejects = 0, 0
    for trial in range(trials):
        real = rerandomized(how, 1, Dice("real", str(trial)))[:, 0]
        outcome = chance.normal(size=n) * 0.5 + 3 * np.arange(n) / n
        its = Mechanism(how.arms, how.participants, real, how.sequences)
        held += randomization_test(its, [bare(n, outcome)], str(trial), 199)[0].studentised.p <= 0.05
        t_rejects += ancova(outcome, [TWO[arm] for arm in real], np.zeros((n, 0)), TWO).p <= 0.05
    error = math.sqrt(0.05 * 0.95 / trials)
    assert abs(held / trials - 0.05) < 3 * error
    assert t_rejects / trials < 0.01
