"""Equivalence, looked at before its end: both one-sided tests have to reach the bound of one side, at one look.

Each margin is tested from its own side by the boundaries of a design with one side. On a margin equivalence is shown no
oftener than the test of that margin crosses, so the error stays at alpha or below whatever the other test does:
Schuirmann DJ (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680, for one look; Jennison C, Turnbull
BW (1993), Sequential equivalence testing and repeated confidence intervals, Biometrics 49, 31-43, for several. It is
the same to ask that the repeated interval at 1 - 2 alpha lies within the margins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.sequential.design import SequentialDesign
from trial.stats.sequential.final import at_least, error_by_p, normal_z
from trial.stats.sequential.passage import Underway, start

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_REACH = 9.0
_MOST_Z = 35.0
METHOD = "estimate as it is; repeated interval; p-value by stage-wise ordering of each one-sided test, the larger"


@dataclass(frozen=True, slots=True)
class Likeness:
    """An estimate at a look, held against both margins: `z` is the smaller of both, that of the nearer margin.

    `ci` is the repeated interval at 1 - 2 alpha, which lies within the margins just where `shown`; `p` is the larger of
    the two one-sided p-values by stage-wise ordering. `width` is twice the margin in standard errors, `place` the
    estimate in standard errors, both as the p-values have them.
    """

    z: float
    z_low: float
    z_high: float
    critical: float
    shown: bool
    estimate: float
    ci: tuple[float, float]
    p: float
    method: str = METHOD

    @property
    def width(self) -> float:
        return self.z_low + self.z_high

    @property
    def place(self) -> float:
        return (self.z_low - self.z_high) / 2


def likeness(design: SequentialDesign, look: int, estimate: float, se: float, df: float, margin: float) -> Likeness:
    """Hold an estimate with its error on `df` degrees of freedom, at look number `look` (from 1), against -+ `margin`.

    z_low and z_high are the normal z with the p of t_low = (estimate + margin) / se and t_high = (margin - estimate) /
    se; the trial shows equivalence where both reach the critical value c of the look. The interval is estimate -+ c
    times the error with which each z has its p. Each one-sided p is that of Tsiatis, Rosner and Mehta (1984) as if the
    trial had stopped where that test alone crossed; it stops later, so that the p is on the safe side.

    Raises AnalysisImpossible for an error that is not above zero, ValueError for a design with two sides, a look that
    it does not have, or a margin that is not above 0.
    """
    if design.sides != 1 or not 1 <= look <= design.looks:
        raise ValueError(f"equivalence needs a design with one side, and one of its looks 1 to {design.looks}")
    if not margin > 0:
        raise ValueError("a margin is above 0")
    if not (math.isfinite(estimate) and math.isfinite(se) and se > 0 and df > 0):
        raise AnalysisImpossible("A margin needs an estimate with an error and degrees of freedom above zero.")
    far_low, far_high = estimate + margin, margin - estimate
    z_low, z_high = (min(max(normal_z(far / se, df), -_MOST_Z), _MOST_Z) for far in (far_low, far_high))
    critical = design.critical[look - 1]
    # so far from a margin t is z
    low, high = (
        critical * (error_by_p(far, se, df) if abs(z) < _MOST_Z else se)
        for far, z in ((far_low, z_low), (far_high, z_high))
    )
    p = max(at_least(design, look, z, 0.0) for z in (z_low, z_high))
    z = min(z_low, z_high)
    return Likeness(z, z_low, z_high, critical, z >= critical, estimate, (estimate - low, estimate + high), p)


def ended_alike(
    design: SequentialDesign, margin: float, drift: float, *, after: int = 0, score: float = 0.0
) -> tuple[float, ...]:
    """The chance to show equivalence at each look after look number `after`, where the score stood at `score`.

    `margin` and `drift` (the true effect) are in standard errors of the last look: times sqrt(all planned information).
    At information I the score S is normal with mean drift * I and variance I, and both tests reach c where
    |S| <= margin * I - c * sqrt(I); whoever is outside goes on, by the recursion of `passage`.
    """
    at = start(score, design.information[after - 1]) if after else start()
    chances = []
    for look in range(after, design.looks):
        share = design.information[look]
        reach = max(margin * share - design.critical[look] * math.sqrt(share), 0.0)
        chances.append(max(at.below(share, reach, drift) - at.below(share, -reach, drift), 0.0))
        if look + 1 < design.looks:
            step = design.information[look + 1] - share
            below = at.within(share, -math.inf, -reach, drift, step)
            above = at.within(share, reach, math.inf, drift, step)
            mass, scores = np.concatenate([below.mass, above.mass]), np.concatenate([below.score, above.score])
            at = Underway(scores, mass, share, below.origin)
    return tuple(chances)


def expected_of(design: SequentialDesign, chances: tuple[float, ...]) -> float:
    """The mean share of the planned information that a trial has when it ends, with these chances to end by a look."""
    early = chances[:-1]
    return sum(map(math.prod, zip(early, design.information, strict=False))) + (1 - sum(early)) * design.information[-1]


@dataclass(frozen=True, slots=True)
class LikenessAhead:
    """The chance to show equivalence later, given this look: were there no difference (`alike`), were it the one seen
    (`trend`), were it on the margin (`margin`); `predictive` averages over what it may be, given the data alone."""

    alike: float
    trend: float
    margin: float
    predictive: float


def likeness_ahead(design: SequentialDesign, look: int, seen: Likeness) -> LikenessAhead:
    """Look ahead from look number `look`; `design` holds the looks made and those to come, as for `outlook`.

    Lan KKG, Simon R, Halperin M (1982), Sequential Analysis 1, 207-219, with the region of both tests; predictive power
    as Spiegelhalter DJ, Freedman LS, Blackburn PR (1986), Controlled Clinical Trials 7, 8-17, every effect alike
    beforehand. Raises ValueError for a look that is not followed by another.
    """
    if not 1 <= look < design.looks:
        raise ValueError(f"looking ahead needs a look from 1 to {design.looks - 1}, with another to come")
    share = design.information[look - 1]
    root = math.sqrt(share)
    margin, drift = seen.width / 2 / root, seen.place / root

    def later(true: float) -> float:
        return min(1.0, sum(ended_alike(design, margin, true, after=look, score=seen.place * root)))

    density = np.exp(-0.5 * (_REACH * _NODES) ** 2) * _REACH / math.sqrt(2 * math.pi) * _WEIGHTS
    predictive = float(density @ [later(drift + _REACH * float(node) / root) for node in _NODES])
    return LikenessAhead(later(0.0), later(drift), later(math.copysign(margin, drift)), predictive)
