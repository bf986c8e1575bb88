"""What a sequential design costs and gains: where trials stop, with which power, after how much information."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy import optimize, special

from trial.stats.sequential.design import SequentialDesign
from trial.stats.sequential.passage import Underway, crossing, start
from trial.stats.sequential.spending import Spending

_LARGEST_DRIFT = 40.0


@dataclass(frozen=True, slots=True)
class Stopping:
    """The chances of a design if the last look's z would be `drift` on average, were nobody to stop.

    For each look, the chance to stop there for the effect (`above`), for the opposite one (`below`, zero with one side)
    and for futility (`futile`, zero without such boundaries). `power` is the sum of `above`; `expected_information` is
    the mean share of the planned information that a trial has when it ends.
    """

    drift: float
    above: tuple[float, ...]
    below: tuple[float, ...]
    futile: tuple[float, ...]
    power: float
    expected_information: float


def stopping(design: SequentialDesign, drift: float, *, obey_futility: bool = True) -> Stopping:
    """Where trials of a design stop, by the recursion of `passage`; `drift` is effect * sqrt(all planned information).

    Futility boundaries are obeyed unless it is said otherwise. Raises ValueError for a drift that is not finite.
    """
    if not math.isfinite(drift):
        raise ValueError("the drift is a finite number")
    low, high = design.bounds(futility=obey_futility)
    chances = crossing(design.information, low, high, drift, start())
    nobody = (0.0,) * design.looks
    for_futility = obey_futility and design.futility is not None
    ended = [above + below for above, below in zip(chances.above, chances.below, strict=True)]
    early = sum(chance * share for chance, share in zip(ended[:-1], design.information, strict=False))
    expected = early + (1 - sum(ended[:-1])) * design.information[-1]
    below = nobody if for_futility else chances.below
    futile = (*chances.below[:-1], 0.0) if for_futility else nobody
    return Stopping(drift, chances.above, below, futile, sum(chances.above), expected)


def drift_for_power(design: SequentialDesign, power: float) -> float:
    """The drift at which a design rejects, for the effect, with this chance.

    The error in the other direction is not counted as power, and futility boundaries are obeyed. Raises ValueError when
    the power is not between one side's alpha and 1.
    """
    if not design.alpha / design.sides < power < 1:
        raise ValueError("the power lies between the alpha of one side and 1")
    return float(optimize.brentq(lambda drift: stopping(design, drift).power - power, 0.0, _LARGEST_DRIFT, xtol=1e-12))


def inflation(design: SequentialDesign, power: float = 0.8) -> float:
    """How many times the people of a trial with one analysis the design needs at most, for the same power.

    (drift / (z(1 - alpha per side) + z(power)))^2, drift as `drift_for_power` finds it: Jennison and Turnbull (2000),
    chapter 2. Raises ValueError as `drift_for_power` does.
    """
    once = float(special.ndtri(power)) - float(special.ndtri(design.alpha / design.sides))
    return (drift_for_power(design, power) / once) ** 2


def maximum_size(design: SequentialDesign, fixed: float, power: float = 0.8) -> int:
    """The most participants: those of a trial with one analysis and the same power, inflated and rounded up.

    `fixed` is the unrounded size, per arm or in all; the answer is in the same terms. Raises ValueError for a size that
    is not above 0, and as `inflation` does.
    """
    if not (fixed > 0 and math.isfinite(fixed)):
        raise ValueError("the size of the trial with one analysis is a number above 0")
    return math.ceil(fixed * inflation(design, power) - 1e-9)


def with_futility(design: SequentialDesign, spending: Spending, power: float = 0.8) -> SequentialDesign:
    """Add non-binding futility boundaries that spend the type II error, 1 - power, as `spending` says.

    Each is the z whose chance, at the drift that gives `power`, to fall below it there for the first time is what the
    function adds. The critical values stay as they are, so that the type I error holds whether or not anybody obeys:
    Pampallona S, Tsiatis AA, Kim K (2001), Drug Information Journal 35, 1113-1121. For designs with one side: what two
    sides would do with a trial that goes the wrong way is not defined. Raises ValueError for two sides, one look, or a
    power outside alpha to 1.
    """
    if design.sides == 2 or design.looks < 2:
        raise ValueError("futility boundaries belong to a design with one side (of alpha / 2) and at least two looks")
    if not design.alpha < power < 1:
        raise ValueError("the power lies between alpha and 1")
    spent = [spending.spent(share, 1 - power) for share in design.information]

    def too_much(drift: float) -> float:
        return _missed(design, spent, drift)[1] - (spent[-1] - spent[-2])

    drift = float(optimize.brentq(too_much, 0.0, _LARGEST_DRIFT, xtol=1e-12))
    return replace(
        design, name=f"{design.name}, futility by {spending.name}", futility=_missed(design, spent, drift)[0]
    )


def _missed(design: SequentialDesign, spent: list[float], drift: float) -> tuple[tuple[float, ...], float]:
    """The futility z of each look before the last, and the chance to come to the last one and not to reject."""
    futility: list[float] = []
    underway, before = start(), 0.0
    for look, share in enumerate(design.information[:-1]):
        high = design.critical[look] * math.sqrt(share)
        low = _falls_below(underway, share, spent[look] - before, high, drift)
        before = spent[look]
        futility.append(low / math.sqrt(share))
        underway = underway.within(share, low, high, drift, design.information[look + 1] - share)
    last = design.critical[-1] * math.sqrt(design.information[-1])
    return tuple(futility), underway.below(design.information[-1], last, drift)


def _falls_below(underway: Underway, share: float, left: float, high: float, drift: float) -> float:
    """The score that `left` of the trials fall below; the upper boundary where even it has no more below it."""
    if underway.below(share, high, drift) <= left:
        return high
    reach = share * abs(drift) + _LARGEST_DRIFT * math.sqrt(share)
    return float(optimize.brentq(lambda low: underway.below(share, low, drift) - left, -reach, high, xtol=1e-13))
