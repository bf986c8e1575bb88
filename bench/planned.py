"""How often each method of a plan keeps its promise in pretend trials, run as a report runs it, and whether it warns.

python -m bench.planned                  every kind of trial, 2,000 trials each; some 25 minutes of one processor
python -m bench.planned --runs 200       fewer
python -m bench.planned --only 0 7       these kinds alone, by their place
python -m bench.planned --dear 4         four times as many trials of the methods that cost much
python -m bench.planned --write          also writes the tables into docs/statistics.md; other kinds stay as they are

Of each kind there are as many trials without an effect (how often a test at 5 % finds one: the type I error) and with
one of 0.8 standard deviations (how often a 95 % interval holds what the method aims at: the coverage). Monte Carlo
standard errors stand in brackets. By two of them a method

    fails             its coverage is shown to be below 94 %, or its error above 6 %;
    a little short    its coverage is shown to be below 95 %, or its error above 5 %, and no more than that;
    wide              its coverage is shown to be above 96 %: it keeps more than it promises, and finds less;
    holds             in all other cases; with fewer than 100 trials there are too few to tell, unless it fails.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.pool import Pool
from pathlib import Path

from bench.planned_factors import OF_FACTORS
from bench.planned_methods import ALPHA, GROUPS, LARGE, Found
from bench.planned_others import OTHERS
from bench.planned_trials import BATCH, EFFECTS, KINDS, Kind, Truth, batch, truth_of
from bench.saying import say

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
BEGIN, END = "<!-- planned: written by python -m bench.planned --write -->", "<!-- end of planned -->"
RUNS = 2000
NOMINAL, FLOOR, CEILING, FAR, ENOUGH = 0.95, 0.94, 0.96, 2.0, 100
HEAD = (
    "| method | finds an effect where there is none, % | holds the truth, % | trials | warns, % | verdict |",
    "|---|---|---|---|---|---|",
)
NONE = "–"


@dataclass(slots=True)
class Tally:
    """What a method did in trials with one effect: shown, held the truth; tested, rejected; refused; warned."""

    shown: int = 0
    held: int = 0
    tested: int = 0
    rejected: int = 0
    refused: int = 0
    warned: int = 0

    def count(self, found: Found) -> None:
        """Take in one trial."""
        if found.ci is None and found.p is None:
            self.refused += 1
            return
        self.warned += found.warned
        if found.ci is not None:
            self.shown += 1
            self.held += found.ci[0] <= found.aim <= found.ci[1]
        if found.p is not None and found.aim == found.null:
            self.tested += 1
            self.rejected += found.p <= ALPHA

    def add(self, other: Tally) -> None:
        """Put two batches together."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    of: int
    n: int

    @property
    def value(self) -> float:
        return self.of / self.n

    @property
    def error(self) -> float:
        """Monte Carlo standard error; where all or none, that of one more or less."""
        near = min(max(self.of, 1), self.n - 1) / self.n if self.n > 1 else 0.5
        return math.sqrt(near * (1 - near) / self.n)

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} ({100 * self.error:.1f})"


@dataclass(slots=True)
class Counted:
    """A method in a kind of trial: its trials without an effect and with one."""

    null: Tally = field(default_factory=Tally)
    effect: Tally = field(default_factory=Tally)

    @property
    def error(self) -> Share | None:
        """Of trials in which there is nothing to find: of a method's own null hypothesis that may be all of them."""
        tested = self.null.tested + self.effect.tested
        return Share(self.null.rejected + self.effect.rejected, tested) if tested else None

    @property
    def coverage(self) -> Share | None:
        return Share(self.effect.held, self.effect.shown) if self.effect.shown else None

    @property
    def verdict(self) -> str:
        """By the rule at the head of this file."""
        misses = [(one.value, one.error) for one in (self.error,) if one]
        misses += [(1 - one.value, one.error) for one in (self.coverage,) if one]
        if any(value - FAR * error > 1 - FLOOR for value, error in misses):
            return "fails"
        if misses and max(one.n for one in (self.error, self.coverage) if one) < ENOUGH:
            return "too few to tell"
        if any(value - FAR * error > 1 - NOMINAL for value, error in misses):
            return "a little short"
        held = self.coverage
        if held and held.value - FAR * held.error > CEILING:
            return "wide"
        return "holds" if misses else NONE

    def row(self, method: str) -> str:
        """A line of the table."""
        error, its = self.error, self.effect
        done = its.shown or (error.n if error else 0)
        refused = its.refused if its.shown else its.refused + self.null.refused
        trials = f"{done:,}" + (f", {refused:,} refused" if refused else "")
        warns = f"{100 * its.warned / its.shown:.0f}" if its.warned else NONE
        cells = [method, str(error or NONE), str(self.coverage or NONE), trials, warns, self.verdict]
        return f"| {' | '.join(cells)} |"


