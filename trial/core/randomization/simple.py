"""Simple (complete) randomisation.

Rule. Every allocation gives arm k the chance ratio_k / sum(ratio), whatever came before. Strata change nothing in the
chances: with them each stratum has numbers and draws of its own.

Any number of arms, any ratio of whole numbers.

Simple randomisation: Lachin, Controlled Clinical Trials 1988;9:312-326 (abstract read: "complete randomization").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trial.core.randomization.draws import Draws
from trial.core.randomization.rule import Levels, State, stratum_name


@dataclass(frozen=True, slots=True)
class Simple:
    """State: nothing."""

    arms: tuple[str, ...]
    ratios: tuple[int, ...]
    version: ClassVar[str] = "simple-1"

    def key(self, levels: Levels) -> str:
        """Each stratum, where there are any."""
        return stratum_name(levels)

    def start(self) -> State:
        """Nothing is kept."""
        return {}

    def ready(self, state: State, draws: Draws) -> State:
        """Nothing to prepare."""
        return state

    def weights(self, state: State, levels: Levels) -> tuple[int, ...]:
        """The ratio."""
        return self.ratios

    def after(self, state: State, levels: Levels, chosen: int) -> State:
        """Nothing is kept."""
        return state
