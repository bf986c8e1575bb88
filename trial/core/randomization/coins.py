"""What Efron's biased coin and the big stick share: two arms in equal ratio, and by how many the first is ahead."""

from __future__ import annotations

from trial.core.randomization.draws import Draws
from trial.core.randomization.rule import Levels, State, stratum_name


class TwoArms:
    """State: the `lead`, allocations of the first arm less those of the second."""

    __slots__ = ()

    def key(self, levels: Levels) -> str:
        """Each stratum, where there are any."""
        return stratum_name(levels)

    def start(self) -> State:
        """Neither is ahead."""
        return {"lead": 0}

    def ready(self, state: State, draws: Draws) -> State:
        """Nothing to prepare."""
        return state

    def after(self, state: State, levels: Levels, chosen: int) -> State:
        """One more for the first arm, or for the second."""
        return {"lead": state["lead"] + (1 if chosen == 0 else -1)}
