"""Rows of a frozen file, and how they are read so that millions of them fit in memory.

Most rows say of another person what many said before: all of a line but the study code is read once and kept once. A
row becomes an object only while somebody looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints, overload

Row = TypeVar("Row")
LONGEST_CELL = 10_000  # characters
# days, numbers in an order and counts of a trial have no more digits than this
_WHOLE = re.compile(r"-?[0-9]{1,7}", re.ASCII)
_MOST_KEPT = 200_000  # different lines that are remembered while a file is read


class Rows(Sequence[Row], Generic[Row]):
    """The rows of one kind: of each its first cell, and the tuple of the others, which is one for all that are alike.

    `names` are the fields that the file has, in their order; later ones take their default.
    """

    def __init__(
        self, kind: Callable[..., Row], names: Sequence[str], first: Sequence[Any], others: Sequence[tuple[Any, ...]]
    ) -> None:
        self.kind, self.names, self.first, self.others = kind, tuple(names), first, others

    def __len__(self) -> int:
        return len(self.first)

    def __iter__(self) -> Iterator[Row]:
        return (self.kind(one, *its) for one, its in zip(self.first, self.others, strict=True))

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Rows[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | Rows[Row]:
        if isinstance(at, slice):
            return Rows(self.kind, self.names, self.first[at], self.others[at])
        return self.kind(self.first[at], *self.others[at])

    def column(self, name: str) -> Iterable[Any]:
        """The cells of one field."""
        place = self.names.index(name)
        return map(itemgetter(place - 1), self.others) if place else self.first


def cells(rows: Sequence[Any], *names: str) -> Iterator[tuple[Any, ...]]:
    """Of each row these fields, two or more; without making the rows where they are kept as cells."""
    if isinstance(rows, Rows):
        return zip(*(rows.column(name) for name in names), strict=True)
    return map(attrgetter(*names), rows)


class Meanings(dict[str, Any]):
    """What each cell reads as, without the spaces around it: worked out when it is first seen.

    ValueError for a cell that is too long.
    """

    def __init__(self, reads: Callable[[str], Any]) -> None:
        super().__init__()
        self.reads = reads

    def __missing__(self, text: str) -> Any:
        if len(text) > LONGEST_CELL:
            raise ValueError(f"a cell has {len(text)} characters")
        self[text] = value = self.reads(text.strip())
        return value


class _Others(dict[Any, tuple[Any, ...]]):
    """The cells after the first of each line, read when such a line is first seen; `split` takes them apart."""

    def __init__(self, meanings: Sequence[Meanings], split: Callable[[Any], Iterable[str]]) -> None:
        super().__init__()
        self.meanings, self.split = meanings, split

    def __missing__(self, key: Any) -> tuple[Any, ...]:
        if len(self) >= _MOST_KEPT:
            self.clear()
        its = tuple([meaning[text] for meaning, text in zip(self.meanings, self.split(key), strict=True)])
        self[key] = its
        return its


def read_lines(header: Sequence[str], lines: Iterable[str], kind: Callable[..., Row]) -> Rows[Row]:
    """Lines of a CSV file without a quote in it as rows of this kind, under its header; raises as `read_table` does."""
    read = (line.partition(",")[::2] for line in lines)
    return _read(header, read, kind, lambda text: text.rstrip("\r\n").split(","))


def read_table(header: Sequence[str], lines: Iterable[Sequence[str]], kind: Callable[..., Row]) -> Rows[Row]:
    """Lines of cells as rows of this kind; the header names its fields, or all but the last ones, which then default.

    KeyError or ValueError where a line has another number of cells than the header, or a cell is none of what its field
    takes.
    """
    return _read(header, ((line[0], tuple(line[1:])) for line in lines), kind, iter)


def _read(
    header: Sequence[str], lines: Iterable[tuple[str, Any]], kind: Callable[..., Row], split: Callable[..., Any]
) -> Rows[Row]:
    readers = readers_of(kind)
    meaning, *meanings = (Meanings(readers[name]) for name in header)
    others = _Others(meanings, split)
    first, rest = [], []
    for one, its in lines:
        first.append(meaning[one])
        rest.append(others[its])
    return Rows(kind, header, first, rest)


@cache
def readers_of(kind: Callable[..., Any]) -> dict[str, Callable[[str], Any]]:
    """How a cell of each field is read; each reader raises KeyError or ValueError for what the field cannot hold."""
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}  # type: ignore[arg-type]


def _reader(hint: Any) -> Callable[[str], Any]:
    if get_origin(hint) is Literal:
        return {word: word for word in get_args(hint)}.__getitem__
    if hint in (bool, bool | None):
        return {"yes": True, "no": False, "": None}.__getitem__
    if hint in (int, int | None):
        return _whole if hint is int else lambda text: _whole(text) if text else None
    return str


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is no whole number of days, people or times")
    return int(text)


def occasion(detail: str) -> tuple[str, int | None]:
    """(timepoint, occurrence) of what an event of something done says, `timepoint:occurrence`; None where it has none.

    >>> occasion("evening:2")
    ('evening', 2)
    """
    point, _, number = detail.partition(":")
    return point, int(number) if _WHOLE.fullmatch(number) else None
