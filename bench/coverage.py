"""How often the intervals that a report prints hold the truth, and how often their tests cry wolf: pretend trials.

python -m bench.coverage                    every setting, 2,000 trials each; half an hour of one processor
python -m bench.coverage --only 0 1         these settings alone, by their place
python -m bench.coverage --trials 100       fewer
python -m bench.coverage --write            also writes the table into docs/statistics.md

The truth of each method is what its own assumption gives for everyone randomised. People leave by their baseline alone
and for good, so that it is the effect for all methods but two: times the share not lost for jump to reference; plus one
point for each lost, where one point is added. With no effect and no shift a missed truth is a false finding.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import ancova
from trial.stats.conditional_mean import conditional_mean
from trial.stats.filling import Gaps, find_gaps
from trial.stats.multiple_imputation import multiple_imputation

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
BEGIN, END = "<!-- coverage: written by python -m bench.coverage --write -->", "<!-- end of coverage -->"
SEED, TRIALS, LEVEL, SHIFT = 20261126, 2000, 0.95, 1.0
CONTRAST = ("letter", "memory")
NAMES = {
    "planned": "the planned analysis and complete cases",
    "imputed": "multiple imputation",
    "jump": "jump to reference",
    "random": "tipping point, nothing added",
    "shifted": "tipping point, one point added",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of trial: people per arm, timepoints, share lost, how errors are spread, whether there is an effect."""

    people: int
    timepoints: int = 1
    lost: float = 0.4
    errors: str = "normal"
    unequal: float = 1.0
    effect: float = 0.0

    @property
    def words(self) -> str:
        spread = "" if self.unequal == 1 else f", spread {self.unequal:g} : 1"
        times = "one timepoint" if self.timepoints == 1 else f"{self.timepoints} timepoints"
        effect = "no effect" if self.effect == 0 else f"effect {self.effect:g}"
        return f"{self.people} per arm, {times}, {100 * self.lost:.0f} % lost, {self.errors}{spread}, {effect}"


SETTINGS = (
    Setting(20),
    Setting(20, errors="skewed", unequal=2.0),
    Setting(20, timepoints=3),
    Setting(50, timepoints=3, effect=2.0),
    Setting(100, timepoints=3, errors="skewed", unequal=2.0, effect=2.0),
)


def pretend(setting: Setting, chance: np.random.Generator) -> Gaps:
    """One trial; people with a low baseline are likelier to leave, and leaving is for good."""
    n = 2 * setting.people
    arms = [CONTRAST[at % 2] for at in range(n)]
    treated = np.arange(n) % 2 == 0
    baseline, lasting = chance.normal(0, 1, n), chance.normal(0, 1, n)
    spread = np.where(treated, setting.unequal, 1.0)
    columns = []
    for _ in range(setting.timepoints):
        error = chance.normal(0, 1, n) if setting.errors == "normal" else (chance.chisquare(4, n) - 4) / math.sqrt(8)
        columns.append(baseline + (lasting + error) * spread + setting.effect * treated)
    y = np.column_stack(columns)
    leaves = special.ndtr(0.6 * baseline + 0.8 * chance.normal(0, 1, n))
    for at in range(setting.timepoints):
        y[leaves < setting.lost * (at + 1) / setting.timepoints, at] = np.nan
    outcomes = [(f"week_{at + 1}", y[:, at]) for at in range(setting.timepoints)]
    return find_gaps(arms, outcomes, outcomes[-1][0], baseline[:, None], ["baseline"], CONTRAST)


def results(gaps: Gaps, key: str) -> Iterator[tuple[str, float, float, float]]:
    """(method, estimate, error, degrees of freedom) of each method."""
    seen = np.isfinite(gaps.outcome)
    arms = [arm for arm, has in zip(gaps.design.row_arms, seen, strict=True) if has]
    planned = ancova(gaps.outcome[seen], arms, gaps.columns[seen], CONTRAST)
    yield "planned", planned.estimate, planned.se, planned.df
    pooled = multiple_imputation(gaps, CONTRAST, (key,)).pooled
    yield "imputed", pooled.estimate, pooled.se, pooled.df
    jump, random = (conditional_mean(gaps, CONTRAST, each) for each in ("jump_to_reference", "random"))
    yield "jump", jump.estimate, math.sqrt(jump.variance()), planned.df
    yield "random", random.estimate, math.sqrt(random.variance()), planned.df
    yield "shifted", random.estimate + SHIFT * random.slope, math.sqrt(random.variance(SHIFT)), planned.df


def truths(setting: Setting) -> dict[str, float]:
    """What each method aims at."""
    special_ones = {"jump": setting.effect * (1 - setting.lost), "shifted": setting.effect + SHIFT * setting.lost}
    return dict.fromkeys(NAMES, setting.effect) | special_ones


def one(job: tuple[Setting, int]) -> dict[str, tuple[bool, float, float]] | None:
    """Of one trial: whether each interval holds the truth, its estimate and its error."""
    setting, number = job
    chance = np.random.default_rng([SEED, SETTINGS.index(setting), number])
    aim = truths(setting)
    found = {}
    try:
        for method, estimate, se, df in results(pretend(setting, chance), f"{setting.words} {number}"):
            half = float(special.stdtrit(df, (1 + LEVEL) / 2)) * se
            found[method] = (abs(estimate - aim[method]) <= half, estimate - aim[method], se)
    except AnalysisImpossible:
        return None
    return found


def setting_rows(setting: Setting, trials: int, pool: Pool) -> Iterator[str]:
    """A row of the table for each method."""
    jobs = [(setting, number) for number in range(trials)]
    found = list(pool.imap(one, jobs, chunksize=10))
    done = [each for each in found if each is not None]
    for method, name in NAMES.items():
        held = np.array([each[method][0] for each in done])
        off = np.array([each[method][1] for each in done])
        errors = np.array([each[method][2] for each in done])
        rate = float(held.mean())
        noise = math.sqrt(rate * (1 - rate) / len(done))
        bias, real = float(off.mean()), float(off.std(ddof=1))
        yield (
            f"| {setting.words} | {name} | {100 * rate:.1f} ({100 * noise:.1f}) | "
            f"{bias:.3f} ({real / math.sqrt(len(done)):.3f}) | {float(errors.mean()) / real:.2f} | {len(done):,} |"
        )


HEAD = (
    "| trials | method | intervals that hold the truth, % (Monte Carlo error) | bias (Monte Carlo error) | "
    "mean error over real spread | trials analysed |",
    "|---|---|---|---|---|---|",
)


def main() -> None:
    """Run what was asked for and print the table; write it if asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.coverage", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--only", type=int, nargs="*", default=range(len(SETTINGS)))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    wish = parser.parse_args()
    began, rows = time.monotonic(), []
    with Pool(wish.processes) as pool:
        for at in wish.only:
            for row in setting_rows(SETTINGS[at], wish.trials, pool):
                rows.append(row)
                print(row, flush=True)
    print(f"{time.monotonic() - began:.0f} s")
    if wish.write:
        text = PAGE.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        PAGE.write_text("\n".join([before + BEGIN, *HEAD, *rows, END + rest.split(END)[1]]), encoding="utf-8")


if __name__ == "__main__":
    main()
