"""The number needed to treat: one more person helped, or harmed, for how many treated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from trial.core.errors import AnalysisImpossible

Towards = Literal["benefit", "harm"]


@dataclass(frozen=True, slots=True)
class NumberNeeded:
    """`number` people treated for one more who has a `towards`; each interval is a range of such numbers.

    Where the difference's interval holds 0, both `benefit` and `harm` are there and both end at math.inf, because a
    number that large is as good as none on either side: they are to be printed as two ranges that meet at infinity,
    never as one from a negative number to a positive one. Where the difference is 0 itself, `number` is math.inf and
    `towards` is None.
    """

    number: float
    towards: Towards | None
    benefit: tuple[float, float] | None
    harm: tuple[float, float] | None
    level: float


def number_needed(
    difference: float, ci: tuple[float, float], level: float, *, event: Literal["wanted", "unwanted"]
) -> NumberNeeded:
    """Turn a difference of proportions, treated minus comparator, and its interval over: 1 / |difference|.

    For a `wanted` event a difference above 0 is a benefit, for an `unwanted` one a harm. An interval of the difference
    from l to u on one side of 0 becomes 1 / |u| to 1 / |l| of that side; one that holds 0 becomes 1 / u to infinity on
    one side and 1 / |l| to infinity on the other. Altman DG (1998), Confidence intervals for the number needed to
    treat, BMJ 317, 1309-1312. The number is that of the proportions at hand: another baseline risk has another.

    Raises AnalysisImpossible for a difference that is not within its interval, or not from -1 to 1.
    """
    if not -1 <= difference <= 1 or not ci[0] <= difference <= ci[1]:
        raise AnalysisImpossible(
            "A number needed to treat needs a difference of proportions that lies in its interval."
        )
    gain, low, high = (difference, *ci) if event == "wanted" else (-difference, -ci[1], -ci[0])
    towards: Towards | None = None if gain == 0 else ("benefit" if gain > 0 else "harm")
    return NumberNeeded(
        _turned(abs(gain)),
        towards,
        (_turned(high), _turned(low)) if high > 0 else None,
        (_turned(-low), _turned(-high)) if low < 0 else None,
        level,
    )


def _turned(difference: float) -> float:
    """At least one person has to be treated; a difference of 0 or less never comes to one more."""
    return max(1.0, 1 / difference) if difference > 0 else math.inf
