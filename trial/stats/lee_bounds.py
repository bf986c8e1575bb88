"""Bounds on an effect when more people of one arm than of the other have the outcome: trimming (Lee)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray

ASSUMPTION = (
    "Everyone who has the outcome in the arm with fewer outcomes would have it in the other arm as well; "
    "the bounds are of the effect on those who would have it in both."
)


@dataclass(frozen=True, slots=True)
class LeeBounds:
    """Lowest and highest difference, first arm of `contrast` minus second, that trimming allows, each with its error.

    `ci` holds the effect itself at `level` (Imbens and Manski), and is narrower than one that holds both bounds.
    `trimmed` is the arm with more outcomes, `share` of its outcomes is cut from one end; None and 0 where both arms
    have equally many and the bounds are one difference, with the larger of the errors that either arm would give.
    `seen` and `n` count outcomes and people randomised.
    """

    contrast: tuple[str, str]
    lower: float
    upper: float
    se: tuple[float, float]
    ci: tuple[float, float]
    level: float
    trimmed: str | None
    share: float
    seen: tuple[int, int]
    n: tuple[int, int]
    assumption: str


@dataclass(frozen=True, slots=True)
class _Cut:
    """Mean of what is left, the variance of what is left, and the last value left."""

    mean: float
    variance: float
    edge: float


def lee_bounds(outcome: FloatArray, arm: Sequence[object], contrast: tuple[str, str], level: float = 0.95) -> LeeBounds:
    """Bound the difference of means of two arms; `outcome` (n,) of everyone randomised, NaN for missing.

    With response q1 > q0, the share s = 1 - q0 / q1 of the outcomes of arm 1 is cut, from the top for one bound and
    from the bottom for the other, and what is left compared with all of arm 0. Where s of the outcomes is no whole
    number, the last is cut in part. With m outcomes of arm 1, mean M, variance V and last value E of what is left,
    the square of a bound's error is V / (m (1 - s)) + (E - M)^2 s / (m (1 - s)) + (E - M)^2 ((1 - q1) / (n1 q1) +
    (1 - q0) / (n0 q0)) + V0 / m0. Lee DS (2009), Training, wages, and sample selection: estimating sharp bounds on
    treatment effects, Review of Economic Studies 76, 1071-1102 (V and V0 here divide by one less than the number).
    The interval reaches C errors beyond each bound, F(C + (upper - lower) / larger error) - F(-C) = level with F the
    normal distribution: Imbens GW, Manski CF (2004), Confidence intervals for partially identified parameters,
    Econometrica 72, 1845-1857.

    It rests on `ASSUMPTION` and on nothing else about who is missing; no test decides whether it is needed. Raises
    AnalysisImpossible for fewer than two outcomes in an arm or left of it, or outcomes that do not vary.
    """
    labels = np.array([str(label) for label in arm])
    if outcome.ndim != 1 or len(labels) != len(outcome) or contrast[0] == contrast[1] or not 0 < level < 1:
        raise ValueError("outcome and arm are of the same people, a contrast of two arms, a level between 0 and 1")
    one, other = (outcome[labels == each] for each in contrast)
    seen = [each[np.isfinite(each)] for each in (one, other)]
    for name, values in zip(contrast, seen, strict=True):
        if len(values) < 2:
            raise AnalysisImpossible(f"Arm {name!r} has fewer than two outcomes.")
        if np.ptp(values) == 0:
            raise AnalysisImpossible(f"Everyone of arm {name!r} with an outcome has the same.")
    n, m = (len(one), len(other)), (len(seen[0]), len(seen[1]))
    excess = m[0] * n[1] - m[1] * n[0]
    more = 0 if excess >= 0 else 1
    share = abs(excess) / (m[more] * n[1 - more])
    (lower, low_se), (upper, high_se) = _trimmed(seen, n, more, share)
    if excess == 0:
        # either arm might be the one that loses fewer: the larger error of both, so that their order is no matter
        (_, low_other), (_, high_other) = _trimmed(seen, n, 1, share)
        low_se, high_se = max(low_se, low_other), max(high_se, high_other)
    reach = _reach((upper - lower) / max(low_se, high_se), level)
    return LeeBounds(
        contrast,
        lower,
        upper,
        (low_se, high_se),
        (lower - reach * low_se, upper + reach * high_se),
        level,
        contrast[more] if share > 0 else None,
        share,
        m,
        n,
        ASSUMPTION,
    )


def _trimmed(
    seen: list[FloatArray], n: tuple[int, int], more: int, share: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Lower and upper bound, each with its error, where `share` of the outcomes of arm `more` is cut."""
    values, fewer = np.sort(seen[more]), seen[1 - more]
    kept = len(values) * (1 - share)
    of_share = sum((1 - len(each) / people) / len(each) for each, people in zip(seen, n, strict=True))
    found = []
    for ordered in (values, values[::-1]):
        cut = _cut(ordered, share)
        edge = (cut.edge - cut.mean) ** 2
        variance = cut.variance / kept + edge * (share / kept + of_share) + float(fewer.var(ddof=1)) / len(fewer)
        found.append((cut.mean - float(fewer.mean()), math.sqrt(variance)))
    low, high = found
    return (low, high) if more == 0 else ((-high[0], high[1]), (-low[0], low[1]))


def _cut(values: FloatArray, share: float) -> _Cut:
    """What is left of sorted `values` (m,) once the last `share` of them is cut."""
    left = len(values) * (1 - share)
    if left < 2:
        raise AnalysisImpossible("Trimming leaves fewer than two outcomes: so unequal a loss allows no bounds.")
    weights = np.clip(left - np.arange(len(values)), 0, 1)
    # a rounding error is no person
    weights[weights < 1e-9] = 0
    mean = float(weights @ values) / left
    variance = float(weights @ (values - mean) ** 2) / (left - 1)
    return _Cut(mean, variance, float(values[np.flatnonzero(weights)[-1]]))


def _reach(gap: float, level: float) -> float:
    def missing(c: float) -> float:
        return float(special.ndtr(c + gap) - special.ndtr(-c)) - level

    return float(optimize.brentq(missing, 0, 40, xtol=1e-14, rtol=1e-15))
