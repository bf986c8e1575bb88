"""How often the linear models of small trials, and of few clusters, find an effect where there is none.

python -m bench.small_trials                 both tables, 2,000 trials each
python -m bench.small_trials --trials 200    fewer
python -m bench.small_trials --write         also writes them into docs/statistics.md

Forty people, minimised over two factors (biased coin of 0.8), have a baseline and an outcome correlated 0.5 with it;
the models adjust for the baseline and both factors. Clusters of 2 to 18 people are halved between two arms. No arm does
anything on average; a test at 5 % that says otherwise errs, and its 95 % interval misses the truth. An effect that is
the same for all moves estimate and truth alike, so that the same share of intervals misses then.
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
from trial.stats.operating_characteristics import run
from trial.stats.random_intercept import random_intercept
from trial.stats.sequences import drawn

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
MARKS = {
    "people": "<!-- small trials: written by python -m bench.small_trials --write -->",
    "clusters": "<!-- few clusters: written by python -m bench.small_trials --write -->",
}
SEED, TRIALS, BATCH, ALPHA, N = "20261127", 2000, 50, 0.05, 40
ARMS = ("a", "b")
FACTORS = (MinimisedFactor("sex", ("f", "m")), MinimisedFactor("age", ("young", "old")))
DESIGN = Design("minimisation", Minimisation(ARMS, (1, 1), FACTORS, "range", (chance("0.8"),)), (1, 1))
KINDS = ("normal", "skewed", "spread 2 : 1", "skewed, spread 2 : 1", "effects differ", "effects differ, skewed")
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
CLUSTERS: dict[str, tuple[int, float, str]] = {
    "3 per arm, ICC 0.05": (3, 0.05, "whole"),
    "5 per arm, ICC 0": (5, 0.0, "whole"),
    "5 per arm, ICC 0.05": (5, 0.05, "whole"),
    "5 per arm, ICC 0.2": (5, 0.2, "whole"),
    "5 per arm, ICC 0.2, skewed": (5, 0.2, "skewed"),
    "10 per arm, ICC 0.05": (10, 0.05, "whole"),
    "10, both arms in each, ICC 0.05": (5, 0.05, "both"),
}


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
        covariates = np.column_stack([baseline[:, trial], entry.levels[:, trial].astype(float)])
        arm = [ARMS[0] if one else ARMS[1] for one in treated[:, trial]]
        for place, (method, options) in enumerate(METHODS.values()):
            try:
                result = method(outcome[:, trial], arm, covariates, ARMS, **options)
            except AnalysisImpossible:
                continue
            found[trial, place] = result.p <= ALPHA, result.ci[1] - result.ci[0]
    return found


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
        cells.append(f"{100 * share:.1f} ({100 * error:.1f}{refused}), {float(np.median(there[:, 1])):.2f}")
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
    wish = parser.parse_args()
    began = time.monotonic()
    heads = {
        "people": ["20 per arm", *METHODS],
        "clusters": [
            "clusters",
            "CR2, own d.f.",
            "random intercept",
            "people as if independent, HC3",
            "interval of the ICC",
        ],
    }
    with Pool(os.cpu_count()) as pool:
        found = {
            "people": table(heads["people"], list(KINDS), people, wish.trials, pool),
            "clusters": table(heads["clusters"], list(CLUSTERS), clustered, wish.trials, pool),
        }
    if wish.write:
        for name, text in found.items():
            write(name, text)
    seconds = time.monotonic() - began
    figures = {"trials": wish.trials, "seconds": round(seconds)}
    say("small_trials", figures, f"{wish.trials} trials of each kind took {seconds:.0f} s.")


if __name__ == "__main__":
    main()
