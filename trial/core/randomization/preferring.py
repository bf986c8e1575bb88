"""The chances of the arms once minimisation has ordered them. Ties are broken by chance in the arms' ratio."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

from trial.core.randomization.exact import whole


@cache
def favouring(ratios: tuple[int, ...], probability: Fraction, best: tuple[int, ...]) -> tuple[int, ...]:
    """One of the `best` arms is preferred, with chances in their ratio among them; the preferred has the high chance.

    In equal ratio the preferred arm has the chance p and each other (1 - p)/(K - 1): Pocock and Simon 1975. In unequal
    ratio p belongs to the arm of the smallest ratio; an arm j that is preferred has 1 - (1 - p)(R - r_j)/(R - r_min),
    R the sum of the ratios, and the others share the rest in their ratio: biased-coin minimisation, Han, Enas and
    McEntegart 2009. Where each arm is preferred as often as its ratio says, each is allocated as often as it says.
    """
    total, smallest = sum(ratios), min(ratios)
    shared = sum(ratios[place] for place in best)
    chances = [Fraction(0)] * len(ratios)
    for preferred in best:
        others = total - ratios[preferred]
        left_over = (1 - probability) * Fraction(others, total - smallest)
        chosen = Fraction(ratios[preferred], shared)
        for place, ratio in enumerate(ratios):
            high = 1 - left_over if place == preferred else left_over * Fraction(ratio, others)
            chances[place] += chosen * high
    return whole(chances)


@cache
def ranked(chances: tuple[Fraction, ...], ranks: tuple[int, ...]) -> tuple[int, ...]:
    """The arm of rank k (0 the best) has the k-th chance; tied arms share the chances of their ranks equally."""
    shares = []
    for rank in ranks:
        tied = ranks.count(rank)
        shares.append(sum(chances[rank : rank + tied], Fraction(0)) / tied)
    return whole(shares)


def ranks_of(scores: Sequence[Fraction | int]) -> tuple[int, ...]:
    """Of each score how many are smaller: equal scores have one rank."""
    return tuple(sum(other < one for other in scores) for one in scores)
