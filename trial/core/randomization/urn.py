"""Wei's urn.

Rule UD(a, b). An urn begins with a balls for each arm. A ball is drawn, its arm is allocated, the ball goes back, and
b balls of every other arm are added. After i allocations of which arm k had n_k, arm k holds a + b (i - n_k) balls, and
that is its weight. With a = 0 nothing is in the urn at first: the first allocation is by equal chance.

Any number of arms in equal ratio: the rule was published for these. Other ratios are refused.

Wei, Journal of the American Statistical Association 1977;72:382-386 (the rule for two arms read in the documentation of
the R package randomizeR 3.0.2, `udPar`, that for more arms in the one of MESS, `rud`; not in the paper). The exact
figures of the tests come from enumeration and agree with the closed form for its limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trial.core.randomization.draws import Draws
from trial.core.randomization.rule import Levels, State, stratum_name


@dataclass(frozen=True, slots=True)
class Urn:
    """State: how many each arm `had`, in the order of the arms."""

    arms: tuple[str, ...]
    begins: int
    added: int
    version: ClassVar[str] = "urn-1"

    def key(self, levels: Levels) -> str:
        """Each stratum, where there are any, has its urn."""
        return stratum_name(levels)

    def start(self) -> State:
        """Nobody was allocated."""
        return {"had": [0] * len(self.arms)}

    def ready(self, state: State, draws: Draws) -> State:
        """Nothing to prepare."""
        return state

    def weights(self, state: State, levels: Levels) -> tuple[int, ...]:
        """The balls of each arm."""
        total = sum(state["had"])
        balls = tuple(self.begins + self.added * (total - had) for had in state["had"])
        return balls if any(balls) else (1,) * len(balls)

    def after(self, state: State, levels: Levels, chosen: int) -> State:
        """One more for the arm allocated."""
        return {"had": [had + (place == chosen) for place, had in enumerate(state["had"])]}