Job = tuple[int, float, int, int]


def some(job: Job) -> dict[str, Tally]:
    """A batch of trials: (place of the kind, effect, number of the batch, how often dear methods are run)."""
    place, effect, number, dear = job
    kind, truth = KINDS[place], _truth(place, effect)
    tallies: dict[str, Tally] = {}
    for at, trial in enumerate(batch(kind, effect, number)):
        for group in OF_FACTORS if kind.factorial else (*GROUPS, *OTHERS):
            every = group.every[sum(kind.people) > LARGE]
            if group.suits(kind) and (number * BATCH + at) % max(1, every // dear) == 0:
                for found in group.run(kind, trial, truth):
                    tallies.setdefault(found.method, Tally()).count(found)
    return tallies


@cache
def _truth(place: int, effect: float) -> Truth:
    return truth_of(KINDS[place], effect)


def simulated(place: int, runs: int, dear: int, pool: Pool) -> dict[str, Counted]:
    """Every method in trials of one kind."""
    methods: dict[str, Counted] = {}
    for effect in EFFECTS:
        jobs = [(place, effect, number, dear) for number in range(math.ceil(runs / BATCH))]
        for tallies in pool.imap(some, jobs):
            for method, tally in tallies.items():
                counted = methods.setdefault(method, Counted())
                (counted.effect if effect else counted.null).add(tally)
    return methods


def table(kind: Kind, methods: dict[str, Counted]) -> Iterator[str]:
    """The lines of one kind of trial."""
    yield from ("", f"**{kind.words}**", "", *HEAD)
    for method, counted in methods.items():
        yield counted.row(method)


def written(page: str, tables: Mapping[str, Sequence[str]]) -> str:
    """The page with these tables, by the words of their kind, in place of its own; a kind not among them keeps its."""
    before, rest = page[: page.index(BEGIN)], page[page.index(BEGIN) + len(BEGIN) :]
    stored, after = rest[: rest.index(END)], rest[rest.index(END) :]
    lines: list[str] = []
    for kind in KINDS:
        its = tables.get(kind.words) or _stored(stored, kind)
        lines += its
    return "\n".join([before + BEGIN, *lines, "", after])


def _stored(text: str, kind: Kind) -> list[str]:
    """The lines of a kind's table as they stand on the page; none where it has no table yet."""
    head = f"**{kind.words}**"
    _, found, rest = text.partition(f"\n{head}\n")
    return ["", head, *rest.partition("\n\n**")[0].rstrip().split("\n")] if found else []


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables, and write them where it is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.planned", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=RUNS, help=f"in steps of {BATCH}")
    parser.add_argument("--only", type=int, nargs="*", default=range(len(KINDS)))
    parser.add_argument("--dear", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    wish = parser.parse_args(arguments)
    began = time.monotonic()
    with Pool(wish.processes) as pool:
        for place in wish.only:
            kind = KINDS[place]
            lines = list(table(kind, simulated(place, wish.runs, wish.dear, pool)))
            print("\n".join(lines), flush=True)
            if wish.write:
                # after each kind, so that a run that is cut short leaves what it had
                PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), {kind.words: lines}), encoding="utf-8")
    seconds = time.monotonic() - began
    say("planned", {"runs": wish.runs, "seconds": round(seconds)}, f"{wish.runs} trials of each kind: {seconds:.0f} s.")


if __name__ == "__main__":
    main()
