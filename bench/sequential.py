"""How often trials that are looked at early cry wolf, and how often what they say at their end holds the truth.

python -m bench.sequential                  every setting, 2,000 trials each; some minutes
python -m bench.sequential --trials 100     fewer
python -m bench.sequential --write          also writes the table into docs/statistics.md

Three looks are planned, when 40, 70 and 100 % of the people have come; what each look's information really is follows
from who was analysed. The analysis is ANCOVA with HC3, and its t is held against the boundaries by its p. Beside that
stands what would happen if the t were taken for a z. A trial of non-inferiority is tested from one side at 0.025, one
of equivalence from both, each at 0.025; where the effect lies on the margin, to show it is the error.
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
from trial.stats.ancova import AncovaResult, ancova
from trial.stats.sequential.design import SequentialDesign, spending_design
from trial.stats.sequential.equivalence import likeness
from trial.stats.sequential.final import at_least, error_by_p, normal_z
from trial.stats.sequential.monitoring import monitored
from trial.stats.sequential.spending import Spending, SpendingName

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
BEGIN, END = "<!-- sequential: written by python -m bench.sequential --write -->", "<!-- end of sequential -->"
SEED, TRIALS, LEVEL, LOOKS = 20261127, 2000, 0.95, (0.4, 0.7, 1.0)
CONTRAST = ("letter", "memory")
NAMES: dict[SpendingName, str] = {"obrien_fleming": "O'Brien-Fleming type", "pocock": "Pocock type"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of trial: people per arm at its end, how it spends, share lost, spread of the errors, effect; the margin
    by which the first arm must not be worse, 0 for a test of a difference; whether it must not be better either."""

    spending: SpendingName
    people: int
    effect: float
    lost: float = 0.0
    skewed: bool = False
    unequal: float = 1.0
    margin: float = 0.0
    alike: bool = False

    @property
    def words(self) -> str:
        spread = "" if self.unequal == 1 else f", spread {self.unequal:g} : 1"
        errors = "skewed" if self.skewed else "normal"
        effect = "no effect" if self.effect == 0 else f"effect {self.effect:g}"
        if self.margin:
            aim = "alike within" if self.alike else "not worse by"
            effect = f"{aim} {self.margin:g}, {'on the margin' if self.effect else effect}"
        return f"{self.people} per arm, {100 * self.lost:.0f} % lost, {errors}{spread}, {effect}"


SETTINGS = tuple(
    Setting(spending, people, effect, **odd)  # type: ignore[arg-type]
    for spending in NAMES
    for people, odd in (
        (20, {}),
        (20, {"skewed": True, "unequal": 2.0}),
        (20, {"lost": 0.4}),
        (100, {"skewed": True, "unequal": 2.0, "lost": 0.4}),
    )
    for effect in (0.0, 0.8)
) + tuple(
    Setting(spending, people, effect, margin=0.8, alike=alike, **odd)  # type: ignore[arg-type]
    for alike in (False, True)
    for spending in NAMES
    for people, odd in ((20, {}), (100, {"skewed": True, "unequal": 2.0, "lost": 0.4}))
    for effect in (-0.8, 0.0)
)  # fmt: skip


