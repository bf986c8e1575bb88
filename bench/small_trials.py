"""How often the linear models of small trials, and of few clusters, find an effect where there is none.

python -m bench.small_trials                 three tables, 2,000 trials of each row
python -m bench.small_trials --trials 200    fewer
python -m bench.small_trials --only joint    one of people, joint, clusters
python -m bench.small_trials --write         also writes them into docs/statistics.md

Forty people, minimised over two factors (biased coin of 0.8), have a baseline and an outcome correlated 0.5 with it;
the models adjust for the baseline and both factors. Where 40 % are lost, they are lost more often the higher their
baseline. Tests of several effects at once are of 20 people per arm, or per cell of a 2 x 2 factorial, with a baseline.
Clusters of 2 to 18 people are halved between two arms. No arm does anything on average; a test at 5 % that says
otherwise errs, and its 95 % interval misses the truth. An effect that is the same for all moves estimate and truth
alike, so that the same share of intervals misses then.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import numpy as np

from bench.saying import say
from trial.core.errors import AnalysisImpossible
from trial.core.randomization import Minimisation
from trial.core.randomization.exact import chance
from trial.core.randomization.minimisation import MinimisedFactor
from trial.stats.ancova import ancova
from trial.stats.anhecova import anhecova
from trial.stats.arrays import FloatArray
from trial.stats.cluster_ancova import cluster_ancova
from trial.stats.designs import Design
from trial.stats.dice import Dice
from trial.stats.factorial import factorial
from trial.stats.operating_characteristics import run
from trial.stats.random_intercept import random_intercept
from trial.stats.sequences import drawn
from trial.stats.sequences.entry import IntArray
from trial.stats.several_arms import several_arms
from trial.stats.subgroups import subgroups

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
MARKS = {
    "people": "<!-- small trials: written by python -m bench.small_trials --write -->",
    "joint": "<!-- several at once: written by python -m bench.small_trials --write -->",
    "clusters": "<!-- few clusters: written by python -m bench.small_trials --write -->",
}
SEED, TRIALS, BATCH, ALPHA, N = "20261127", 2000, 50, 0.05, 40
ARMS = ("a", "b")
FACTORS = (MinimisedFactor("sex", ("f", "m")), MinimisedFactor("age", ("young", "old")))
DESIGN = Design("minimisation", Minimisation(ARMS, (1, 1), FACTORS, "range", (chance("0.8"),)), (1, 1))
KINDS = (
    "normal", "skewed", "spread 2 : 1", "skewed, spread 2 : 1", "effects differ", "effects differ, skewed",
    "40 % lost", "40 % lost, skewed, spread 2 : 1",
)  # fmt: skip
METHODS: dict[str, tuple[Callable[..., Any], dict[str, str]]] = {
    "classical": (ancova, {"covariance": "classical"}),
    "HC2": (ancova, {"covariance": "HC2"}),
    "HC3": (ancova, {"covariance": "HC3"}),
    "HC2, own d.f.": (ancova, {"covariance": "HC2", "degrees": "satterthwaite"}),
    "own slopes, HC2, sample": (anhecova, {"covariance": "HC2", "about": "sample"}),
    "own slopes, HC2, population": (anhecova, {"covariance": "HC2"}),
    "own slopes, HC3, population": (anhecova, {"covariance": "HC3"}),
    "own slopes, HC2, own d.f., population": (anhecova, {"covariance": "HC2", "degrees": "satterthwaite"}),
}
JOINT = tuple(f"{what}, {kind}" for what in ("3 arms", "2 x 2", "2 subgroups", "3 subgroups") for kind in KINDS[:4:3])
TESTS: dict[str, dict[str, Any]] = {
    "classical": {"covariance": "classical"},
    "HC2": {"covariance": "HC2"},
    "HC3": {"covariance": "HC3"},
    "HC2, own d.f.": {"covariance": "HC2", "degrees": "satterthwaite"},
}
CLUSTERS: dict[str, tuple[int, float, str]] = {
    "3 per arm, ICC 0.05": (3, 0.05, "whole"),
    "5 per arm, ICC 0": (5, 0.0, "whole"),
    "5 per arm, ICC 0.05": (5, 0.05, "whole"),
    "5 per arm, ICC 0.2": (5, 0.2, "whole"),
    "5 per arm, ICC 0.2, skewed": (5, 0.2, "skewed"),
    "10 per arm, ICC 0.05": (10, 0.05, "whole"),
    "10, both arms in each, ICC 0.05": (5, 0.05, "both"),
}
CLUSTERED = ("CR2, own d.f.", "random intercept", "people as if independent, HC3", "interval of the ICC")


def noise(dice: Dice, *shape: int, skewed: bool) -> FloatArray:
    """Errors of mean 0 and spread 1: normal, or a chi-square with 2 degrees of freedom (skewness 2)."""
    if skewed:
        return (dice.chi_square(np.array(2.0), *shape) - 2) / 2
    return dice.normal(*shape)


def people(kind: str, first: int) -> FloatArray:
    """Of a batch of trials, by method: rejected or not, and the interval's width; NaN where it was refused."""
    dice = Dice("small trials", SEED, kind, str(first))
    entry = drawn(N, BATCH, ((0.5, 0.5), (0.5, 0.5)), dice)
    treated = run(DESIGN, entry, dice).arms == 0
    baseline = dice.normal(N, BATCH)
    errors = math.sqrt(0.75) * noise(dice, N, BATCH, skewed="skewed" in kind)
    if "spread" in kind:
        errors = np.where(treated, 2 * errors, errors)
    outcome = 0.5 * baseline + 0.3 * entry.levels[:, :, 0] + errors
    if "differ" in kind:
        outcome = outcome + np.where(treated, baseline, 0)
    found = np.full((BATCH, len(METHODS), 2), np.nan)
    for trial in range(BATCH):
        stayed = np.ones(N, np.bool_) if "lost" not in kind else dice.normal(N) - baseline[:, trial] > -0.36
        covariates = np.column_stack([baseline[:, trial], entry.levels[:, trial].astype(float)])[stayed]
        arm = [ARMS[0] if one else ARMS[1] for one in treated[stayed, trial]]
        for place, (method, options) in enumerate(METHODS.values()):
            try:
                result = method(outcome[stayed, trial], arm, covariates, ARMS, **options)
            except AnalysisImpossible:
                continue
            found[trial, place] = result.p <= ALPHA, result.ci[1] - result.ci[0]
    return found


