"""The randomisation test: the planned comparison, judged by the lists that its own design would have given.

Under the sharp null hypothesis nobody's outcome, nor whether it is there, depends on the arm. Then the outcomes are
what they are whatever list chance gives, and each of B new lists (`rerandomize.py`), in the place of the real one,
gives a statistic T* from its known distribution:

    p = (1 + #{|T*| >= |T|}) / (B + 1).

With that the test holds its level whatever B, the sample, the distribution of the outcome or a drift over time: Phipson
B, Smyth GK (2010), Statistical Applications in Genetics and Molecular Biology 9, article 39. That a test should re-run
the design: Rosenberger WF, Uschner D, Wang Y (2019), Statistics in Medicine 38, 1-12.
Two statistics: the planned one (adjusted difference over its robust error), which is the answer, and the plain
difference of means. People without the outcome take their places in each list and are in no statistic.

The dice are keyed by a seed and the number of a batch, so any number of processes gives the same figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.dice import Dice
from trial.stats.rerandomize import Arms, Mechanism, rerandomized
from trial.stats.rerandomized_statistics import Comparison, statistics

REPS = 10_000
BINS = 48
_CELLS, _LARGEST_BATCH = 1_000_000, 1000
# lists that give the same statistic give it with other last digits
_TIE = 1e-9

Batch = list[tuple[FloatArray, FloatArray, npt.NDArray[np.uint64]]]
Work = Callable[[tuple[int, int]], Batch]
Over = Callable[[Work, Iterable[tuple[int, int]]], Iterable[Batch]]
"""Goes through the batches: `map`, or that of a pool of processes."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One statistic: the observed, how many lists are as extreme, p with its Monte Carlo error and 95 % interval.

    The interval is Clopper and Pearson's, for the p that all lists of the design together would give.
    """

    observed: float
    extreme: int
    p: float
    error: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Reference:
    """How T* is spread: counts in equal bins from -`edge` to `edge`, the ends with all beyond; the 0.95 of |T*|."""

    edge: float
    counts: tuple[int, ...]
    critical: float


@dataclass(frozen=True, slots=True)
class RandomizationTest:
    """`distinct`: how many different lists of those analysed were among the B.

    `effective`: of how many equally likely lists such coincidences would come (None: no two were alike); `same`: how
    many were the real list over again; `undefined`: lists without a statistic, counted as extreme.
    """

    reps: int
    seed: str
    studentised: Judged
    difference: Judged
    reference: Reference
    distinct: int
    effective: float | None
    same: int
    undefined: int


def randomization_test(
    how: Mechanism,
    planned: Sequence[Comparison],
    seed: str,
    reps: int = REPS,
    level: float = 0.95,
    over: Over = map,
) -> list[RandomizationTest]:
    """Each planned comparison over the same new lists, in the order given; AnalysisImpossible without a statistic."""
    observed = [statistics(one, how.allocated[:, None]) for one in planned]
    if any(np.isinf(values).any() for values in observed):
        raise AnalysisImpossible("The people analysed leave the difference without an estimate or without an error.")
    work = partial(_batch, how, tuple(planned), seed)
    batches = list(over(work, sizes(how.n, reps)))
    found = []
    for place, (one, (t, plain)) in enumerate(zip(planned, observed, strict=True)):
        new = [np.concatenate([batch[place][part] for batch in batches]) for part in range(3)]
        mine = _marks(one, how.allocated[:, None])[0]
        found.append(_found(new[0], new[1], new[2], (float(t[0]), float(plain[0])), mine, seed, level))
    return found


def sizes(n: int, reps: int) -> Iterator[tuple[int, int]]:
    """The batches: the number of each and how many lists it draws."""
    most = min(_LARGEST_BATCH, max(50, _CELLS // n))
    for number, first in enumerate(range(0, reps, most)):
        yield number, min(most, reps - first)


def _batch(how: Mechanism, planned: Sequence[Comparison], seed: str, which: tuple[int, int]) -> Batch:
    number, reps = which
    allocated = rerandomized(how, reps, Dice("randomisation test", seed, str(number)))
    return [(*statistics(one, allocated), _marks(one, allocated)) for one in planned]


def _marks(one: Comparison, allocated: Arms) -> npt.NDArray[np.uint64]:
    """A number for each list of those analysed; two lists have the same one by a chance of 2^-64."""
    seen = allocated[one.rows]
    table = np.random.Philox(key=7).random_raw(len(one.rows) * one.arms).reshape(len(one.rows), one.arms)
    marks = np.zeros(seen.shape[1], np.uint64)
    for row, arms in zip(table, seen, strict=True):
        marks ^= row[arms]
    return marks


def _found(
    t: FloatArray,
    plain: FloatArray,
    lists: npt.NDArray[np.uint64],
    observed: tuple[float, float],
    mine: np.uint64,
    seed: str,
    level: float,
) -> RandomizationTest:
    _, counts = np.unique(lists, return_counts=True)
    pairs = int((counts * (counts - 1)).sum())
    reps = len(t)
    return RandomizationTest(
        reps=reps,
        seed=seed,
        studentised=judged(t, observed[0]),
        difference=judged(plain, observed[1]),
        reference=_reference(t, observed[0], level),
        distinct=len(counts),
        effective=reps * (reps - 1) / pairs if pairs else None,
        same=int((lists == mine).sum()),
        undefined=int(np.isinf(t).sum()),
    )


def judged(values: FloatArray, observed: float) -> Judged:
    """The p-value of an observed statistic among those of the new lists."""
    reps = len(values)
    extreme = int((np.abs(values) >= abs(observed) * (1 - _TIE)).sum())
    p = (1 + extreme) / (reps + 1)
    low = 0.0 if extreme == 0 else float(special.betaincinv(extreme, reps - extreme + 1, 0.025))
    high = 1.0 if extreme == reps else float(special.betaincinv(extreme + 1, reps - extreme, 0.975))
    return Judged(observed, extreme, p, math.sqrt(p * (1 - p) / reps), (low, high))


def _reference(t: FloatArray, observed: float, level: float) -> Reference:
    edge = float(max(4, math.ceil(abs(observed) + 1e-9)))
    inside = np.clip(np.where(np.isfinite(t), t, edge), -edge, edge)
    counts, _ = np.histogram(inside, bins=BINS, range=(-edge, edge))
    size = np.sort(np.abs(t))
    critical = float(size[min(len(size) - 1, math.ceil(level * len(size)) - 1)])
    return Reference(edge, tuple(int(one) for one in counts), critical)
