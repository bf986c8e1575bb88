"""Seconds to score a million sheets of 26 items, beside NumPy's plain mean of each row.

    python -m bench.scoring [--sheets N]

The instrument is the shipped Self-Compassion Scale: ten scores, thirteen items reversed, two sheets in a hundred with
gaps. Its key alone, with one score, is measured too. The reference knows neither reversal nor gaps.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from bench.saying import middle, say
from trial.core.instruments import Instrument
from trial.protocol_files import shipped_instruments
from trial.stats.arrays import FloatArray
from trial.stats.scores import score_sheets

ROUNDS = 5
ITEMS = 26


def main() -> None:
    """Measure in rounds, all ten scores, one score and the reference in turn."""
    parser = argparse.ArgumentParser(prog="python -m bench.scoring", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sheets", type=int, default=1_000_000, help="sheets in each of five rounds")
    sheets = parser.parse_args().sheets
    instrument = shipped_instruments()["scs"]
    total = instrument.model_copy(update={"scores": [instrument.score("scs_mean26")]})
    answers, complete = _answers(sheets)
    rounds = [
        (
            _seconds(lambda: score_sheets(instrument, answers)),
            _seconds(lambda: score_sheets(total, answers)),
            _seconds(lambda: complete.mean(axis=1)),
        )
        for _ in range(ROUNDS)
    ]
    _say(sheets, instrument, rounds)


def _say(sheets: int, instrument: Instrument, rounds: list[tuple[float, float, float]]) -> None:
    every, one, bare = (middle([seconds[place] for seconds in rounds], 3) for place in range(3))
    ratio, ratio_of_one = (middle([each[place] / each[2] for each in rounds], 1) for place in (0, 1))
    figures = {
        "sheets": sheets,
        "items": ITEMS,
        "rounds": ROUNDS,
        "scores": len(instrument.scores),
        "seconds": every,
        "seconds_one_score": one,
        "row_mean_seconds": bare,
        "cost_ratio": ratio,
        "cost_ratio_one_score": ratio_of_one,
    }
    say(
        "scoring",
        figures,
        f"{sheets:,} sheets of {ITEMS} items take {every} s for {len(instrument.scores)} scores ({ratio} plain row "
        f"means) and {one} s for one ({ratio_of_one} row means of {bare} s).",
    )


def _answers(sheets: int) -> tuple[FloatArray, FloatArray]:
    """(with gaps in two sheets of a hundred, without); the same in every run."""
    dice = np.random.default_rng(26)
    complete = dice.integers(1, 6, (sheets, ITEMS)).astype(np.float64)
    answers = complete.copy()
    gappy = np.flatnonzero(dice.random(sheets) < 0.02)
    answers[gappy, dice.integers(0, ITEMS, len(gappy))] = np.nan
    return answers, complete


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
