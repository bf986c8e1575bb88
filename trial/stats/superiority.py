"""How often somebody of one arm has more than somebody of the other: the probability of superiority."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.intervals import half_width


@dataclass(frozen=True, slots=True)
class Superiority:
    """P(more in the first arm of `contrast`) + P(the same) / 2: one half where neither arm tends to have more.

    `se`, `df`, `ci` and `p` allow for unequal spread. `wilcoxon_p` is that of the rank-sum test, which supposes that
    the arms do not differ in anything; it stands beside the other for those who expect it.
    """

    contrast: tuple[str, str]
    estimate: float
    se: float
    df: float
    ci: tuple[float, float]
    level: float
    p: float
    wilcoxon_p: float
    n: tuple[int, int]


def superiority(
    outcome: FloatArray, arm: Sequence[object], contrast: tuple[str, str], level: float = 0.95
) -> Superiority:
    """Compare two arms by the order of their outcomes alone; `outcome` (n,), ordered, without missing values.

    With p_i the share of the other arm below the i-th person (ties half), S1 and S2 the variances of these in either
    arm: P is their mean in the first arm, and its squared error v = S1 / n1 + S2 / n2 on v^2 / ((S1 / n1)^2 /
    (n1 - 1) + (S2 / n2)^2 / (n2 - 1)) degrees of freedom. Brunner E, Munzel U (2000), The nonparametric
    Behrens-Fisher problem: asymptotic theory and a small-sample approximation, Biometrical Journal 42, 17-25. `p` is
    that of their test of P = 1/2. The interval is by t on the scale log(P / (1 - P)), the error over P (1 - P), so that
    it stays within 0 and 1. The rank-sum test is by the normal distribution, allows for ties, corrects no continuity.

    Raises AnalysisImpossible for fewer than two people in an arm, and where all of one arm lie above all of the other,
    or the order leaves no variance: then no interval can be had from it.
    """
    labels = np.array([str(label) for label in arm])
    if outcome.ndim != 1 or len(labels) != len(outcome) or contrast[0] == contrast[1] or not 0 < level < 1:
        raise ValueError("outcome and arm are of the same people, a contrast of two arms, a level between 0 and 1")
    one, two = (outcome[labels == each] for each in contrast)
    for name, values in zip(contrast, (one, two), strict=True):
        if len(values) < 2:
            raise AnalysisImpossible(f"Arm {name!r} has fewer than two participants with an outcome.")
        if not np.all(np.isfinite(values)):
            raise AnalysisImpossible("The outcome has missing or infinite values among those to be analysed.")
    above, below = _placements(one, two), _placements(two, one)
    estimate = float(above.mean())
    parts = [float(each.var(ddof=1)) / len(each) for each in (above, below)]
    variance = sum(parts)
    if estimate in (0.0, 1.0):
        raise AnalysisImpossible(f"Everyone of one arm, {contrast[0]!r} or {contrast[1]!r}, lies above everyone else.")
    if variance <= 0:
        raise AnalysisImpossible("The order of the outcomes leaves no variance to judge a difference by.")
    se = math.sqrt(variance)
    df = variance**2 / sum(part**2 / (len(each) - 1) for part, each in zip(parts, (above, below), strict=True))
    half = half_width(se, df, level) / (estimate * (1 - estimate))
    middle = float(special.logit(estimate))
    return Superiority(
        contrast,
        estimate,
        se,
        df,
        (float(special.expit(middle - half)), float(special.expit(middle + half))),
        level,
        2 * float(special.stdtr(df, -abs(estimate - 0.5) / se)),
        _rank_sum(one, two, estimate),
        (len(one), len(two)),
    )


def _placements(values: FloatArray, others: FloatArray) -> FloatArray:
    """(n,): the share of `others` below each value, ties half."""
    ordered = np.sort(others)
    left, right = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    return np.asarray((left + right) / (2 * len(others)))


def _rank_sum(one: FloatArray, two: FloatArray, estimate: float) -> float:
    n = len(one) + len(two)
    _, ties = np.unique(np.concatenate([one, two]), return_counts=True)
    spread = (n + 1 - float(np.sum(ties**3 - ties)) / (n * (n - 1))) / (12 * len(one) * len(two))
    return 2 * float(special.ndtr(-abs(estimate - 0.5) / math.sqrt(spread)))
