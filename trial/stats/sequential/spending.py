"""How much of the type I error may be spent by the time a share of the information is there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy import special

SpendingName = Literal["obrien_fleming", "pocock", "hwang_shih_decani", "kim_demets"]
_PARAMETRIC = ("hwang_shih_decani", "kim_demets")


@dataclass(frozen=True, slots=True)
class Spending:
    """A spending function, with its parameter where it has one.

    Of an error `alpha`, when the share t of the information is there, has been spent

    - `obrien_fleming`: 2 (1 - Phi(z(1 - alpha/2) / sqrt(t))), and `pocock`: alpha log(1 + (e - 1) t): Lan KKG,
      DeMets DL (1983), Discrete sequential boundaries for clinical trials, Biometrika 70, 659-663;
    - `hwang_shih_decani`: alpha (1 - exp(-gamma t)) / (1 - exp(-gamma)), alpha t for gamma 0: Hwang IK, Shih WJ,
      De Cani JS (1990), Statistics in Medicine 9, 1439-1445;
    - `kim_demets`: alpha t^rho, rho above 0: Kim K, DeMets DL (1987), Biometrika 74, 149-154.

    A test with two sides spends half of its alpha on each by the same function. Raises ValueError for a parameter that
    the function does not take or cannot use.
    """

    name: SpendingName
    parameter: float | None = None

    def __post_init__(self) -> None:
        if (self.parameter is None) == (self.name in _PARAMETRIC):
            raise ValueError(f"{self.name} {'needs a' if self.parameter is None else 'has no'} parameter")
        if self.parameter is not None and not math.isfinite(self.parameter):
            raise ValueError("the parameter of a spending function is a finite number")
        if self.name == "kim_demets" and not (self.parameter or 0) > 0:
            raise ValueError("the parameter rho lies above 0")

    def spent(self, share: float, alpha: float) -> float:
        """What has been spent of `alpha` at a share of the information; all of it from 1 on."""
        if share >= 1:
            return alpha
        if share <= 0:
            return 0.0
        if self.name == "obrien_fleming":
            return 2 * float(special.ndtr(special.ndtri(alpha / 2) / math.sqrt(share)))
        if self.name == "pocock":
            return alpha * math.log1p((math.e - 1) * share)
        parameter = self.parameter or 0.0
        if self.name == "kim_demets":
            return float(alpha * share**parameter)
        if parameter == 0:
            return alpha * share
        return alpha * math.expm1(-parameter * share) / math.expm1(-parameter)
