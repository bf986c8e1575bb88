"""Who comes in which order: the level of each factor, for every place of entry in every simulated trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trial.stats.dice import Dice

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """`levels` (n, reps, factors) counts levels from 0; `stratum` (n, reps) the combinations that occur."""

    sizes: tuple[int, ...]
    levels: npt.NDArray[np.int16]
    stratum: IntArray
    strata: int

    @property
    def n(self) -> int:
        return int(self.levels.shape[0])

    @property
    def reps(self) -> int:
        return int(self.levels.shape[1])

    def margins(self, at: int) -> IntArray:
        """The place of each one's levels among all levels of all factors, (reps, factors)."""
        return np.asarray(self.levels[at] + np.concatenate(([0], np.cumsum(self.sizes)[:-1]))[: len(self.sizes)], int)


def drawn(n: int, reps: int, shares: Sequence[Sequence[float]], dice: Dice) -> Entry:
    """Levels drawn for each trial anew, factors independent of one another, with these shares of their levels."""
    levels = np.zeros((n, reps, len(shares)), np.int16)
    for place, of in enumerate(shares):
        edges = np.cumsum(of)[:-1] / sum(of)
        levels[:, :, place] = np.searchsorted(edges, dice.uniform(n, reps), side="right")
    return _entry(tuple(len(of) for of in shares), levels)


def given(rows: Sequence[Sequence[int]], sizes: Sequence[int], reps: int) -> Entry:
    """The same people in the same order in every trial."""
    one = np.array(rows, np.int16).reshape(len(rows), 1, len(sizes))
    return _entry(tuple(sizes), np.repeat(one, reps, axis=1))


def _entry(sizes: tuple[int, ...], levels: npt.NDArray[np.int16]) -> Entry:
    codes = np.zeros(levels.shape[:2], np.int64)
    for place, size in enumerate(sizes):
        codes = codes * size + levels[:, :, place]
    seen, stratum = np.unique(codes, return_inverse=True)
    return Entry(sizes, levels, np.asarray(stratum).reshape(codes.shape), len(seen))