def joint(kind: str, first: int) -> FloatArray:
    """Of a batch of trials, by covariance: whether all arms, an interaction or subgroups were found to differ."""
    dice = Dice("several at once", SEED, kind, str(first))
    cells = {"3 arms": 3, "2 x 2": 4}.get(kind.split(",")[0], 2)
    cell = np.arange(20 * cells) % cells
    found = np.full((BATCH, len(TESTS), 2), np.nan)
    for trial in range(BATCH):
        baseline = dice.normal(len(cell), 1)
        errors = noise(dice, len(cell), skewed="skewed" in kind)
        outcome = 0.5 * baseline[:, 0] + np.where(("spread" in kind) & (cell == 0), 2, 1) * errors
        level = np.searchsorted([0.5, 1.0] if kind.startswith("2 s") else [0.5, 0.8, 1.0], dice.uniform(len(cell)))
        for place, options in enumerate(TESTS.values()):
            try:
                found[trial, place] = _p(kind, outcome, cell, level, baseline, options) <= ALPHA, 0
            except AnalysisImpossible:
                continue
    return found


def _p(
    kind: str, outcome: FloatArray, cell: IntArray, level: IntArray, baseline: FloatArray, options: dict[str, Any]
) -> float:
    labels = [str(one) for one in cell]
    if kind.startswith("3 arms"):
        return several_arms(outcome, labels, baseline, "0", **options).joint.p
    if kind.startswith("2 x 2"):
        halves = (("0", "1"), ("0", "1"))
        pairs = [str(one // 2) for one in cell], [str(one % 2) for one in cell]
        return factorial(outcome, *pairs, baseline, halves, **options).interaction.p
    return subgroups(outcome, labels, [str(one) for one in level], baseline, ("0", "1"), **options).interaction.p


def clustered(kind: str, first: int) -> FloatArray:
    """The same of a batch of trials of clusters: CR2, random intercept, people as if independent; misses of the ICC."""
    per_arm, icc, how = CLUSTERS[kind]
    dice = Dice("few clusters", SEED, kind, str(first))
    m = 2 * per_arm
    found = np.full((BATCH, 4, 2), np.nan)
    for trial in range(BATCH):
        sizes = 2 + np.floor(17 * dice.uniform(m)).astype(int)
        n = int(sizes.sum())
        cluster = np.repeat(np.arange(m), sizes)
        arm = [ARMS[(one if how == "both" else group) % 2] for one, group in enumerate(cluster)]
        skewed = how == "skewed"
        shared = math.sqrt(icc) * noise(dice, m, skewed=skewed)[cluster]
        baseline = dice.normal(n)
        outcome = 0.5 * baseline + shared + math.sqrt(1 - icc) * noise(dice, n, skewed=skewed)
        for place, method in enumerate((cluster_ancova, random_intercept)):
            result = method(outcome, arm, cluster, baseline[:, None], ARMS)
            found[trial, place] = result.p <= ALPHA, result.ci[1] - result.ci[0]
        low, high = result.icc.ci
        found[trial, 3] = not low <= icc <= high, high - low
        plain = ancova(outcome, arm, baseline[:, None], ARMS)
        found[trial, 2] = plain.p <= ALPHA, plain.ci[1] - plain.ci[0]
    return found


def row(kind: str, found: FloatArray) -> str:
    """A line of a table: percent that err with the Monte Carlo error, and how wide the intervals are."""
    cells = [kind]
    for its in found.transpose(1, 0, 2):
        there = its[~np.isnan(its[:, 0])]
        share = float(there[:, 0].mean())
        error = math.sqrt(share * (1 - share) / len(there))
        lost = len(its) - len(there)
        refused = f", {lost} refused" if lost else ""
        width = float(np.median(there[:, 1]))
        cells.append(f"{100 * share:.1f} ({100 * error:.1f}{refused})" + (f", {width:.2f}" if width else ""))
    return f"| {' | '.join(cells)} |"


def table(head: list[str], kinds: list[str], some: Callable[[str, int], FloatArray], trials: int, pool: Pool) -> str:
    """Run every kind, and say each line as it comes."""

    def lines() -> Iterator[str]:
        yield f"| {' | '.join(head)} |"
        yield "|" + "---|" * len(head)
        for kind in kinds:
            found = np.concatenate(pool.map(partial(some, kind), range(0, trials, BATCH), chunksize=1))
            yield row(kind, found)

    told = []
    for line in lines():
        print(line, flush=True)
        told.append(line)
    return "\n".join(told)


def write(name: str, text: str) -> None:
    """Put a table between its marks."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = MARKS[name], f"<!-- end of {name} -->"
    PAGE.write_text(f"{page[: page.index(begin)]}{begin}\n{text}\n{page[page.index(end) :]}", encoding="utf-8")


def main() -> None:
    """Print both tables, and write them where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/statistics.md")
    parser.add_argument("--only", choices=list(MARKS), help="one of the tables")
    wish = parser.parse_args()
    began = time.monotonic()
    tables: dict[str, tuple[list[str], list[str], Callable[[str, int], FloatArray]]] = {
        "people": (["20 per arm", *METHODS], list(KINDS), people),
        "joint": (["test", *TESTS], list(JOINT), joint),
        "clusters": (["clusters", *CLUSTERED], list(CLUSTERS), clustered),
    }
    with Pool(os.cpu_count()) as pool:
        for name, (head, kinds, some) in tables.items():
            if wish.only in (None, name):
                text = table(head, kinds, some, wish.trials, pool)
                if wish.write:
                    write(name, text)
    seconds = time.monotonic() - began
    figures = {"trials": wish.trials, "seconds": round(seconds)}
    say("small_trials", figures, f"{wish.trials} trials of each kind took {seconds:.0f} s.")


if __name__ == "__main__":
    main()
