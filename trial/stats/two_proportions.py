"""How many of each arm, without a model: difference and ratio of two proportions, with intervals for small arms."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import optimize, special

from trial.core.errors import AnalysisImpossible

# of a root: an end of an interval is right to this, absolutely for a difference and for the logarithm of a ratio
_ROOT = 1e-13
_FARTHEST = 60.0  # a logarithm of a ratio beyond which nobody looks for its end


@dataclass(frozen=True, slots=True)
class TwoProportions:
    """The first arm's proportion against the second's: a difference or a ratio, as `method` says.

    A ratio is math.inf, and so is the upper end of its interval, where nobody of the second arm has it. `p` is that of
    the score test of no difference; None where the method has no test of its own.
    """

    estimate: float
    ci: tuple[float, float]
    level: float
    p: float | None
    events: tuple[int, int]
    n: tuple[int, int]
    method: str


def wilson(events: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The score interval of one proportion: every p with |events / n - p| <= z sqrt(p (1 - p) / n).

    Wilson EB (1927), Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22, 209-212. Raises AnalysisImpossible for nobody, ValueError for more events than people.
    """
    _check((events, 0), (n, 1), level)
    z2 = _z(level) ** 2
    centre = events + z2 / 2
    half = math.sqrt(z2) * math.sqrt(events * (n - events) / n + z2 / 4)
    low = 0.0 if events == 0 else (centre - half) / (n + z2)
    high = 1.0 if events == n else (centre + half) / (n + z2)
    return low, high


def newcombe(events: tuple[int, int], n: tuple[int, int], level: float = 0.95) -> TwoProportions:
    """A difference of proportions d with the square-and-add interval of two Wilson intervals (l, u).

    d - sqrt((p1 - l1)^2 + (u2 - p2)^2) to d + sqrt((u1 - p1)^2 + (p2 - l2)^2): method 10 of Newcombe RG (1998),
    Interval estimation for the difference between independent proportions, Statistics in Medicine 17, 873-890.
    Raises AnalysisImpossible for an arm with nobody in it, ValueError for counts that cannot be.
    """
    _check(events, n, level)
    (p1, p2), d = _shares(events, n)
    (l1, u1), (l2, u2) = wilson(events[0], n[0], level), wilson(events[1], n[1], level)
    ci = (d - math.hypot(p1 - l1, u2 - p2), d + math.hypot(u1 - p1, p2 - l2))
    return TwoProportions(d, ci, level, None, events, n, "difference, Newcombe's interval of two score intervals")


def miettinen_nurminen(events: tuple[int, int], n: tuple[int, int], level: float = 0.95) -> TwoProportions:
    """A difference of proportions with the score interval: every d that its score test at 1 - level keeps.

    z(d) = (p1 - p2 - d) / sqrt((q1 (1 - q1) / n1 + q2 (1 - q2) / n2) N / (N - 1)), q1 and q2 = q1 - d the proportions
    of greatest likelihood that differ by d, N = n1 + n2. Miettinen O, Nurminen M (1985), Comparative analysis of two
    rates, Statistics in Medicine 4, 213-226. `p` is that of z(0).
    Raises AnalysisImpossible for an arm with nobody in it, ValueError for counts that cannot be.
    """
    _check(events, n, level)
    _, d = _shares(events, n)

    def score(at: float) -> float:
        q2 = _second_at_difference(events, n, at)
        return _over_error(d - at, q2 + at, q2, 1.0, n)

    z = _z(level)
    low = -1.0 if score(-1 + _ROOT) <= z else _root(lambda at: score(at) - z, -1 + _ROOT, d)
    high = 1.0 if score(1 - _ROOT) >= -z else _root(lambda at: score(at) + z, d, 1 - _ROOT)
    p = 2 * float(special.ndtr(-abs(score(0))))
    return TwoProportions(d, (low, high), level, p, events, n, "difference, Miettinen and Nurminen's score interval")


