"""Answers to single items that make a given score: as near to it as whole answers come, each item its own person's.

An item's answer is the score's height on the item's own scale and a part of its own. How large that part is goes by
the reliability: it is found by trying it out on 300 pretend sheets, for rounding and the ends of a scale have a say.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from math import isfinite, sqrt
from statistics import NormalDist

import numpy as np

from trial.core.instruments import Instrument, Item, Score
from trial.core.scoring import nothing_at, range_of, span
from trial.rehearsal.dice import Dice
from trial.stats.reliability import cronbach_alpha
from trial.stats.scores import parts_of_score

ItemId = int | str
Noise = Callable[[ItemId], float]
SHEETS, ROUNDS = 300, 5
# a number is drawn from at most so many values
_FINEST = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a score: the answers that it takes, lowest first, what one point of it adds, and the way it counts.

    `turned` is lowest + highest of an item that the key reverses. Worked out once, for they are asked for thousands of
    times: `added`, what each of the answers adds; `sense`, 1 where a higher answer adds to the score and -1 where it
    takes away; `width`, from the lowest answer to the highest.
    """

    item: ItemId
    values: tuple[float, ...]
    weight: float
    turned: float | None
    counted_above: float | None
    added: tuple[float, ...] = field(init=False)
    sense: float = field(init=False)
    width: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "added", tuple(self.adds(one) for one in self.values))
        sense = (1.0 if self.turned is None else -1.0) * (1.0 if self.weight >= 0 else -1.0)
        object.__setattr__(self, "sense", sense)
        object.__setattr__(self, "width", self.values[-1] - self.values[0])

    def adds(self, value: float) -> float:
        """What an answer adds to the score."""
        keyed = value if self.turned is None else self.turned - value
        return self.weight * (keyed if self.counted_above is None else float(keyed > self.counted_above))


@dataclass(frozen=True, slots=True)
class Made:
    """How a score is made: `constant` and what its parts add; `own` is the spread of an item's own part, as a share of
    the item's scale."""

    score: Score
    low: float
    high: float
    constant: float
    parts: tuple[Part, ...]
    own: float = 0.0

    def fill(self, target: float, noise: Noise, taken: dict[ItemId, float]) -> None:
        """Answer the items that are not answered yet, so that the score comes as near to the target as it can."""
        free = [one for one in self.parts if one.item not in taken]
        rest = min(max(target, self.low), self.high) - self.constant
        rest -= sum(one.adds(taken[one.item]) for one in self.parts if one.item in taken)
        ends = [sorted((one.added[0], one.added[-1])) for one in free]
        least, most = sum(low for low, _ in ends), sum(high for _, high in ends)
        height = min(max((rest - least) / (most - least), 0.0), 1.0) if most > least else 0.5
        heights = [height if one.sense > 0 else 1 - height for one in free]
        wanted = [_at(one, h) + self.own * noise(one.item) * one.width for one, h in zip(free, heights, strict=True)]
        for part, value in zip(free, _nearest(free, wanted, rest), strict=True):
            taken[part.item] = value


def _at(part: Part, height: float) -> float:
    return part.values[0] + height * part.width


def _nearest(parts: Sequence[Part], wanted: Sequence[float], rest: float) -> list[float]:
    """The answers nearest to those wanted, then moved one step at a time, where it costs least, towards the rest."""
    places = [_place(one.values, value) for one, value in zip(parts, wanted, strict=True)]
    missing = rest - sum(one.added[at] for one, at in zip(parts, places, strict=True))
    while True:
        best: tuple[float, int, int, float] | None = None
        for number, part in enumerate(parts):
            at = places[number]
            to = at + (1 if (missing > 0) == (part.sense > 0) else -1)
            if not 0 <= to < len(part.values):
                continue
            step = part.added[to] - part.added[at]
            if abs(missing - step) >= abs(missing) - 1e-9:
                continue
            cost = (part.values[to] - wanted[number]) ** 2 - (part.values[at] - wanted[number]) ** 2
            if best is None or cost / part.width**2 < best[0]:
                best = (cost / part.width**2, number, to, step)
        if best is None:
            return [one.values[at] for one, at in zip(parts, places, strict=True)]
        _, number, to, step = best
        places[number], missing = to, missing - step


