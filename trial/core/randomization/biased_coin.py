"""Efron's biased coin.

Rule. Let the lead be the allocations of the first arm less those of the second, within the stratum where there are
strata. With a lead of 0 both arms have the chance 1/2; otherwise the arm that is behind has the chance p, the other
1 - p. Efron proposed p = 2/3.

Two arms in equal ratio: the rule was published for these. Other designs are refused; the nearest rule for them is
minimisation, or the urn for several arms.

Efron, Biometrika 1971;58:403-417 (the rule read in the documentation of the R package randomizeR 3.0.2, `ebcPar`, not
in the paper). Checked by enumeration, by the closed forms for its limit, and against Table III of Pharmaceutical
Statistics 2012;11:39-48 (doi 10.1002/pst.493).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from trial.core.randomization.coins import TwoArms
from trial.core.randomization.rule import Levels, State


@dataclass(frozen=True, slots=True)
class BiasedCoin(TwoArms):
    """State: the `lead` of the first arm."""

    arms: tuple[str, ...]
    probability: Fraction
    version: ClassVar[str] = "biased-coin-1"

    def weights(self, state: State, levels: Levels) -> tuple[int, ...]:
        """A fair coin in balance, else p for the arm behind."""
        if state["lead"] == 0:
            return (1, 1)
        behind = self.probability.numerator
        ahead = self.probability.denominator - behind
        return (behind, ahead) if state["lead"] < 0 else (ahead, behind)
