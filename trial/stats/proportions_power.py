"""Power and size of a trial that compares two proportions."""

from __future__ import annotations

import math

from scipy import special

from trial.stats.power import rises_to


def proportions_power(p1: float, p2: float, n1: float, n2: float, alpha: float = 0.05) -> float:
    """The chance that a two-sided test at `alpha` tells two proportions apart, by the normal approximation.

    Phi((|p1 - p2| - z(1 - alpha/2) sqrt(p (1 - p) (1/n1 + 1/n2))) / sqrt(p1 (1 - p1)/n1 + p2 (1 - p2)/n2)), p the mean
    proportion of everybody. Fleiss JL, Levin B, Paik MC (2003), Statistical methods for rates and proportions, without
    a continuity correction; with equal arms R's power.prop.test(strict = FALSE). Rejecting on the wrong side is not
    counted. It is off where fewer than about five events or non-events are expected in an arm. Raises ValueError for a
    proportion not between 0 and 1, alike proportions, an alpha not between 0 and 1, or arms of less than one.
    """
    _check(p1, p2, alpha)
    if min(n1, n2) < 1:
        raise ValueError("needs at least one participant per arm")
    pooled = (n1 * p1 + n2 * p2) / (n1 + n2)
    under_none = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    under_effect = math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    critical = -float(special.ndtri(alpha / 2))
    return float(special.ndtr((abs(p1 - p2) - critical * under_none) / under_effect))


def proportions_size(p1: float, p2: float, *, power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0) -> float:
    """The number in the first arm, not rounded, for `proportions_power`; the other has `ratio` times it.

    The formula solved for n: (z(1 - alpha/2) sqrt(p (1 - p) (1 + 1/ratio)) + z(power) sqrt(p1 (1 - p1) +
    p2 (1 - p2)/ratio))^2 / (p1 - p2)^2. Raises ValueError as `proportions_power` does, and for a power not between
    alpha and 1.
    """
    _check(p1, p2, alpha)
    if not (alpha < power < 1 and ratio > 0 and math.isfinite(ratio)):
        raise ValueError("needs a power between alpha and 1, and a ratio of the arms above 0")
    pooled = (p1 + ratio * p2) / (1 + ratio)
    under_none = math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    under_effect = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)
    critical, reach = -float(special.ndtri(alpha / 2)), float(special.ndtri(power))
    return ((critical * under_none + reach * under_effect) / (p1 - p2)) ** 2


def proportions_effect(p1: float, n1: float, n2: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The proportion above `p1` that a trial of this size tells from it with this power.

    Raises ValueError as `proportions_power` does, for a power not between alpha and 1, and where no proportion is far
    enough.
    """
    if not alpha < power < 1:
        raise ValueError("needs a power between alpha and 1")
    nearest = p1 + (1 - p1) * 1e-9
    return rises_to(power, lambda p2: proportions_power(p1, p2, n1, n2, alpha), nearest, 1 - 1e-12)


def _check(p1: float, p2: float, alpha: float) -> None:
    if not (0 < p1 < 1 and 0 < p2 < 1 and 0 < alpha < 1):
        raise ValueError("proportions and alpha lie between 0 and 1")
    if p1 == p2:
        raise ValueError("needs two different proportions")
