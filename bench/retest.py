"""How often the planned t-test and the randomisation test reject in pretend trials of each design of allocation.

python -m bench.retest                every condition, 2,000 trials each; half an hour on two processors
python -m bench.retest --trials 200   fewer
python -m bench.retest --write        also writes the table into docs/statistics.md
python -m bench.retest --speed        only says how long one test of 500 people takes

Forty people come one after the other, each with a baseline and levels on two factors, the same in every trial of a
condition. The design allocates them, the outcome follows, and both tests judge the planned comparison: ANCOVA on the
baseline and, where the design has strata, on them, HC3, at 5 %. The randomisation test runs the design again 499 times
for every trial. Without an effect a rejection is a false finding.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
from scipy import special

from bench.saying import say
from trial.core.randomization import STAGE, BiasedCoin, BigStick, Minimisation, PermutedBlocks, Simple, Urn, allocate
from trial.core.randomization.exact import chance
from trial.core.randomization.minimisation import MinimisedFactor
from trial.core.randomization.rule import Rule
from trial.stats.arrays import FloatArray
from trial.stats.dice import Dice
from trial.stats.randomization_test import judged, randomization_test
from trial.stats.rerandomize import Mechanism, OwnSequence, rerandomized
from trial.stats.rerandomized_statistics import comparison, statistics

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
BEGIN, END = "<!-- retest: written by python -m bench.retest --write -->", "<!-- end of retest -->"
SEED, TRIALS, BATCH, LISTS, ALPHA, N, EFFECT = "20261126", 2000, 10, 499, 0.05, 40, 1.0
ARMS = ("a", "b")
FACTORS = (MinimisedFactor("sex", ("f", "m")), MinimisedFactor("age", ("young", "old")))


@dataclass(frozen=True, slots=True)
class Design:
    """A rule, and whether it takes the factors: as strata of their own sequences, or as margins."""

    words: str
    rule: Rule
    strata: bool = False


DESIGNS = (
    Design("simple", Simple(ARMS, (1, 1))),
    Design("blocks of 4", PermutedBlocks(ARMS, (1, 1), (4,))),
    Design("blocks of 4 or 6 in strata", PermutedBlocks(ARMS, (1, 1), (4, 6)), strata=True),
    Design("blocks of 6, ratio 1 : 2", PermutedBlocks(ARMS, (1, 2), (6,))),
    Design("big stick of 3", BigStick(ARMS, 3)),
    Design("big stick of 1", BigStick(ARMS, 1)),
    Design("biased coin, 2/3", BiasedCoin(ARMS, chance("2/3"))),
    Design("urn, 0 + 1", Urn(ARMS, 0, 1)),
    Design("minimisation, 0.8", Minimisation(ARMS, (1, 1), FACTORS, "range", (chance("0.8"),)), strata=True),
    Design("minimisation, 1", Minimisation(ARMS, (1, 1), FACTORS, "range", (chance("1"),)), strata=True),
)
PLACE = np.arange(N) / (N - 1) - 0.5
CONDITIONS: dict[str, FloatArray] = {
    "nothing over time": np.zeros(N),
    "a drift of 4 SD": 4 * PLACE,
    "every second person 2 SD higher": np.where(np.arange(N) % 2 == 0, -1.0, 1.0),
}


def people() -> tuple[FloatArray, FloatArray]:
    """Baseline (N,) and levels (N, 2), the same in every trial."""
    dice = Dice("people of bench.retest", SEED)
    return dice.normal(N), (dice.uniform(N, 2) < 0.5).astype(float)


def mechanism_of(design: Design, levels: FloatArray) -> Mechanism:
    """How the design allocates these people; nobody is allocated yet."""
    rows = [tuple(int(one) for one in row) for row in levels]
    keys = [0] * N if design.rule.version == "minimisation-1" or not design.strata else [2 * a + b for a, b in rows]
    sizes = (2, 2) if design.strata else ()
    sequences = []
    for key in sorted(set(keys)):
        places = [at for at, one in enumerate(keys) if one == key]
        its = tuple(rows[at] if design.strata else () for at in places)
        sequences.append(OwnSequence(design.rule, np.array(places), its, sizes, np.arange(2)))
    codes = tuple(str(at) for at in range(N))
    return Mechanism(ARMS, codes, np.zeros(N, np.int8), tuple(sequences))


def some(design: Design, condition: str, first: int) -> FloatArray:
    """Of ten trials from number `first` on, rejections (10, 6): by t, by lists, by lists and plain means; with effect.

    Each trial has lists of its own, one more than the test needs: the first is the real one.
    """
    baseline, levels = people()
    how = mechanism_of(design, levels)
    words = (SEED, design.words, condition, str(first))
    lists = rerandomized(how, BATCH * (1 + LISTS), Dice("lists of bench.retest", *words))
    noise = Dice("outcomes of bench.retest", *words).normal(BATCH, N)
    covariates = np.column_stack([baseline, levels]) if design.strata else baseline[:, None]
    critical = float(special.stdtrit(N - 2 - covariates.shape[1], 1 - ALPHA / 2))
    found = np.zeros((BATCH, 6))
    for trial in range(BATCH):
        its = lists[:, trial * (1 + LISTS) : (trial + 1) * (1 + LISTS)]
        untreated = 0.5 * baseline + math.sqrt(0.75) * noise[trial] + CONDITIONS[condition]
        for place, effect in ((0, 0.0), (3, EFFECT)):
            planned = comparison(np.arange(N), untreated + effect * (its[:, 0] == 0), covariates, 2, (0, 1), "HC3")
            t, plain = statistics(planned, its)
            if np.isfinite(t[0]):
                found[trial, place] = abs(t[0]) > critical
                found[trial, place + 1] = judged(t[1:], float(t[0])).p <= ALPHA
                found[trial, place + 2] = judged(plain[1:], float(plain[0])).p <= ALPHA
    return found


def rows(trials: int, pool: Pool) -> Iterator[str]:
    """A row of the table for each design and condition: type I error, then power."""
    for design in DESIGNS:
        for condition in CONDITIONS:
            found = np.concatenate(pool.map(partial(some, design, condition), range(0, trials, BATCH), chunksize=1))
            shares = found.mean(axis=0)
            cells = [f"{100 * one:.1f} ({100 * math.sqrt(one * (1 - one) / len(found)):.1f})" for one in shares]
            row = f"| {design.words} | {condition} | {' | '.join(cells)} |"
            print(row, flush=True)
            yield row


HEAD = (
    "| design | over time | t-test, no effect | randomisation test, no effect | the same by plain means, no effect | "
    "t-test, effect 1 SD | randomisation test, effect 1 SD | the same by plain means, effect 1 SD |",
    "|---|---|---|---|---|---|---|---|",
)


def speed() -> None:
    """One test of 500 people by minimisation over four factors, beside lists made by the code that allocates."""
    factors = tuple(MinimisedFactor(f"factor_{at}", ("low", "high")) for at in range(4))
    rule = Minimisation(ARMS, (1, 1), factors, "range", (chance("0.8"),))
    n, lists, few = 500, 10_000, 10
    dice = Dice("speed of bench.retest", SEED)
    levels = [tuple(int(one) for one in row) for row in dice.uniform(n, 4) < 0.5]
    its = OwnSequence(rule, np.arange(n), tuple(levels), (2, 2, 2, 2), np.arange(2))
    allocated = (np.arange(n) % 2).astype(np.int8)
    how = Mechanism(ARMS, tuple(str(at) for at in range(n)), allocated, (its,))
    planned = comparison(np.arange(n), dice.normal(n), np.column_stack([dice.normal(n), levels]), 2, (0, 1), "HC3")
    began = time.process_time()
    randomization_test(how, [planned], SEED, lists)
    ours = time.process_time() - began
    began = time.process_time()
    for number in range(few):
        state = rule.start()
        for at, row in enumerate(levels):
            of = {one.id: one.levels[level] for one, level in zip(factors, row, strict=True)}
            state = allocate(rule, number.to_bytes(32, "big"), "speed", STAGE, of, at + 1, state).next_state
    plain = (time.process_time() - began) / few * lists
    figures = {"seconds": round(ours, 1), "plain_seconds": round(plain), "times": round(plain / ours)}
    say(
        "retest_speed",
        figures,
        "10,000 lists of 500 people by minimisation over four factors, each judged by the planned model, take "
        f"{ours:.1f} s of one processor; the lists alone, by the code that allocates in a trial, would take "
        f"{plain:.0f} s.",
    )


def main() -> None:
    """Print the table, and write it where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--write", action="store_true", help="write the table into docs/statistics.md")
    parser.add_argument("--speed", action="store_true", help="only say how long one test takes")
    wish = parser.parse_args()
    if wish.speed:
        speed()
        return
    began = time.monotonic()
    with Pool(os.cpu_count()) as pool:
        table = "\n".join([*HEAD, *rows(wish.trials, pool)])
    if wish.write:
        text = PAGE.read_text(encoding="utf-8")
        before, after = text[: text.index(BEGIN)], text[text.index(END) :]
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{after}", encoding="utf-8")
    seconds = time.monotonic() - began
    figures = {"trials": wish.trials, "lists": LISTS, "seconds": round(seconds)}
    say("retest", figures, f"{wish.trials} trials of each condition, {LISTS} lists each, took {seconds:.0f} s.")


if __name__ == "__main__":
    main()
