"""Non-inferiority and equivalence: an estimate against a margin, and which of four pictures that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from trial.core.errors import AnalysisImpossible
from trial.stats.intervals import half_width, upper_tail

NonInferiority = Literal["superior", "non-inferior", "inconclusive", "inferior"]
Equivalence = Literal["equivalent", "inconclusive, no difference shown", "inconclusive, different", "not equivalent"]


@dataclass(frozen=True, slots=True)
class AgainstMargin:
    """First arm minus second, held against the margin by which it may be worse.

    `picture` is where the interval lies on an axis whose upper end is better: wholly above 0 (superior), wholly above
    -margin and holding 0 or below it (non-inferior), holding -margin (inconclusive), wholly below -margin (inferior).
    `worse` says that the interval, non-inferior or not, lies wholly below 0. `p` is one-sided, for "worse by the margin
    or more", and below (1 - level) / 2 just where the picture is one of the first two.
    """

    picture: NonInferiority
    worse: bool
    estimate: float
    ci: tuple[float, float]
    level: float
    margin: float
    better: Literal["higher", "lower"]
    p: float


@dataclass(frozen=True, slots=True)
class Equivalent:
    """First arm minus second, held against both margins by two one-sided tests.

    `picture` is where the interval at 1 - 2 alpha lies: between the margins (equivalent), holding a margin and 0, or a
    margin without 0 (inconclusive, no difference shown or different), wholly beyond a margin (not equivalent). `p` is
    the larger of the two one-sided ones, `p_low` for "at or below the lower margin" and `p_high` for "at or above the
    upper", and below `alpha` just where the picture is the first.
    """

    picture: Equivalence
    estimate: float
    ci: tuple[float, float]
    alpha: float
    margins: tuple[float, float]
    p_low: float
    p_high: float
    p: float


def non_inferiority(
    estimate: float,
    se: float,
    df: float,
    margin: float,
    *,
    better: Literal["higher", "lower"],
    level: float = 0.95,
) -> AgainstMargin:
    """Hold an estimate with its error on `df` degrees of freedom (math.inf: normal) against a margin above 0.

    t = (estimate + margin) / se where higher is better, (margin - estimate) / se where lower is; p is its upper tail.
    One and the same two-sided interval tells non-inferiority at alpha = (1 - level) / 2 and, after it, superiority,
    without adjustment, since the second is a stricter claim about the same interval. Piaggio G et al (2012), Reporting
    of noninferiority and equivalence randomized trials: extension of the CONSORT 2010 statement, JAMA 308, 2594-2604,
    draws the pictures. Ratios are held against a margin on the scale of the logarithm.

    Raises AnalysisImpossible for an error that is not above 0, ValueError for a margin that is not.
    """
    _check(estimate, se, df)
    if not margin > 0 or not 0 < level < 1:
        raise ValueError("a margin is above 0, a confidence level between 0 and 1")
    half = half_width(se, df, level)
    gain = estimate if better == "higher" else -estimate
    low, high = gain - half, gain + half
    p = upper_tail((gain + margin) / se, df)
    picture = to_margin(low, high, margin)
    return AgainstMargin(picture, high < 0, estimate, (estimate - half, estimate + half), level, margin, better, p)


def equivalence(
    estimate: float, se: float, df: float, margins: tuple[float, float], *, alpha: float = 0.05
) -> Equivalent:
    """Two one-sided tests at `alpha` each, of an estimate with its error on `df` degrees of freedom.

    t_low = (estimate - lower) / se and t_high = (upper - estimate) / se; both have to be significant. Schuirmann DJ
    (1987), A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of
    average bioavailability, Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680. The interval is that of the
    tests, 1 - 2 alpha: 90 % for alpha = 0.05.

    Raises AnalysisImpossible for an error that is not above 0, ValueError for margins that do not lie about 0.
    """
    _check(estimate, se, df)
    lower, upper = margins
    if not lower < 0 < upper or not 0 < alpha < 0.5:
        raise ValueError("margins lie on both sides of 0, alpha between 0 and one half")
    half = half_width(se, df, 1 - 2 * alpha)
    low, high = estimate - half, estimate + half
    picture = to_margins(low, high, margins)
    p_low, p_high = upper_tail((estimate - lower) / se, df), upper_tail((upper - estimate) / se, df)
    return Equivalent(picture, estimate, (low, high), alpha, margins, p_low, p_high, max(p_low, p_high))


def to_margin(low: float, high: float, margin: float) -> NonInferiority:
    """Where an interval of gains of the first arm lies to the margin by which it may be worse."""
    if low > -margin:
        return "superior" if low > 0 else "non-inferior"
    return "inferior" if high < -margin else "inconclusive"


def to_margins(low: float, high: float, margins: tuple[float, float]) -> Equivalence:
    """Where an interval lies to both margins."""
    lower, upper = margins
    if lower < low and high < upper:
        return "equivalent"
    if high < lower or low > upper:
        return "not equivalent"
    return "inconclusive, no difference shown" if low <= 0 <= high else "inconclusive, different"


def _check(estimate: float, se: float, df: float) -> None:
    if not (math.isfinite(estimate) and math.isfinite(se) and se > 0 and df > 0):
        raise AnalysisImpossible("A margin needs an estimate with an error and degrees of freedom above zero.")
