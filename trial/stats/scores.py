"""Many answer sheets at once to the scores that an instrument's key makes of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial.core.instruments import Instrument, Score
from trial.core.scoring import at_most_missing, nothing_at, span
from trial.stats.arrays import FloatArray

# rows worked on at a time: a block of a long questionnaire stays in the processor's cache
BLOCK = 8192


def score_sheets(instrument: Instrument, answers: FloatArray) -> dict[str, FloatArray]:
    """Every score of n sheets, by score id: (n,) each, NaN where too much is missing.

    `answers` is (n, items): one column for each item of the instrument, in its order, on the item's own response scale
    (yes is 1, no is 0), NaN for missing. Columns that no score counts may hold anything. The rules and the numbers are
    those of `trial.core.scoring.score_sheet`, which says them; sums of whole numbers are the same to the last bit.
    Raises ValueError for another number of columns, and for an answer off its scale.
    """
    _check_columns(instrument, answers)
    keys = {score.id: _Key.of(instrument, score) for score in instrument.scores if not score.of}
    found = {score.id: np.empty(len(answers)) for score in instrument.scores}
    for start in range(0, len(answers), BLOCK):
        rows = slice(start, start + BLOCK)
        for score in instrument.scores:
            if not score.of:
                found[score.id][rows] = _combined(score, _keyed(score, keys[score.id], answers[rows]))
        for score in instrument.scores:
            if score.of:
                found[score.id][rows] = _combined(score, np.column_stack([found[part][rows] for part in score.of]))
    return found


def parts_of_score(instrument: Instrument, score: Score, answers: FloatArray) -> FloatArray:
    """(n, parts): what a score adds up, of each of n sheets: its items as they count, or the scores it is a mean of.

    `answers`, errors and NaN are those of `score_sheets`; reliability is worked out from these.
    """
    if score.of:
        found = score_sheets(instrument, answers)
        return np.column_stack([found[part] for part in score.of])
    _check_columns(instrument, answers)
    return _keyed(score, _Key.of(instrument, score), answers)


def _check_columns(instrument: Instrument, answers: FloatArray) -> None:
    if answers.ndim != 2 or answers.shape[1] != len(instrument.items):
        raise ValueError(f"{instrument.code} has {len(instrument.items)} items: one column for each is needed")


@dataclass(frozen=True, slots=True)
class _Key:
    """What a score counts, as columns: their numbers, lowest and highest answers, and the factor of a reversal.

    A counted answer is worth offset + sign * x: 0 + x, or lowest + highest - x.
    """

    code: str
    columns: list[int]
    low: FloatArray
    high: FloatArray
    sign: FloatArray
    offset: FloatArray
    nothing: FloatArray

    @classmethod
    def of(cls, instrument: Instrument, score: Score) -> _Key:
        wanted = dict.fromkeys(instrument.scored_items(score))
        places = {item.id: place for place, item in enumerate(instrument.items)}
        items = [instrument.items[places[key]] for key in wanted if key in places]
        ends = [span(instrument, item) for item in items]
        reverse = np.array([item.id in score.reverse for item in items], dtype=bool)
        bounded = [
            end if item.type != "number" else (-math.inf, math.inf) for item, end in zip(items, ends, strict=True)
        ]
        turned = [low + high if turn else 0.0 for (low, high), turn in zip(ends, reverse, strict=True)]
        return cls(
            instrument.code,
            [places[item.id] for item in items],
            np.array([low for low, _ in bounded], dtype=float),
            np.array([high for _, high in bounded], dtype=float),
            np.where(reverse, -1.0, 1.0),
            np.array(turned, dtype=float),
            np.array([nothing_at(low) for low, _ in ends], dtype=float),
        )


def _keyed(score: Score, key: _Key, answers: FloatArray) -> FloatArray:
    """(rows, counted items), reversed where the key says so, NaN kept."""
    values = answers[:, key.columns]
    if np.any(np.isinf(values)):
        raise ValueError(f"an answer of {key.code} is not finite")
    if np.any((values < key.low) | (values > key.high)):
        raise ValueError(f"an answer of {key.code} is off its scale")
    values = key.offset + key.sign * values
    if score.method != "count":
        return values
    return np.where(np.isnan(values), np.nan, values > key.nothing)


def _combined(score: Score, values: FloatArray) -> FloatArray:
    """(rows,) from (rows, parts)."""
    gaps = np.isnan(values)
    asked = values.shape[1]
    there = asked - np.count_nonzero(gaps, axis=1)
    total = np.where(gaps, 0.0, values).sum(axis=1)
    enough = (there > 0) & (asked - there <= at_most_missing(score))
    shared = np.where(there > 0, there, 1)
    if score.method in ("mean", "mean_of_scores"):
        total = total / shared
    elif score.method == "sum":
        total = np.where(there == asked, total, total * asked / shared)
    return np.where(enough, total * score.times + score.plus, np.nan)
