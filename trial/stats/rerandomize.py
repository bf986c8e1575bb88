"""The design of a trial run again: the same people in the same order, other dice.

What is run is what ran: the rule of each configuration, within its strata, each epoch from its start. A running state
(one stratum in one epoch, or everybody in one epoch of minimisation) rests on nobody outside of it, so each is run as a
sequence of its own, in all new lists side by side (`trial.stats.sequences`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trial.core.errors import AnalysisImpossible
from trial.core.published_list import AllocatedPeople, AllocationRow
from trial.core.randomization.listed import Listed
from trial.core.randomization.published import factors_of, published_rule
from trial.core.randomization.rule import Rule
from trial.stats.dice import Dice
from trial.stats.sequences import chosen_by, given, stepper
from trial.stats.sequences.entry import IntArray

Arms = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class OwnSequence:
    """The people of one running state in their order: their places in the trial, their levels from 0.

    `arms` are the places of the rule's arms among those of the trial.
    """

    rule: Rule
    places: IntArray
    levels: tuple[tuple[int, ...], ...]
    sizes: tuple[int, ...]
    arms: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Mechanism:
    """How chance allocated the people of a trial, in their order; `allocated` (n,) is what it gave, as places of arms.

    `participants` are study codes.
    """

    arms: tuple[str, ...]
    participants: tuple[str, ...]
    allocated: Arms
    sequences: tuple[OwnSequence, ...]

    @property
    def n(self) -> int:
        return len(self.participants)


def mechanism(people: AllocatedPeople, arms: Sequence[str]) -> Mechanism:
    """Of a published list over these arms; AnalysisImpossible, in words, for one that chance cannot run again."""
    if not people.rows:
        raise AnalysisImpossible("Nobody was allocated.")
    groups: dict[tuple[str, int, str], list[int]] = {}
    for place, row in enumerate(people.rows):
        if row.rule_version.startswith("cluster"):
            raise AnalysisImpossible("Clusters were allocated, not people: this test takes people one by one.")
        groups.setdefault((row.stratum, row.epoch, row.configuration), []).append(place)
    known = {arm: place for place, arm in enumerate(arms)}
    made = [_sequence(people, key[2], places, known) for key, places in groups.items()]
    if missing := {row.arm for row in people.rows} - set(known):
        raise AnalysisImpossible(f"The list names the arm {min(missing)!r}, which the protocol has not.")
    codes = tuple(row.participant for row in people.rows)
    return Mechanism(tuple(arms), codes, np.array([known[row.arm] for row in people.rows], np.int8), tuple(made))


def _sequence(people: AllocatedPeople, configuration: str, places: list[int], known: Mapping[str, int]) -> OwnSequence:
    said = people.configurations.get(configuration)
    if said is None:
        raise AnalysisImpossible("The list names a rule that was not published with it.")
    if said.get("unit", "person") != "person":
        raise AnalysisImpossible("Clusters were allocated, not people: this test takes people one by one.")
    rule = published_rule(said)
    if isinstance(rule, Listed):
        raise AnalysisImpossible(
            "People were allocated by a list from outside. How that came about stands in no rule, so chance cannot "
            "be run again."
        )
    factors = factors_of(said)
    levels = tuple(_levels(people.rows[place], factors) for place in places)
    sizes = tuple(len(its) for _, its in factors)
    arms = np.array([known[arm] for arm in rule.arms], np.int64)
    return OwnSequence(rule, np.array(places, np.int64), levels, sizes, arms)


def _levels(row: AllocationRow, factors: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[int, ...]:
    said = json.loads(row.levels)
    return tuple(levels.index(said[factor]) for factor, levels in factors)


def rerandomized(how: Mechanism, reps: int, dice: Dice) -> Arms:
    """The arms of everybody in `reps` new lists, (n, reps)."""
    found = np.empty((how.n, reps), np.int8)
    for one in how.sequences:
        entry = given(one.levels, one.sizes, reps)
        steps = stepper(one.rule, entry, dice, strata=False)
        for at, place in enumerate(one.places):
            arm = chosen_by(dice.uniform(reps), steps.chances(at))
            steps.take(at, arm)
            found[place] = one.arms[arm]
    return found
