"""The share of people to whom nothing has happened yet, as time goes on, where some are followed for less long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from trial.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Step:
    """One time at which something happened: how many were still at risk just before, to how many it happened.

    `surviving` is the share to whom it has not happened after that; `se` its standard error and `ci` its interval, None
    where nobody is left.
    """

    time: float
    at_risk: int
    events: int
    surviving: float
    se: float | None
    ci: tuple[float, float] | None


def kaplan_meier(times: FloatArray, happened: Sequence[bool], level: float = 0.95) -> tuple[Step, ...]:
    """The product-limit estimate, a step for each time with an event.

    `times` (n,) in any unit, at or above 0: of the event where it `happened` (n,), else up to which the person is known
    to be without; one censored at the time of an event is at risk there. `level` of the intervals, between 0 and 1.

    S(t) = product over event times s <= t of (1 - d/r), Kaplan and Meier (1958); variance of S by Greenwood (1926),
    S^2 sum of d/(r (r - d)); interval on the scale of log(-log S), Kalbfleisch and Prentice (1980), within 0 and 1.

    Raises ValueError for a time that is below 0 or missing, for lengths that differ, and for a level not between 0 and
    1.
    """
    if len(times) != len(happened):
        raise ValueError("there are not as many times as people")
    if not 0 < level < 1:
        raise ValueError("a level lies between 0 and 1")
    if not np.all(times >= 0):
        raise ValueError("times are at or above 0, and none is missing")
    far = float(norm.ppf((1 + level) / 2))
    ordered, events_at = np.sort(times), np.sort(times[np.array(happened, dtype=np.bool_)])
    surviving, sum_of_d, steps = 1.0, 0.0, []
    for time, events in zip(*np.unique(events_at, return_counts=True), strict=True):
        at_risk, d = len(ordered) - int(np.searchsorted(ordered, time)), int(events)
        surviving *= 1 - d / at_risk
        if at_risk == d:
            steps.append(Step(float(time), at_risk, d, 0.0, None, None))
            break
        sum_of_d += d / (at_risk * (at_risk - d))
        error = math.sqrt(sum_of_d)
        ci = _interval(surviving, error, far)
        steps.append(Step(float(time), at_risk, d, surviving, surviving * error, ci))
    return tuple(steps)


def _interval(surviving: float, error: float, far: float) -> tuple[float, float]:
    """S^exp(+- z error / log S)."""
    wide = far * error / math.log(surviving)
    return surviving ** math.exp(-wide), surviving ** math.exp(wide)
