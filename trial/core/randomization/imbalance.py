"""How unequal the arms are at one level of one factor, for minimisation. Whole numbers and fractions only.

`counts` are the allocations of each arm at that level, each divided by the arm's ratio (and all multiplied by the same
number, so that they are whole), with the allocation under trial counted in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

Measure = Callable[[Sequence[int], int], Fraction | int]


def spread(counts: Sequence[int], candidate: int) -> int:
    """Range: the largest count less the smallest (Pocock and Simon 1975)."""
    return max(counts) - min(counts)


def variance(counts: Sequence[int], candidate: int) -> int:
    """K sum(x^2) - (sum x)^2, which is K(K - 1) times the sample variance (Pocock and Simon 1975)."""
    return len(counts) * sum(one * one for one in counts) - sum(counts) ** 2


def marginal_balance(counts: Sequence[int], candidate: int) -> Fraction:
    """The absolute differences of all pairs, summed, over (K - 1) times the sum of the counts: 0 equal, 1 all in one.

    A measure of this name is offered by programs for minimisation (MinimPy: Saghaei and Saghaei, Journal of Biomedical
    Science and Engineering 2011;4:734-739, abstract read). This formula is the definition here: no published value was
    found to hold it against, so it is checked by hand alone.
    """
    differences = sum(abs(one - other) for one, other in combinations(counts, 2))
    return Fraction(differences, (len(counts) - 1) * sum(counts))


def marginal_sum(counts: Sequence[int], candidate: int) -> int:
    """The count of the arm under trial itself: the arm with the fewest alike people is the best (Pocock 1983)."""
    return counts[candidate]


MEASURES: Mapping[str, Measure] = {
    "range": spread,
    "variance": variance,
    "marginal_balance": marginal_balance,
    "marginal_sum": marginal_sum,
}
