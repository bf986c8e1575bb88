"""What a baseline table says of one variable in one arm: no tests, no p-values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trial.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Description:
    """A number: how many have it, how many lack it, mean and standard deviation where they exist."""

    n: int
    missing: int
    mean: float | None
    sd: float | None


@dataclass(frozen=True, slots=True)
class Count:
    """A category: how many are in it, and their percentage among those with a value (None if nobody has one)."""

    level: str
    count: int
    percent: float | None


@dataclass(frozen=True, slots=True)
class Counts:
    """A factor: each level in the order asked for, and how many have or lack a value."""

    n: int
    missing: int
    levels: tuple[Count, ...]


def describe(values: FloatArray) -> Description:
    """Summarise `values` (n,), NaN for missing; the standard deviation divides by n - 1."""
    seen = values[~np.isnan(values)]
    mean = float(np.mean(seen)) if len(seen) > 0 else None
    sd = float(np.std(seen, ddof=1)) if len(seen) > 1 else None
    return Description(len(seen), len(values) - len(seen), mean, sd)


def count_levels(values: Sequence[str | None], levels: Sequence[str]) -> Counts:
    """Count `values` (None for missing) in each of `levels`, levels nobody has included.

    Raises ValueError for a value that is not among the levels.
    """
    seen = [value for value in values if value is not None]
    strange = sorted(set(seen) - set(levels))
    if strange:
        raise ValueError(f"not among the levels: {', '.join(map(repr, strange))}")
    return Counts(
        n=len(seen),
        missing=len(values) - len(seen),
        levels=tuple(_count(level, seen) for level in levels),
    )


def _count(level: str, seen: Sequence[str]) -> Count:
    count = seen.count(level)
    return Count(level, count, 100 * count / len(seen) if seen else None)
