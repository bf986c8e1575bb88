"""How often the intervals of a meta-analysis hold the truth, by the number of studies and how far they differ.

python -m bench.pooling                 every row, 2,000 meta-analyses each
python -m bench.pooling --runs 100      fewer
python -m bench.pooling --write         also writes the table into docs/statistics.md

Sampling variances are drawn evenly on a logarithmic scale from 0.01 to 0.4, which are those of g in trials of about 400
to 10 people; true effects are normal, or skewed as an exponential, around 0.3. All methods of a row see the same
studies.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.saying import say
from trial.stats.meta_analysis import pool_studies

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
BEGIN, END = "<!-- pooling: written by python -m bench.pooling --write -->", "<!-- end of pooling -->"
SEED, RUNS, MEAN = 20261127, 2000, 0.3
STUDIES, SPREADS, SKEWED = (2, 3, 5, 10, 20), (0.0, 0.02, 0.1), (5, 20)
HEAD = (
    "| studies | τ² | effects | common | normal | Knapp-Hartung | the same, guarded | prediction | τ² by Q-profile |",
    "|---|---|---|---|---|---|---|---|---|",
)


def held(k: int, tau2: float, runs: int, *, skewed: bool) -> list[float]:
    """The share of runs in which each interval holds its truth, in the order of the table."""
    chance = np.random.default_rng([SEED, k, round(1000 * tau2), int(skewed)])
    seen = np.zeros(6)
    for _ in range(runs):
        variances = np.exp(chance.uniform(math.log(0.01), math.log(0.4), k))
        apart = chance.exponential(1, k + 1) - 1 if skewed else chance.normal(0, 1, k + 1)
        truths = MEAN + math.sqrt(tau2) * apart
        estimates = chance.normal(truths[:k], np.sqrt(variances))
        common = pool_studies(estimates, variances, "common")
        normal = pool_studies(estimates, variances, knapp_hartung=False)
        plain = pool_studies(estimates, variances, safeguard=False)
        guarded = pool_studies(estimates, variances)
        means = [one.ci[0] <= MEAN <= one.ci[1] for one in (common, normal, plain, guarded)]
        ends = guarded.prediction or (-math.inf, math.inf)
        low, high = guarded.heterogeneity.tau2_ci
        seen += [*means, ends[0] <= truths[k] <= ends[1], low <= tau2 <= high]
    return [float(one) / runs for one in seen]


def rows(runs: int) -> Iterator[str]:
    """The lines of the table."""
    for k in STUDIES:
        for tau2 in SPREADS:
            yield row(k, tau2, runs, skewed=False)
    for k in SKEWED:
        yield row(k, SPREADS[-1], runs, skewed=True)


def row(k: int, tau2: float, runs: int, *, skewed: bool) -> str:
    shares = held(k, tau2, runs, skewed=skewed)
    cells = [f"{100 * one:.1f}" for one in shares]
    if k < 3:
        cells[4] = "–"
    return f"| {k} | {tau2:g} | {'skewed' if skewed else 'normal'} | {' | '.join(cells)} |"


def main() -> None:
    """Print the table, and write it where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--write", action="store_true", help="write the table into docs/statistics.md")
    wish = parser.parse_args()
    began = time.monotonic()
    table = "\n".join([*HEAD, *rows(wish.runs)])
    print(table)
    if wish.write:
        text = PAGE.read_text(encoding="utf-8")
        before, after = text[: text.index(BEGIN)], text[text.index(END) :]
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{after}", encoding="utf-8")
    seconds = time.monotonic() - began
    say("pooling", {"runs": wish.runs, "seconds": round(seconds)}, f"{wish.runs} runs of each row: {seconds:.0f} s.")


if __name__ == "__main__":
    main()
