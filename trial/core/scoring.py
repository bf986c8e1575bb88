"""Answers of one sheet to the numbers that an instrument's key makes of them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from trial.core.instruments import Instrument, Score


def score_sheet(instrument: Instrument, answers: Mapping[int | str, float | None]) -> dict[str, float | None]:
    """Every score of one answer sheet, by score id; None where too much is missing.

    `answers` maps item ids to numbers on the instrument's response scale; an item that is left out or None is
    missing. A reversed item counts as lowest + highest - x. With m of n items answered and n - m <= `at_most`
    missing, a sum is (sum of the m) * n / m and a mean is (sum of the m) / m, which is the person's mean put in for
    what is missing; without a `missing` rule nothing may be missing. A complete sum of whole numbers is exact.
    Raises ValueError for an answer off the response scale, whose reversal would be a silent mistake.
    """
    return {score.id: _score(instrument, score, answers) for score in instrument.scores}


def _score(instrument: Instrument, score: Score, answers: Mapping[int | str, float | None]) -> float | None:
    items = instrument.scored_items(score)
    values = [
        _keyed(instrument, score, item, value) for item in items if (value := answers.get(item)) is not None
    ]  # fmt: skip
    most = score.missing.at_most if score.missing else 0
    if not values or len(items) - len(values) > most:
        return None
    total = math.fsum(values)
    if score.method == "mean":
        return total / len(values)
    return total if len(values) == len(items) else total * len(items) / len(values)


def _keyed(instrument: Instrument, score: Score, item: int | str, value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"item {item} of {instrument.code} has no finite answer")
    response = instrument.response
    scale = next((one.type == "scale" for one in instrument.items if one.id == item), False)
    if scale and response is not None and not response.lowest <= value <= response.highest:
        raise ValueError(f"item {item} of {instrument.code} is {value:g}, off its scale")
    if item in score.reverse and response is not None:
        return response.lowest + response.highest - value
    return value
