"""Several designs side by side on the same people, and which of them is the best of both worlds.

A design pays twice: with imbalance, and with what can be guessed. Each price is put on a scale from 0 (none) to 1: the
guesses beyond blind ones over all that could be won; the mean imbalance over time over that of simple randomisation,
the mean of the overall and of the worst level. The design with the smallest sum is recommended. The two are weighed
alike, which is a choice: whoever minds one more looks at the two numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trial.stats.designs import Design
from trial.stats.dice import Dice
from trial.stats.error_rates import Bias, ErrorRates, error_rates
from trial.stats.operating_characteristics import (
    Imbalance,
    Predictability,
    Spread,
    combined,
    imbalance,
    predictability,
    run,
)
from trial.stats.sequences import Entry

YARDSTICK = "simple"
Told = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Compared:
    """One design with all that was found about it; `combined` is the balance of each factor of a factorial design."""

    design: Design
    imbalance: Imbalance
    predictability: Predictability
    rates: ErrorRates
    combined: tuple[Spread, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """What a design costs: 0 none, 1 all that can be guessed, or as unequal as simple randomisation."""

    guessing: float
    imbalance: float

    @property
    def sum(self) -> float:
        return self.guessing + self.imbalance


def compare(
    designs: Sequence[Design],
    entry: Entry,
    assumed: Bias,
    seed: str,
    told: Told = lambda name, at: None,
    combine: Sequence[Sequence[int]] = (),
) -> tuple[Compared, ...]:
    """Every design over the same people; the same seed gives the same figures.

    `combine` has for each factor of a factorial design the level of every arm.
    """
    found = []
    for design in designs:
        done = run(design, entry, Dice("allocation", seed, design.name), lambda at, name=design.name: told(name, at))  # type: ignore[misc]
        rates = error_rates(done, entry, assumed, Dice("outcomes", seed))
        levels = tuple(combined(done, design, level_of) for level_of in combine)
        unequal = imbalance(done, entry, design)
        found.append(Compared(design, unequal, predictability(done, design), rates, levels))
    return tuple(found)


def prices(compared: Sequence[Compared]) -> dict[str, Price]:
    """Of every design by its name; simple randomisation, the yardstick, has to be among them."""
    yard = next(one for one in compared if one.design.name == YARDSTICK)
    return {one.design.name: _price(one, yard) for one in compared}


def _price(one: Compared, yard: Compared) -> Price:
    blind = one.predictability.blind
    parts = [_mean(one.imbalance.overall) / _mean(yard.imbalance.overall)]
    if one.imbalance.levels:
        parts.append(_mean(one.imbalance.worst_level) / _mean(yard.imbalance.worst_level))
    return Price((one.predictability.alike.value - blind) / (1 - blind), float(np.mean(parts)))


def _mean(spreads: Sequence[Spread]) -> float:
    return float(np.mean([one.mean.value for one in spreads]))


def recommended(compared: Sequence[Compared]) -> Compared:
    """The design of the smallest price; the first named where two cost the same."""
    price = prices(compared)
    return min(compared, key=lambda one: price[one.design.name].sum)
