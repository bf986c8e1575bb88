"""Published lists of small trials for the randomisation test, and every list that the core's own rule can give."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from trial.core.dataset import write_rows
from trial.core.published_list import LIST, SEAL, AllocatedPeople, AllocationRow
from trial.core.randomization import STAGE, Draws, allocate
from trial.core.randomization.published import factors_of, published_rule
from trial.core.randomization.rule import State
from trial.stats.rerandomize import Arms

Said = Mapping[str, Any]
Levels = Mapping[str, str]


def said(arms: Sequence[str] = ("a", "b"), ratios: Sequence[int] = (1, 1), strata: Any = (), **more: Any) -> Said:
    """A configuration as it is published."""
    factors = [[factor, [[level, None] for level in levels]] for factor, levels in strata]
    pairs = [[arm, ratio] for arm, ratio in zip(arms, ratios, strict=True)]
    return {"arms": pairs, "protocol": "small", "strata": factors, **more}


def minimising(arms: Sequence[str] = ("a", "b"), ratios: Sequence[int] = (1, 1), **more: Any) -> Said:
    """Minimisation over two factors."""
    strata = (("sex", ("f", "m")), ("age", ("young", "old")))
    its = {"method": "minimisation", "imbalance": "range", "probability": ["4/5"], "weights": [["sex", 1], ["age", 1]]}
    return said(arms, ratios, strata, **(its | {"overall_weight": 0, "first_simple": 0} | more))


def somebody(config: Said, number: int) -> dict[str, str]:
    """The levels of one person, in an order that leaves no factor like another."""
    return {
        factor: levels[(number * number + number // 3 + 2 * place) % len(levels)]
        for place, (factor, levels) in enumerate(factors_of(config))
    }


def listed(epochs: Sequence[tuple[Said, int]], arms: str = "") -> AllocatedPeople:
    """People who came in under one configuration after the other, so many under each; their `arms` as letters.

    Without `arms` everybody is in the first: nothing but the observed statistic rests on it.
    """
    rows: list[AllocationRow] = []
    for epoch, (config, count) in enumerate(epochs, 1):
        rule = published_rule(config)
        for _ in range(count):
            place = len(rows)
            levels = somebody(config, place)
            arm = arms[place] if arms else rule.arms[0]
            key = rule.key(levels)
            row = AllocationRow(
                STAGE, place + 1, f"P{place:03}", rule.version, str(epoch), epoch, key, 0, json.dumps(levels),
                "", "", "", arm,
            )  # fmt: skip
            rows.append(row)
    return AllocatedPeople(tuple(rows), {str(epoch): config for epoch, (config, _) in enumerate(epochs, 1)})


def every_list(config: Said, count: int) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """Each list of arms that the core's rule can give these people, with its exact chance. Blocks of one size only."""
    rule = published_rule(config)
    draws = Draws(b"unused", "small", STAGE, "")

    def go(place: int, states: Mapping[str, State], so_far: tuple[int, ...], chance: Fraction) -> Iterator[Any]:
        if place == count:
            yield so_far, chance
            return
        levels = somebody(config, place)
        key = rule.key(levels)
        state = rule.ready(states.get(key, rule.start()), draws)
        weights = rule.weights(state, levels)
        for arm, weight in enumerate(weights):
            if weight:
                after = {**states, key: rule.after(state, levels, arm)}
                yield from go(place + 1, after, (*so_far, arm), chance * Fraction(weight, sum(weights)))

    yield from go(0, {}, (), Fraction(1))


def by_the_core(epochs: Sequence[tuple[Said, int]], reps: int) -> Arms:
    """New lists one person after the other by the code that allocates in a trial, each by a seed of its own."""
    rules = [(published_rule(config), config, count) for config, count in epochs]
    names = list(dict.fromkeys(arm for rule, _, _ in rules for arm in rule.arms))
    found = np.empty((sum(count for _, _, count in rules), reps), np.int8)
    for rep in range(reps):
        seed, place = rep.to_bytes(32, "big"), 0
        for epoch, (rule, config, count) in enumerate(rules, 1):
            kept: dict[str, tuple[int, State]] = {}
            for _ in range(count):
                levels = somebody(config, place)
                number, state = kept.get(rule.key(levels), (0, rule.start()))
                one = allocate(rule, seed, "small", STAGE, levels, number + 1, state, epoch)
                kept[one.stratum] = (one.number, one.next_state)
                found[place, rep] = names.index(one.arm)
                place += 1
    return found


def as_published(people: AllocatedPeople) -> dict[str, str]:
    """The two files of a frozen folder, without what only a replay needs."""
    seal = {"configurations": [{"digest": each, "configuration": one} for each, one in people.configurations.items()]}
    return {LIST: write_rows(people.rows, AllocationRow), SEAL: json.dumps(seal)}