def miettinen_nurminen_ratio(events: tuple[int, int], n: tuple[int, int], level: float = 0.95) -> TwoProportions:
    """A ratio of proportions with the score interval: every r that its score test at 1 - level keeps.

    z(r) = (p1 - r p2) / sqrt((q1 (1 - q1) / n1 + r^2 q2 (1 - q2) / n2) N / (N - 1)), q1 = r q2 and q2 the proportions
    of greatest likelihood whose ratio is r: Miettinen and Nurminen (1985), as above. `p` is that of z(1).
    Raises AnalysisImpossible for an arm with nobody in it, and where nobody of either arm has it: 0 / 0 is no ratio.
    """
    _check(events, n, level)
    (p1, p2), _ = _shares(events, n)
    if events == (0, 0):
        raise AnalysisImpossible("Nobody in either arm has it: there is no ratio of the two; report the difference.")

    def score(log_ratio: float) -> float:
        ratio = math.exp(log_ratio)
        q2 = _second_at_ratio(events, n, ratio)
        return _over_error(p1 - ratio * p2, min(ratio * q2, 1.0), q2, ratio, n)

    z = _z(level)
    middle = math.log(p1 / p2) if p1 > 0 and p2 > 0 else (-_FARTHEST if p1 == 0 else _FARTHEST)
    low = 0.0 if p1 == 0 else math.exp(_root(lambda at: score(at) - z, -_FARTHEST, middle))
    high = math.inf if p2 == 0 else math.exp(_root(lambda at: score(at) + z, middle, _FARTHEST))
    p = 2 * float(special.ndtr(-abs(score(0))))
    ratio = p1 / p2 if p2 > 0 else math.inf
    return TwoProportions(ratio, (low, high), level, p, events, n, "ratio, Miettinen and Nurminen's score interval")


def _over_error(distance: float, q1: float, q2: float, times: float, n: tuple[int, int]) -> float:
    people = n[0] + n[1]
    variance = (q1 * (1 - q1) / n[0] + times**2 * q2 * (1 - q2) / n[1]) * people / (people - 1)
    if distance == 0:
        return 0.0
    return distance / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, distance)


def _second_at_difference(events: tuple[int, int], n: tuple[int, int], d: float) -> float:
    """q2 where q1 - q2 = d: the root, between the ends that d leaves, of the derivative of the log-likelihood."""
    low, high = max(0.0, -d), min(1.0, 1 - d)
    if high - low <= 0:
        return low

    def slope(q2: float) -> float:
        # times q1 (1 - q1) q2 (1 - q2), so that it is finite at both ends: a cubic
        q1 = q2 + d
        one = (events[0] - n[0] * q1) * q2 * (1 - q2)
        return one + (events[1] - n[1] * q2) * q1 * (1 - q1)

    # the likelihood is concave in between, so that the cubic changes its sign there once, or its best is an end
    inside = (high - low) * 1e-14
    if slope(low + inside) <= 0:
        return low
    if slope(high - inside) >= 0:
        return high
    return _root(slope, low + inside, high - inside)


def _second_at_ratio(events: tuple[int, int], n: tuple[int, int], ratio: float) -> float:
    """q2 where q1 = ratio q2: the smaller root of a quadratic."""
    a = (n[0] + n[1]) * ratio
    b = n[0] * ratio + events[0] + n[1] + events[1] * ratio
    c = events[0] + events[1]
    return min(2 * c / (b + math.sqrt(max(b * b - 4 * a * c, 0.0))), 1.0, 1 / ratio)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.brentq(function, low, high, xtol=_ROOT / 10, rtol=1e-15, maxiter=300))


def _shares(events: tuple[int, int], n: tuple[int, int]) -> tuple[tuple[float, float], float]:
    return (events[0] / n[0], events[1] / n[1]), (events[0] * n[1] - events[1] * n[0]) / (n[0] * n[1])


def _z(level: float) -> float:
    return float(special.ndtri((1 + level) / 2))


def _check(events: tuple[int, int], n: tuple[int, int], level: float) -> None:
    if not 0 < level < 1:
        raise ValueError("a confidence level lies between 0 and 1")
    if min(n) < 1:
        raise AnalysisImpossible("An arm without participants has no proportion.")
    if any(not 0 <= some <= people for some, people in zip(events, n, strict=True)):
        raise ValueError("those who have it are at least none and at most everyone")
