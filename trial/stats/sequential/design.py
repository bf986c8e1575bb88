"""The boundaries of a trial that is looked at several times, for efficacy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import optimize, special

from trial.stats.sequential.passage import Underway, crossing, start
from trial.stats.sequential.spending import Spending

Sides = Literal[1, 2]
# Below this there is nothing to spend: no z stops the trial at that look.
_NOTHING = 1e-15
_CLOSEST = 1e-3
_HIGHEST_Z = 40.0


@dataclass(frozen=True, slots=True)
class SequentialDesign:
    """When to stop: at a look, `critical` is the z from which the null hypothesis is rejected.

    `information` holds each look's share of the planned information (the last is 1 in a plan); with two sides -critical
    rejects on the other one. `spent` is the type I error used up by each look, both sides together; `futility`, where
    planned, holds the z below which stopping is advised (never the last look's, and never needed for the type I error).
    A critical value of infinity means that the trial cannot be stopped at that look.
    """

    name: str
    alpha: float
    sides: Sides
    information: tuple[float, ...]
    critical: tuple[float, ...]
    spent: tuple[float, ...]
    spending: Spending | None = None
    futility: tuple[float, ...] | None = None

    @property
    def looks(self) -> int:
        """How often the data are looked at, the last analysis among them."""
        return len(self.critical)

    @property
    def nominal_p(self) -> tuple[float, ...]:
        """For each look, the p-value (of as many sides as the design has) that just rejects."""
        return tuple(self.sides * float(special.ndtr(-z)) for z in self.critical)

    def bounds(self, futility: bool = False) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The boundaries on the scale of the score z * sqrt(information): below and above, for each look."""
        roots = [math.sqrt(each) for each in self.information]
        high = tuple(z * root for z, root in zip(self.critical, roots, strict=True))
        low = tuple(-each for each in high) if self.sides == 2 else (-math.inf,) * self.looks
        if futility and self.futility is not None:
            stops = [z * root for z, root in zip(self.futility, roots, strict=False)]
            low = (*(max(a, b) for a, b in zip(low, stops, strict=False)), low[-1])
        return low, high


def spending_design(
    information: Sequence[float], spending: Spending, *, alpha: float = 0.05, sides: Sides = 2
) -> SequentialDesign:
    """Boundaries that spend `alpha` as `spending` says, at looks with these shares of the information.

    The critical value of a look is the z whose chance, without an effect, to be reached there and never before is
    what the function adds since the look before (Lan and DeMets 1983). With two sides each gets alpha / 2 and a trial
    that crossed either boundary has stopped. Raises ValueError for shares that do not rise to 1, two of them closer
    than a thousandth, or an alpha that leaves a side half of the chance or more.
    """
    shares = planned_shares(information)
    side = alpha_per_side(alpha, sides)
    spent = tuple(spending.spent(share, side) for share in shares)
    critical = spend(shares, spent, sides)
    name = f"Lan-DeMets, {spending.name}" + ("" if spending.parameter is None else f"({spending.parameter:g})")
    return SequentialDesign(name, alpha, sides, shares, critical, tuple(sides * each for each in spent), spending)


def shaped_design(
    information: Sequence[float], shape: float = 0.0, *, alpha: float = 0.05, sides: Sides = 2
) -> SequentialDesign:
    """Boundaries of one shape: critical z = C share^(shape - 1/2), with C such that alpha is spent in all.

    Shape 0 is O'Brien PC, Fleming TR (1979), A multiple testing procedure for clinical trials, Biometrics 35, 549-556;
    shape 1/2 is Pocock SJ (1977), Group sequential methods in the design and analysis of clinical trials, Biometrika
    64, 191-199; those between are Wang SK, Tsiatis AA (1987), Biometrics 43, 193-199. Raises ValueError as
    `spending_design` does, and for a shape outside 0 to 1/2.
    """
    shares = planned_shares(information)
    side = alpha_per_side(alpha, sides)
    if not 0 <= shape <= 0.5:
        raise ValueError("the shape lies from 0 (O'Brien-Fleming) to 1/2 (Pocock)")

    def critical(constant: float) -> tuple[float, ...]:
        return tuple(constant * share ** (shape - 0.5) for share in shares)

    constant = float(
        optimize.brentq(lambda c: spent_by(shares, critical(c), sides)[-1] - side, 0.0, _HIGHEST_Z, xtol=1e-13)
    )
    name = {0.0: "O'Brien-Fleming", 0.5: "Pocock"}.get(shape, f"Wang-Tsiatis({shape:g})")
    return _with_spent(name, alpha, sides, shares, critical(constant))


def haybittle_peto(
    information: Sequence[float], early: float = 3.0, *, alpha: float = 0.05, sides: Sides = 2
) -> SequentialDesign:
    """The same high z at every look before the last, which gets what is left of alpha.

    Haybittle JL (1971), Repeated assessment of results in clinical trials of cancer treatment, British Journal of
    Radiology 44, 793-797; Peto R et al. (1976), British Journal of Cancer 34, 585-612. Raises ValueError as
    `spending_design` does, and where the early looks leave nothing.
    """
    shares = planned_shares(information)
    if not (early > 0 and math.isfinite(early)):
        raise ValueError("the early critical value is a number above 0")
    critical = last_for_the_rest(shares, (early,) * (len(shares) - 1), alpha_per_side(alpha, sides), sides)
    return _with_spent("Haybittle-Peto", alpha, sides, shares, critical)


def planned_shares(information: Sequence[float]) -> tuple[float, ...]:
    """The shares of the information at the planned looks, or ValueError."""
    shares = rising(information)
    if not math.isclose(shares[-1], 1, rel_tol=1e-12):
        raise ValueError("the last planned look has all of the information: its share is 1")
    return (*shares[:-1], 1.0)


def rising(information: Sequence[float]) -> tuple[float, ...]:
    """Information that rises from look to look by at least a thousandth of the last look's, or ValueError."""
    found = tuple(float(each) for each in information)
    if not found or not all(math.isfinite(each) for each in found):
        raise ValueError("a sequential design needs at least one look, each with a finite information")
    steps = [after - before for before, after in zip((0.0, *found[:-1]), found, strict=True)]
    if min(steps) < _CLOSEST * found[-1] or found[-1] <= 0:
        raise ValueError("information rises from look to look by at least a thousandth of the last look's")
    return found


def alpha_per_side(alpha: float, sides: Sides) -> float:
    """The error of one side, or ValueError."""
    if sides not in (1, 2):
        raise ValueError("a test has one side or two")
    if not 0 < alpha / sides < 0.5:
        raise ValueError("alpha lies above 0 and leaves each side less than half")
    return alpha / sides


def spend(information: Sequence[float], spent: Sequence[float], sides: Sides) -> tuple[float, ...]:
    """The critical z of each look so that `spent` (one side, cumulated) has been spent by it without an effect."""
    critical: list[float] = []
    underway, before = start(), 0.0
    for look, gathered in enumerate(information):
        root = math.sqrt(gathered)
        z = _critical(underway, gathered, spent[look] - before)
        critical.append(z)
        before = spent[look]
        if look + 1 < len(information):
            low = -z * root if sides == 2 else -math.inf
            underway = underway.within(gathered, low, z * root, 0.0, information[look + 1] - gathered)
    return tuple(critical)


def last_for_the_rest(
    information: Sequence[float], early: Sequence[float], side: float, sides: Sides
) -> tuple[float, ...]:
    """`early` critical values, then the last one, which spends what they leave of `side`; ValueError for nothing."""
    used = spent_by(information[:-1], early, sides)[-1] if early else 0.0
    if used >= side - _NOTHING:
        raise ValueError("the looks before the last one spend all of alpha: nothing is left for it")
    underway = start()
    for look, z in enumerate(early):
        bound = z * math.sqrt(information[look])
        low = -bound if sides == 2 else -math.inf
        underway = underway.within(information[look], low, bound, 0.0, information[look + 1] - information[look])
    return (*early, _critical(underway, information[-1], side - used))


def _critical(underway: Underway, information: float, left: float) -> float:
    if left < _NOTHING:
        return math.inf
    root = math.sqrt(information)
    return float(
        optimize.brentq(
            lambda z: underway.above(information, z * root, 0.0) - left, -_HIGHEST_Z, _HIGHEST_Z, xtol=1e-13
        )
    )


def spent_by(information: Sequence[float], critical: Sequence[float], sides: Sides) -> tuple[float, ...]:
    """What one side has spent by each look."""
    high = [z * math.sqrt(each) for z, each in zip(critical, information, strict=True)]
    low = [-each for each in high] if sides == 2 else [-math.inf] * len(high)
    chances = crossing(information, low, high, 0.0, start()).above
    return tuple(sum(chances[: look + 1]) for look in range(len(chances)))


def _with_spent(
    name: str, alpha: float, sides: Sides, shares: tuple[float, ...], critical: tuple[float, ...]
) -> SequentialDesign:
    spent = tuple(sides * each for each in spent_by(shares, critical, sides))
    return SequentialDesign(name, alpha, sides, shares, critical, spent)