def one(job: tuple[Setting, int]) -> tuple[bool, bool, bool, bool, bool] | None:
    """Of one trial: rejected by p, by t; truth held by the final interval, by the plain; estimate below the truth."""
    setting, number = job
    chance = np.random.default_rng([SEED, SETTINGS.index(setting), number])
    n = 2 * setting.people
    treated = np.arange(n) % 2 == 0
    baseline = chance.normal(size=n)
    error = (chance.chisquare(4, n) - 4) / math.sqrt(8) if setting.skewed else chance.normal(size=n)
    outcome = 0.6 * baseline + 0.8 * error * np.where(treated, setting.unequal, 1.0) + setting.effect * treated
    stays = special.ndtr(0.6 * baseline + 0.8 * chance.normal(size=n)) >= setting.lost
    come = [np.flatnonzero(stays[: round(share * n)]) for share in LOOKS]
    plan = spending_design(LOOKS, Spending(setting.spending))
    if setting.margin:
        plan = spending_design(LOOKS, Spending(setting.spending), alpha=(1 - LEVEL) / 2, sides=1)
    try:
        shares = [len(each) / (n * (1 - setting.lost)) for each in come]
        seen = monitored(plan, shares, final=True)
        arms = [CONTRAST[0] if each else CONTRAST[1] for each in treated]
        found = [ancova(outcome[at], [arms[each] for each in at], baseline[at, None], CONTRAST) for at in come]
    except (AnalysisImpossible, ValueError):
        return None
    if setting.alike:
        return alike(setting, seen, found)
    t = [(each.estimate + setting.margin) / each.se for each in found]
    z = [normal_z(its, each.df) for its, each in zip(t, found, strict=True)]
    size = float if setting.margin else abs
    stopped = [size(each) >= critical for each, critical in zip(z, seen.critical, strict=True)]
    raw = any(size(each) >= at for each, at in zip(t, seen.critical, strict=True))
    look = stopped.index(True) if any(stopped) else len(LOOKS) - 1
    last = found[look]
    unit = error_by_p(last.estimate + setting.margin, last.se, last.df) * math.sqrt(seen.information[look])
    place = at_least(seen, look + 1, z[look], (setting.effect + setting.margin) / unit)
    tail = (1 - LEVEL) / 2
    plain = last.ci[0] <= setting.effect <= last.ci[1]
    # P rises with the effect: where it is above one half at the truth, the median-unbiased estimate lies below it.
    return any(stopped), raw, tail < place < 1 - tail, plain, place > 0.5


def alike(setting: Setting, seen: SequentialDesign, found: list[AncovaResult]) -> tuple[bool, bool, bool, bool, bool]:
    """The same of a trial of equivalence; its final interval is the repeated one, its estimate as it is."""
    held = [
        likeness(seen, at, each.estimate, each.se, each.df, setting.margin) for at, each in enumerate(found, start=1)
    ]
    shown = [each.shown for each in held]
    look = shown.index(True) if any(shown) else len(LOOKS) - 1
    raw = any(
        setting.margin - abs(each.estimate) >= critical * each.se
        for each, critical in zip(found, seen.critical, strict=True)
    )
    last, interval = found[look], held[look].ci
    holds = interval[0] <= setting.effect <= interval[1]
    return any(shown), raw, holds, last.ci[0] <= setting.effect <= last.ci[1], last.estimate < setting.effect


HEAD = (
    "| trials | boundaries | rejected, by p, % (Monte Carlo error) | rejected, t taken for z, % | "
    "final interval holds the truth, % (Monte Carlo error) | interval that ignores the looks, % | "
    "median-unbiased estimate below the truth, % | trials analysed |",
    "|---|---|---|---|---|---|---|---|",
)


def row(setting: Setting, trials: int, pool: Pool) -> str:
    """One line of the table."""
    found = pool.imap(one, [(setting, number) for number in range(trials)], chunksize=20)
    done = np.array([each for each in found if each is not None], dtype=float)
    by_p, raw, held, plain, below = done.mean(axis=0)

    def noisy(rate: float) -> str:
        return f"{100 * rate:.1f} ({100 * math.sqrt(rate * (1 - rate) / len(done)):.1f})"

    return (
        f"| {setting.words} | {NAMES[setting.spending]} | {noisy(by_p)} | {100 * raw:.1f} | {noisy(held)} | "
        f"{100 * plain:.1f} | {100 * below:.1f} | {len(done):,} |"
    )


def rows(trials: int, pool: Pool) -> Iterator[str]:
    """The table's lines, as they are found."""
    for setting in SETTINGS:
        yield row(setting, trials, pool)


def main() -> None:
    """Run every setting and print the table; write it if asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.sequential", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    wish = parser.parse_args()
    began, found = time.monotonic(), []
    with Pool(wish.processes) as pool:
        for line in rows(wish.trials, pool):
            found.append(line)
            print(line, flush=True)
    print(f"{time.monotonic() - began:.0f} s")
    if wish.write:
        text = PAGE.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        PAGE.write_text("\n".join([before + BEGIN, *HEAD, *found, END + rest.split(END)[1]]), encoding="utf-8")


if __name__ == "__main__":
    main()
