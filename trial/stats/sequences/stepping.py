"""One allocation after the other, in all simulated trials side by side.

A stepper says the chances of the arms for place `at` of entry in each trial, and takes note of what was chosen. `seen`
is what somebody sees who knows every earlier allocation that the rule balances this person against: those of the
stratum, or for minimisation the sum over the person's levels.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from trial.core.randomization.biased_coin import BiasedCoin
from trial.core.randomization.big_stick import BigStick
from trial.core.randomization.blocks import PermutedBlocks
from trial.core.randomization.minimisation import Minimisation
from trial.core.randomization.rule import Rule
from trial.core.randomization.simple import Simple
from trial.core.randomization.urn import Urn
from trial.stats.arrays import FloatArray
from trial.stats.dice import Dice
from trial.stats.sequences.entry import Entry, IntArray
from trial.stats.sequences.minimising import Minimising
from trial.stats.sequences.short import total


class Stepper(Protocol):
    """A rule over arrays."""

    def chances(self, at: int) -> FloatArray:
        """(reps, arms), rows summing to 1."""

    def take(self, at: int, arm: IntArray) -> None:
        """These arms were allocated."""

    def seen(self, at: int) -> IntArray:
        """(reps, arms): the earlier allocations that the rule weighs this one against."""


class Counting:
    """What most rules keep: how many each arm had in each stratum of each trial. `strata` off: one for everybody."""

    def __init__(self, arms: int, entry: Entry, *, strata: bool) -> None:
        self.arms, self.reps = arms, entry.reps
        self.rows = entry.stratum if strata else np.zeros_like(entry.stratum)
        self.rows = self.rows * entry.reps + np.arange(entry.reps)
        self.had = np.zeros(((entry.strata if strata else 1) * entry.reps, arms), np.int64)

    def seen(self, at: int) -> IntArray:
        return np.asarray(self.had[self.rows[at]])

    def take(self, at: int, arm: IntArray) -> None:
        self.had[self.rows[at], arm] += 1

    def lead(self, at: int) -> IntArray:
        """How far the first of two arms is ahead."""
        had = self.had[self.rows[at]]
        return np.asarray(had[:, 0] - had[:, 1])


class Steady(Counting):
    """Simple randomisation."""

    def __init__(self, rule: Simple, entry: Entry, *, strata: bool) -> None:
        super().__init__(len(rule.arms), entry, strata=strata)
        share = np.array(rule.ratios) / sum(rule.ratios)
        self._all = np.tile(share, (entry.reps, 1))

    def chances(self, at: int) -> FloatArray:
        return self._all


class Blocks(Counting):
    """Permuted blocks: beside the counts, the places left in the open block."""

    def __init__(self, rule: PermutedBlocks, entry: Entry, dice: Dice, *, strata: bool) -> None:
        super().__init__(len(rule.arms), entry, strata=strata)
        self.left = np.zeros_like(self.had)
        parts = [size // sum(rule.ratios) for size in rule.sizes]
        self._new = np.array([[one * ratio for ratio in rule.ratios] for one in parts])
        self._dice = dice

    def chances(self, at: int) -> FloatArray:
        rows = self.rows[at]
        closed = rows[total(self.left[rows]) == 0]
        if len(closed):
            sizes = (self._dice.uniform(len(closed)) * len(self._new)).astype(int)
            self.left[closed] = self._new[sizes]
        left = self.left[rows]
        return np.asarray(left / total(left)[:, None])

    def take(self, at: int, arm: IntArray) -> None:
        super().take(at, arm)
        self.left[self.rows[at], arm] -= 1


class Coin(Counting):
    """Efron's biased coin, and the big stick: the chance of the first arm by its lead."""

    def __init__(self, rule: BiasedCoin | BigStick, entry: Entry, *, strata: bool) -> None:
        super().__init__(2, entry, strata=strata)
        if isinstance(rule, BiasedCoin):
            self._most, self._behind = 1, float(rule.probability)
        else:
            self._most, self._behind = rule.largest, 1.0

    def chances(self, at: int) -> FloatArray:
        lead = self.lead(at)
        first = np.where(lead <= -self._most, self._behind, np.where(lead >= self._most, 1 - self._behind, 0.5))
        return np.column_stack([first, 1 - first])


class UrnBalls(Counting):
    """Wei's urn."""

    def __init__(self, rule: Urn, entry: Entry, *, strata: bool) -> None:
        super().__init__(len(rule.arms), entry, strata=strata)
        self._begins, self._added = rule.begins, rule.added

    def chances(self, at: int) -> FloatArray:
        had = self.had[self.rows[at]]
        balls = self._begins + self._added * (total(had)[:, None] - had)
        balls[total(balls) == 0] = 1
        return np.asarray(balls / total(balls)[:, None])


def stepper(rule: Rule, entry: Entry, dice: Dice, *, strata: bool = True) -> Stepper:
    """The rule over arrays. Without `strata` it runs over all people as one. ValueError for a rule without a law."""
    if isinstance(rule, Simple):
        return Steady(rule, entry, strata=strata)
    if isinstance(rule, PermutedBlocks):
        return Blocks(rule, entry, dice, strata=strata)
    if isinstance(rule, BiasedCoin | BigStick):
        return Coin(rule, entry, strata=strata)
    if isinstance(rule, Urn):
        return UrnBalls(rule, entry, strata=strata)
    if isinstance(rule, Minimisation):
        return Minimising(rule, entry)
    raise ValueError(f"{rule.version} cannot be simulated: it does not say how its sequence comes about")


def chosen_by(uniform: FloatArray, chances: FloatArray) -> IntArray:
    """The arm that each number between 0 and 1 falls into."""
    arm = np.zeros(len(uniform), np.int64)
    edge = np.zeros(len(uniform))
    for place in range(chances.shape[1] - 1):
        edge = edge + chances[:, place]
        arm += uniform >= edge
    return arm
