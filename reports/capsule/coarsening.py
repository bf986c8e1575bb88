"""Making baseline facts coarse, and counting whom they still tell apart.

Quasi-identifiers are what somebody else may know of a person: age, country, who invited them. A set of people who are
alike in all of them is a class; k-anonymity asks that each class has at least k people. Sweeney (2002), k-anonymity: a
model for protecting privacy, International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 10, 557-570.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.capsule.tables import Column


@dataclass(frozen=True, slots=True)
class Coarse:
    """One quasi-identifier made coarse: the new cell of each old one, and what was done, in words."""

    name: str
    cells: Mapping[str, str]
    done: tuple[str, ...]


def coarse(column: Column, cells: Sequence[str], k: int) -> Coarse:
    """`cells` of everyone at the baseline, empty for missing, so that no value is that of fewer than `k` people.

    Numbers become the middle of a band; a level that fewer than k have is left empty, and so is the next rarest where
    the emptied ones would be fewer than k together.
    """
    if column.kind == "number":
        return _bands(column, [one for one in cells if one], k)
    return _levels(column, cells, k)


def _bands(column: Column, cells: Sequence[str], k: int) -> Coarse:
    """Bands of 10, 5 or 1 by how far the values reach, joined with the next until each holds k people."""
    if not cells:
        return Coarse(column.name, {}, ())
    values = sorted(float(one) for one in cells)
    reach = values[-1] - values[0]
    width = 10 if reach >= 20 else 5 if reach >= 10 else 1
    counts = Counter(math.floor(value / width) for value in values)
    bands: list[list[int]] = []  # first and last step of each band, and how many
    for step in range(min(counts), max(counts) + 1) if len(counts) < 1000 else sorted(counts):
        if bands and bands[-1][2] < k:
            bands[-1][1:] = [step, bands[-1][2] + counts[step]]
        else:
            bands.append([step, step, counts[step]])
    if len(bands) > 1 and bands[-1][2] < k:
        last = bands.pop()
        bands[-1][1:] = [last[1], bands[-1][2] + last[2]]
    spans = [(first * width, (last + 1) * width, n) for first, last, n in bands if n]
    if sum(n for _, _, n in spans) < k:
        return Coarse(column.name, dict.fromkeys(cells, ""), ("fewer people than k have it: left empty for all",))
    middle = {
        one: _shown(next((low + high) / 2 for low, high, _ in spans if low <= float(one) < high)) for one in cells
    }
    done = [f"{low} to below {high} is {_shown((low + high) / 2)}" for low, high, _ in spans]
    return Coarse(column.name, middle, tuple(done))


def _shown(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _levels(column: Column, cells: Sequence[str], k: int) -> Coarse:
    counts = Counter(one for one in cells if one)
    order = sorted(counts, key=lambda code: (counts[code], code))
    emptied = [code for code in order if counts[code] < k]
    if emptied:
        missing = sum(not one for one in cells)
        while missing + sum(counts[code] for code in emptied) < k and len(emptied) < len(order):
            emptied = order[: len(emptied) + 1]
    labels = dict(column.levels)
    done = tuple(f"{code} ({labels.get(code, code)}) is left empty" for code in emptied)
    return Coarse(column.name, {code: "" if code in emptied else code for code in counts}, done)


@dataclass(frozen=True, slots=True)
class SmallClasses:
    """Who can still be told apart by the quasi-identifiers together.

    `classes` are (values, people) of each class of fewer than k; `without` says how many people would be in such
    classes were one quasi-identifier left out.
    """

    k: int
    names: tuple[str, ...]
    classes: tuple[tuple[tuple[str, ...], int], ...]
    without: Mapping[str, int]

    @property
    def people(self) -> int:
        return sum(n for _, n in self.classes)


def small_classes(names: Sequence[str], rows: Sequence[Sequence[str]], k: int) -> SmallClasses:
    """`rows` hold one person's cells each, in the order of `names`."""
    found = _small(rows, k)
    without = {
        name: sum(n for _, n in _small([[*row[:at], *row[at + 1 :]] for row in rows], k))
        for at, name in enumerate(names)
    }
    return SmallClasses(k, tuple(names), tuple(found), without)


def _small(rows: Sequence[Sequence[str]], k: int) -> list[tuple[tuple[str, ...], int]]:
    counts = Counter(tuple(row) for row in rows)
    return sorted(((values, n) for values, n in counts.items() if n < k), key=lambda one: (one[1], one[0]))
