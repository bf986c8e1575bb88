"""How a score that gathers information walks past boundaries: the recursion behind every group sequential figure.

The score S after information I has S(I2) - S(I1) normal with mean drift * (I2 - I1) and variance I2 - I1, independently
of what went before; a look's z is S / sqrt(I). The density of those not yet stopped after one look is the density
after the look before, convolved with the next step and cut at the boundaries: Armitage P, McPherson CK, Rowe BC (1969),
Repeated significance tests on accumulating data, Journal of the Royal Statistical Society A 132, 235-244; Jennison C,
Turnbull BW (2000), Group sequential methods with applications to clinical trials, chapter 19. Each convolution is a
sum over Gauss-Legendre nodes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from trial.stats.arrays import FloatArray

# Standard deviations about the unstopped mean beyond which nothing is left (1e-19 of the mass).
_REACH = 9.0
# Sixteen nodes over a stretch of two standard deviations of the narrower kernel: nothing but rounding is lost.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True, slots=True, eq=False)
class Underway:
    """Trials not yet stopped: `mass` (m,) of them stands at `score` (m,), with `information` gathered so far.

    `origin` is the score and the information from which they set out together.
    """

    score: FloatArray
    mass: FloatArray
    information: float
    origin: tuple[float, float]

    def above(self, information: float, bound: float, drift: float) -> float:
        """The chance to be underway until now and above `bound` (a score) when `information` has been gathered."""
        return float(self.mass @ special.ndtr(self._distance(information, bound, drift)))

    def below(self, information: float, bound: float, drift: float) -> float:
        """The chance to be underway until now and below `bound` (a score) when `information` has been gathered."""
        return float(self.mass @ special.ndtr(-self._distance(information, bound, drift)))

    def _distance(self, information: float, bound: float, drift: float) -> FloatArray:
        step = information - self.information
        return np.asarray((self.score + drift * step - bound) / math.sqrt(step), dtype=np.float64)

    def within(self, information: float, low: float, high: float, drift: float, after: float) -> Underway:
        """Those still underway after a look: between `low` and `high` (scores) when `information` has been gathered.

        `after` is the information that will be added until the look after it.
        """
        step = information - self.information
        gone = information - self.origin[1]
        mean, reach = self.origin[0] + drift * gone, _REACH * math.sqrt(gone)
        score, weight = _nodes(max(low, mean - reach), min(high, mean + reach), math.sqrt(min(step, after)))
        apart = (score[:, None] - self.score[None, :] - drift * step) / math.sqrt(step)
        density = np.exp(-0.5 * apart * apart) @ self.mass / math.sqrt(2 * math.pi * step)
        return Underway(score, weight * density, information, self.origin)


def start(score: float = 0.0, information: float = 0.0) -> Underway:
    """Everybody at one score: at nothing before the trial, or where an interim analysis found them."""
    return Underway(np.array([score]), np.array([1.0]), information, (score, information))


def _nodes(low: float, high: float, stretch: float) -> tuple[FloatArray, FloatArray]:
    if high <= low:
        return np.empty(0), np.empty(0)
    pieces = math.ceil((high - low) / (2 * stretch))
    half = (high - low) / pieces / 2
    middles = low + half * (2 * np.arange(pieces) + 1)
    return (middles[:, None] + half * _NODES).ravel(), np.tile(half * _WEIGHTS, pieces)


@dataclass(frozen=True, slots=True)
class Crossing:
    """For each look, the chance to stop there for the first time above and below."""

    above: tuple[float, ...]
    below: tuple[float, ...]


def crossing(
    information: Sequence[float], low: Sequence[float], high: Sequence[float], drift: float, at: Underway
) -> Crossing:
    """The chances to leave the boundaries `low` and `high` (scores, one for each look) for the first time.

    `information` rises from look to look and lies beyond what those `at` the start have; the last look stops everybody
    who is beyond its boundaries, and who is between them has not been counted.
    """
    above, below = [], []
    underway = at
    for look, gathered in enumerate(information):
        above.append(underway.above(gathered, high[look], drift))
        below.append(underway.below(gathered, low[look], drift))
        if look + 1 < len(information):
            after = information[look + 1] - gathered
            underway = underway.within(gathered, low[look], high[look], drift, after)
    return Crossing(tuple(above), tuple(below))
