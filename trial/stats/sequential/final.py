"""What a trial with interim looks says at its end: an estimate, an interval and a p-value that know of the looks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import optimize, special

from trial.core.errors import AnalysisImpossible
from trial.stats.sequential.design import SequentialDesign
from trial.stats.sequential.passage import crossing, start

_MOST_Z = 35.0
METHOD = "median-unbiased estimate, interval and p-value by stage-wise ordering"


@dataclass(frozen=True, slots=True)
class FinalEstimate:
    """The estimate after a trial stopped at look number `look`, beside the one that ignores the looks.

    `estimate`, `ci` and `p` (of as many sides as the design has) are those of the stage-wise ordering; `unadjusted` is
    the estimate as it came and `unadjusted_ci` its interval by z. `repeated_ci` is valid at this look whatever the
    reason to stop was, at 1 - alpha of the design (1 - 2 alpha with one side); it has infinite ends at a look that
    could not stop.
    """

    look: int
    estimate: float
    ci: tuple[float, float]
    level: float
    p: float
    unadjusted: float
    unadjusted_ci: tuple[float, float]
    repeated_ci: tuple[float, float]
    method: str = METHOD


def final_estimate(
    design: SequentialDesign, look: int, estimate: float, se: float, level: float = 0.95
) -> FinalEstimate:
    """Estimate the effect from the look at which the trial stopped.

    Outcomes are ordered by the look at which a trial stopped: crossing above earlier is more than crossing above later,
    which is more than any z at the last look, and so on down. P(theta) is the chance, at effect theta, of an outcome at
    least as high as the one seen: sum over earlier looks of the chance to stop above, plus the chance to come to this
    look and to see at least this z. The estimate solves P = 1/2, the interval's ends P = (1 -+ level)/2, and the
    p-value is P(0), or twice the smaller of P(0) and 1 - P(0) with two sides. Tsiatis AA, Rosner GL, Mehta CR (1984),
    Exact confidence intervals following a group sequential test, Biometrics 40, 797-803. Only the looks made until then
    matter. The repeated interval is estimate -+ critical z * se: Jennison C, Turnbull BW (1989), Journal of the Royal
    Statistical Society B 51, 305-361. Futility boundaries, which are not binding, are left out.

    `estimate` and `se` are those of this look alone; where a t distribution gave the p-value, give the error that
    `error_by_p` makes of it. Raises AnalysisImpossible for an error that is not above zero, or an
    estimate more than 35 errors from zero; ValueError for a look that the design does not have, or a level outside 0
    to 1.
    """
    if not 1 <= look <= design.looks:
        raise ValueError(f"the design has looks 1 to {design.looks}")
    if not 0 < level < 1:
        raise ValueError("a confidence level lies between 0 and 1")
    if not (math.isfinite(estimate) and math.isfinite(se) and se > 0):
        raise AnalysisImpossible("A final estimate needs a finite difference and a standard error above zero.")
    z = estimate / se
    if abs(z) > _MOST_Z:
        raise AnalysisImpossible(
            f"The difference is {abs(z):.3g} standard errors from zero: no interval is found there."
        )
    # One unit of drift is worth this much effect: the information at this look is 1 / se^2.
    unit = se * math.sqrt(design.information[look - 1])
    tail = (1 - level) / 2
    middle, low, high = (unit * _drift_at(design, look, z, chance) for chance in (0.5, tail, 1 - tail))
    chance = at_least(design, look, z, 0.0)
    half = -float(special.ndtri(tail)) * se
    wide = design.critical[look - 1] * se
    return FinalEstimate(
        look,
        middle,
        (low, high),
        level,
        chance if design.sides == 1 else min(1.0, 2 * min(chance, 1 - chance)),
        estimate,
        (estimate - half, estimate + half),
        (estimate - wide, estimate + wide),
    )


def normal_z(t: float, df: float) -> float:
    """The z with the p-value of a `t` on `df` degrees of freedom: what is held against the critical values of a look.

    The boundaries then act on p-values, as nominal levels: Jennison and Turnbull (2000), where they treat a variance
    that is not known.
    """
    return math.copysign(float(special.ndtri(special.stdtr(df, -abs(t)))), t) if t else 0.0


def error_by_p(estimate: float, se: float, df: float) -> float:
    """The standard error with which an estimate's z has the p-value of its t on `df` degrees of freedom.

    It is larger than `se`, the more so the fewer degrees of freedom there are. For an estimate of zero it is the limit,
    se times the ratio of the normal density at zero to that of t.
    """
    t = estimate / se
    if abs(t) < 1e-6:
        return se * math.exp(math.lgamma(df / 2) - math.lgamma((df + 1) / 2)) * math.sqrt(df / 2)
    return estimate / normal_z(t, df)


def at_least(design: SequentialDesign, look: int, z: float, drift: float) -> float:
    """The chance, at a drift, to stop above before look number `look`, or to come to it and see at least `z`."""
    low, high = design.bounds()
    root = math.sqrt(design.information[look - 1])
    shown = (*high[: look - 1], z * root)
    chances = crossing(design.information[:look], low[:look], shown, drift, start())
    return sum(chances.above)


def _drift_at(design: SequentialDesign, look: int, z: float, chance: float) -> float:
    """The drift at which the outcome seen, or a higher one, has this chance; it rises with the drift."""
    near = z / math.sqrt(design.information[look - 1])
    width = 4 / math.sqrt(design.information[0])
    while at_least(design, look, z, near - width) > chance or at_least(design, look, z, near + width) < chance:
        width *= 2
    return float(
        optimize.brentq(lambda drift: at_least(design, look, z, drift) - chance, near - width, near + width, xtol=1e-12)
    )
