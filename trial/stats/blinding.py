"""What participants guess of their own allocation: Bang's index, arm by arm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy import optimize, special

from trial.core.errors import AnalysisImpossible

BlindingInterval = Literal["score", "Wald"]
_ROOT = 1e-14


@dataclass(frozen=True, slots=True)
class BlindingIndex:
    """Right guesses less wrong ones, as a share of everyone asked in one arm.

    0 is what chance gives, 1 that all guess right, -1 that all guess wrong. It tells what was guessed, never why: who
    feels better may guess the exercises because they helped. `n` is right, wrong and those who said they do not know.
    """

    arm: str
    estimate: float
    ci: tuple[float, float]
    level: float
    interval: BlindingInterval
    right: int
    wrong: int
    unsure: int

    @property
    def n(self) -> int:
        return self.right + self.wrong + self.unsure


def blinding_index(
    arm: str,
    right: int,
    wrong: int,
    unsure: int,
    *,
    level: float = 0.95,
    interval: BlindingInterval = "score",
) -> BlindingIndex:
    """The index (right - wrong) / n of the people of one arm who were asked, n = right + wrong + unsure.

    Bang H, Ni L, Davis CE (2004), Assessment of blinding in clinical trials, Controlled Clinical Trials 25, 143-156.
    "Wald" is estimate -+ z sqrt((p + q - (p - q)^2) / n), p and q the shares of right and wrong. "score" keeps every
    difference d of two shares of one multinomial that a score test at 1 - level keeps, z(d) = (right - wrong - n d) /
    sqrt(n (2 q~ + d (1 - d))), q~ the share of wrong of greatest likelihood given d: Tango T (1998), Equivalence test
    and confidence interval for the difference in proportions for the paired-sample design, Statistics in Medicine 17,
    891-908, where right and wrong stand for the two kinds of discordant pairs. It stays within -1 and 1, and has an
    answer where everybody guesses alike.

    Raises AnalysisImpossible when nobody answered, and for "Wald" when all answers are alike: the error would be 0.
    """
    if min(right, wrong, unsure) < 0 or not 0 < level < 1:
        raise ValueError("counts are at least 0, a confidence level lies between 0 and 1")
    n = right + wrong + unsure
    if n == 0:
        raise AnalysisImpossible(f"Nobody of arm {arm!r} was asked for a guess.")
    estimate, z = (right - wrong) / n, float(special.ndtri((1 + level) / 2))
    if interval == "Wald":
        spread = right + wrong - (right - wrong) ** 2 / n
        if spread <= 0:
            raise AnalysisImpossible(f"All guesses of arm {arm!r} are alike: take the score interval.")
        half = z * math.sqrt(spread) / n
        return BlindingIndex(arm, estimate, (estimate - half, estimate + half), level, interval, right, wrong, unsure)

    def end(side: float) -> float:
        """Where the score test of a smaller (side 1) or larger (-1) difference just rejects."""
        if estimate == -side:
            return -side

        def beyond(d: float) -> float:
            return side * _score(right, wrong, n, d) - z

        # at d = -side the error is 0 and the score without end
        return float(optimize.brentq(beyond, -side * (1 - _ROOT), estimate, xtol=_ROOT, rtol=1e-15, maxiter=300))

    return BlindingIndex(arm, estimate, (end(1.0), end(-1.0)), level, interval, right, wrong, unsure)


def _score(right: int, wrong: int, n: int, d: float) -> float:
    b = (2 * n - right + wrong) * d - right - wrong
    c = -wrong * d * (1 - d)
    share = (math.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
    variance = n * (2 * share + d * (1 - d))
    distance = right - wrong - n * d
    if abs(distance) < 1e-12 * n:
        return 0.0
    return distance / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, distance)