def _place(values: Sequence[float], wanted: float) -> int:
    after = bisect_left(values, wanted)
    if after == 0 or after == len(values):
        return min(after, len(values) - 1)
    return after - (wanted - values[after - 1] <= values[after] - wanted)


def values_of(instrument: Instrument, item: Item) -> tuple[float, ...]:
    """The answers that an item takes, lowest first; none where they have no end, or are no numbers."""
    if item.type == "scale":
        return tuple(sorted(float(one.value) for one in instrument.choices_of(item)))
    if item.type == "yes_no":
        return 0.0, 1.0
    low, high = span(instrument, item)
    if item.type not in ("number", "slider") or not (isfinite(low) and isfinite(high)):
        return ()
    step = max(item.step if item.type == "slider" else 1.0, (high - low) / _FINEST)
    if item.type == "number" and (low % 1 or high % 1):
        step = (high - low) / 20 or 1.0
    return tuple(low + step * at for at in range(int((high - low) / step + 1e-9) + 1))


def made_of(instrument: Instrument, score: Score) -> Made:
    """How a score is made of its items, whether straight or by other scores."""
    inner = [one for one in instrument.scores if one.id in score.of and not one.of] if score.of else [score]
    outer, constant = (score.times / len(inner), score.plus) if score.of else (1.0, 0.0)
    items = {one.id: one for one in instrument.items}
    parts: dict[ItemId, Part] = {}
    for one in inner:
        keys = instrument.scored_items(one)
        weight = outer * one.times / (len(keys) if one.method == "mean" else 1)
        constant += outer * one.plus
        for key in keys:
            if key in items and (values := values_of(instrument, items[key])):
                turned = values[0] + values[-1] if key in one.reverse else None
                above = nothing_at(values[0]) if one.method == "count" else None
                parts[key] = Part(key, values, weight, turned, above)
    low, high = range_of(instrument, score)
    return Made(score, low, high, constant, tuple(parts.values()))


def in_order(instrument: Instrument, first: Iterable[str], drawn: Iterable[str]) -> list[Score]:
    """The scores that items are answered by: those that matter most, then those of most items; a score whose items are
    all answered by then follows from them."""
    ranks, known = {name: at for at, name in enumerate(first)}, set(drawn)
    able = [one for one in instrument.scores if one.id in known]
    able.sort(key=lambda one: (ranks.get(one.id, len(ranks)), -len(instrument.scored_items(one))))
    found, taken = [], set[ItemId]()
    for one in able:
        if items := set(instrument.scored_items(one)) - taken:
            found.append(one)
            taken |= items
    return found


def with_own_parts(
    instrument: Instrument, made: Made, mean: float, sd: float, reliability: float, kept_low: Mapping[ItemId, float]
) -> Made:
    """The same, its items' own parts as large as the reliability asks: coefficient alpha of 300 sheets is what counts.

    `kept_low` are answers that hardly anybody gives otherwise.
    """
    if len(made.parts) < 2:
        return made
    points = [mean + sd * NormalDist().inv_cdf((at + 0.5) / SHEETS) for at in range(SHEETS)]
    own = sqrt((1 - reliability) * len(made.parts)) * sd / (made.high - made.low)
    for _ in range(ROUNDS):
        made = Made(made.score, made.low, made.high, made.constant, made.parts, own)
        alpha = cronbach_alpha(parts_of_score(instrument, made.score, _tried(instrument, made, points, kept_low)))
        if alpha is None or not 0 < alpha < 1:
            return made
        own *= sqrt((1 - reliability) / (1 - alpha))
    return Made(made.score, made.low, made.high, made.constant, made.parts, own)


def _tried(
    instrument: Instrument, made: Made, points: Sequence[float], kept_low: Mapping[ItemId, float]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    wanted = set(instrument.scored_items(made.score))
    rows = []
    for number, point in enumerate(points):
        taken = dict(kept_low)
        made.fill(point, partial(_thrown, number), taken)
        rows.append([taken.get(item.id, np.nan) if item.id in wanted else np.nan for item in instrument.items])
    return np.array(rows, dtype=np.float64)


@lru_cache(maxsize=50_000)
def _thrown(sheet: int, item: ItemId) -> float:
    """A pretend sheet's own part of an item: the same throw in each round and for each score."""
    return Dice(0, sheet).normal(item)
