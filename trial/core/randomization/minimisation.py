"""Minimisation by Pocock and Simon, with their probability rules; for unequal ratios by Han, Enas and McEntegart.

Rule. For the person who comes, and for each arm k in turn, pretend that k was allocated. At the person's level of each
factor f count the allocations of every arm, each divided by the arm's ratio; d_f is how unequal these counts are
(range, variance, marginal balance or marginal sum: `imbalance.py`). The score of arm k is

    G_k = sum over f of w_f d_f  +  w_0 d_0,

w_f whole numbers (1 unless declared), d_0 the same over all people, w_0 its weight (0 unless declared). The arms of the
smallest score are the best. With one probability p a best arm is preferred and has the chance p; with a list of
probabilities the arm of rank k has the k-th (`preferring.py`). Ties are broken by chance within the same draw: their
chances are shared. The first n allocations may be by simple randomisation; they are counted like all others.

Any number of arms; any ratio with one p, equal ratio alone with a list.

Pocock and Simon, Biometrics 1975;31:103-115 (the rules G, range, variance, p as cited in our reference notes; the
paper's own numeric table was not obtained). Checked against Table 4 of Lim and In, Korean Journal of Anesthesiology
2019;72:221-232. Unequal ratio: Han, Enas and McEntegart, Statistics in Medicine 2009;28:3329-3346 (formula read in the
documentation of the program smallerize, not in the paper).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, ClassVar

from trial.core.randomization.draws import Draws
from trial.core.randomization.imbalance import MEASURES
from trial.core.randomization.preferring import favouring, ranked, ranks_of
from trial.core.randomization.rule import ALL, Levels, State


@dataclass(frozen=True, slots=True)
class MinimisedFactor:
    """A factor, its levels and its weight."""

    id: str
    levels: tuple[str, ...]
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Minimisation:
    """State: how many each arm `had`, over all and at each level of each factor, in the order of the arms."""

    arms: tuple[str, ...]
    ratios: tuple[int, ...]
    factors: tuple[MinimisedFactor, ...]
    imbalance: str
    probabilities: tuple[Fraction, ...]
    overall_weight: int = 0
    first_simple: int = 0
    version: ClassVar[str] = "minimisation-1"

    def key(self, levels: Levels) -> str:
        """One state for everybody."""
        return ALL

    def start(self) -> State:
        """Nobody was allocated."""
        none = [0] * len(self.arms)
        return {"had": none, "at": {one.id: {level: list(none) for level in one.levels} for one in self.factors}}

    def ready(self, state: State, draws: Draws) -> State:
        """Nothing to prepare."""
        return state

    def weights(self, state: State, levels: Levels) -> tuple[int, ...]:
        """The ratio at first, then by the scores."""
        if sum(state["had"]) < self.first_simple:
            return self.ratios
        scores = self.scores(state, levels)
        if len(self.probabilities) > 1:
            return ranked(self.probabilities, ranks_of(scores))
        smallest = min(scores)
        best = tuple(place for place, score in enumerate(scores) if score == smallest)
        return favouring(self.ratios, self.probabilities[0], best)

    def scores(self, state: State, levels: Levels) -> list[Fraction | int]:
        """G of each arm. Its unit is immaterial: counts are scaled so that each over its ratio is whole."""
        scale = lcm(*self.ratios)
        steps = [scale // ratio for ratio in self.ratios]
        margins = [(one.weight, state["at"][one.id][levels[one.id]]) for one in self.factors]
        margins.append((self.overall_weight, state["had"]))
        scaled = [(weight, [had * step for had, step in zip(row, steps, strict=True)]) for weight, row in margins]
        measure = MEASURES[self.imbalance]
        return [
            sum(weight * measure(_one_more(row, arm, step), arm) for weight, row in scaled if weight)
            for arm, step in enumerate(steps)
        ]

    def after(self, state: State, levels: Levels, chosen: int) -> State:
        """One more for the arm, over all and at the person's level of each factor."""
        at: dict[str, Mapping[str, Any]] = dict(state["at"])
        for one in self.factors:
            level = levels[one.id]
            at[one.id] = {**at[one.id], level: _one_more(at[one.id][level], chosen, 1)}
        return {"had": _one_more(state["had"], chosen, 1), "at": at}


def _one_more(row: list[int], place: int, step: int) -> list[int]:
    return [*row[:place], row[place] + step, *row[place + 1 :]]
