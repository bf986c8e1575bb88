"""Answers of one sheet to the numbers that an instrument's key makes of them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from trial.core.instruments import Instrument, Item, Score

Scores = dict[str, float | None]


def score_sheet(instrument: Instrument, answers: Mapping[int | str, float | None]) -> Scores:
    """Every score of one answer sheet, by score id; None where too much is missing.

    `answers` maps item ids to numbers on each item's own response scale (yes is 1, no is 0); an item that is left out
    or None is missing. A reversed item counts as lowest + highest - x of its scale. With m of n items answered and
    n - m <= `at_most` missing, a sum is (sum of the m) * n / m and a mean is (sum of the m) / m, which is the person's
    mean put in for what is missing. A count is how many were answered yes or above their lowest answer; what is left
    out adds nothing to it. A mean of scores is (sum of the m scores that there are) / m. Without a `missing` rule
    nothing may be missing, and something must be there. Then the value is multiplied by `times` and `plus` is added.
    A complete sum of whole numbers is exact.
    Raises ValueError for an answer off its scale, whose reversal would be a silent mistake.
    """
    items = {item.id: item for item in instrument.items}
    from_items: Scores = {}
    for score in instrument.scores:
        if not score.of:
            keys = instrument.scored_items(score)
            values = [_keyed(instrument, score, items.get(key), answers.get(key)) for key in keys]
            from_items[score.id] = _score(score, values)
    return {
        score.id: _score(score, [from_items[part] for part in score.of]) if score.of else from_items[score.id]
        for score in instrument.scores
    }


def at_most_missing(score: Score) -> int:
    """How many of a score's parts may be missing: none, unless its key says otherwise."""
    return score.missing.at_most if score.missing else 0


def span(instrument: Instrument, item: Item | None) -> tuple[float, float]:
    """(lowest, highest) answer of an item; infinite where a number has no limit, and for what is no number."""
    if item is not None and item.type == "yes_no":
        return 0, 1
    if item is not None and item.type in ("number", "slider"):
        low, high = item.minimum, item.maximum
        return -math.inf if low is None else low, math.inf if high is None else high
    response = instrument.response_of(item) if item is not None else None
    return (response.lowest, response.highest) if response is not None else (-math.inf, math.inf)


def nothing_at(low: float) -> float:
    """The answer above which an item counts as one that is there: its lowest, or 0 where a number has no lowest."""
    return low if math.isfinite(low) else 0


def range_of(instrument: Instrument, score: Score) -> tuple[float, float]:
    """(lowest, highest) value that a score can have; infinite where an item that it counts has no limit.

    A reversed item has the ends of its scale, turned round. Proration keeps a score within its range.
    """
    if score.of:
        ends = [range_of(instrument, one) for one in instrument.scores if one.id in score.of and not one.of]
    elif score.method == "count":
        ends = [(0.0, 1.0) for _ in instrument.scored_items(score)]
    else:
        items = {item.id: item for item in instrument.items}
        ends = [span(instrument, items.get(key)) for key in instrument.scored_items(score)]
    low, high = math.fsum(low for low, _ in ends), math.fsum(high for _, high in ends)
    if score.method in ("mean", "mean_of_scores"):
        low, high = low / len(ends), high / len(ends)
    low, high = low * score.times + score.plus, high * score.times + score.plus
    return min(low, high), max(low, high)


def _score(score: Score, parts: list[float | None]) -> float | None:
    there = [part for part in parts if part is not None]
    if not there or len(parts) - len(there) > at_most_missing(score):
        return None
    return _combined(score, there, len(parts)) * score.times + score.plus


def _combined(score: Score, there: list[float], asked: int) -> float:
    total = math.fsum(there)
    if score.method == "count":
        return total
    if score.method in ("mean", "mean_of_scores"):
        return total / len(there)
    return total if len(there) == asked else total * asked / len(there)


def _keyed(instrument: Instrument, score: Score, item: Item | None, value: float | None) -> float | None:
    if item is None or value is None:
        return None
    value = float(value)
    low, high = span(instrument, item)
    if not math.isfinite(value):
        raise ValueError(f"item {item.id} of {instrument.code} has no finite answer")
    if item.type != "number" and not low <= value <= high:
        raise ValueError(f"item {item.id} of {instrument.code} is {value:g}, off its scale")
    if item.id in score.reverse:
        value = low + high - value
    return float(value > nothing_at(low)) if score.method == "count" else value
