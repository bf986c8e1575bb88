"""A list that somebody outside the team made.

Rule. Allocation number n in a stratum (or over all, where the list has no strata) is the n-th entry of the list there,
with certainty: the chance lies in how the list was made, which the protocol says. Where the list holds no further entry
nobody is allocated.

Any number of arms, any ratio: what the list holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from trial.core.errors import RecruitmentClosed
from trial.core.randomization.draws import Draws
from trial.core.randomization.rule import Levels, State, stratum_name

# (stratum, number) to arm
Entries = Mapping[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class Listed:
    """State: how many entries of the stratum were `taken`. `entries` may hold only those that are needed next."""

    arms: tuple[str, ...]
    entries: Entries
    version: ClassVar[str] = "listed-1"

    def key(self, levels: Levels) -> str:
        """Each stratum, where there are any, has its part of the list."""
        return stratum_name(levels)

    def start(self) -> State:
        """Nothing is taken."""
        return {"taken": 0}

    def ready(self, state: State, draws: Draws) -> State:
        """Nothing to prepare."""
        return state

    def weights(self, state: State, levels: Levels) -> tuple[int, ...]:
        """Certainty for the arm of the next entry."""
        arm = self.entries.get((self.key(levels), state["taken"] + 1))
        if arm is None:
            raise RecruitmentClosed("The sealed list holds no further place for people of this stratum.")
        return tuple(int(one == arm) for one in self.arms)

    def after(self, state: State, levels: Levels, chosen: int) -> State:
        """One entry more is taken."""
        return {"taken": state["taken"] + 1}
