"""The big stick design.

Rule. Let the lead be the allocations of the first arm less those of the second, within the stratum where there are
strata. While the lead is within the largest imbalance b (|lead| < b) both arms have the chance 1/2; at |lead| = b the
arm that is behind is certain.

Two arms in equal ratio: the rule was published for these. Other designs are refused; permuted blocks or the urn serve
several arms.

Soares and Wu, Communications in Statistics: Theory and Methods 1983;12:2017-2034 (the rule read in the documentation of
the R package randomizeR 3.0.2, `bsdPar`, not in the paper; the exact figures of the tests come from enumeration and
agree with the closed form for its limit).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trial.core.randomization.coins import TwoArms
from trial.core.randomization.rule import Levels, State


@dataclass(frozen=True, slots=True)
class BigStick(TwoArms):
    """State: the `lead` of the first arm."""

    arms: tuple[str, ...]
    largest: int
    version: ClassVar[str] = "big-stick-1"

    def weights(self, state: State, levels: Levels) -> tuple[int, ...]:
        """A fair coin, and certainty at the largest imbalance."""
        if abs(state["lead"]) < self.largest:
            return (1, 1)
        return (0, 1) if state["lead"] > 0 else (1, 0)
