"""Marks inside the text of a document: which number of results.json a piece says, which table a word leads to.

A marked text is still a string, so that sentences are put together as always. Each format takes it apart: HTML writes
the key beside each number, Word and PDF make references of the names of tables. The marks are letters of Unicode's
private area, which no protocol may use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

_BEGIN, _SAYS, _AND, _END = "\ue010", "\ue011", "\ue012", "\ue013"
_TO, _DONE = "\ue014", "\ue015"
_MARKED = re.compile(f"{_BEGIN}([^{_SAYS}]*){_SAYS}([^{_END}]*){_END}|{_TO}([^{_DONE}]*){_DONE}")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,/:]\d+)*%?(?!\w)")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some letters; with the keys of the numbers that they say, or the id of the table or figure that they name."""

    text: str
    keys: tuple[str, ...] = ()
    to: str = ""


def keyed(text: str, keys: Iterable[str]) -> str:
    """The text, marked as said by these keys; unmarked where there are none or it is marked already."""
    joined = _AND.join(dict.fromkeys(keys))
    return f"{_BEGIN}{joined}{_SAYS}{text}{_END}" if joined and _BEGIN not in text else text


def each_number(text: str, keys: Iterable[str]) -> str:
    """The text with these keys on each of its numbers that has none."""
    if not (found := tuple(keys)):
        return text
    parts = (
        _NUMBER.sub(lambda number: keyed(number[0], found), one.text)
        if not (one.keys or one.to)
        else refer(one.to)
        if one.to
        else keyed(one.text, one.keys)
        for one in pieces(text)
    )
    return "".join(parts)


def refer(id: str) -> str:
    """Stands in a text for `Table 3` or `Figure 1`, whichever number the table or figure gets."""
    return f"{_TO}{id}{_DONE}"


def pieces(text: str) -> Iterator[Piece]:
    """A marked text taken apart, in order; a reference has no letters yet."""
    at = 0
    for found in _MARKED.finditer(text):
        if found.start() > at:
            yield Piece(text[at : found.start()])
        at = found.end()
        yield Piece("", to=found[3]) if found[3] else Piece(found[2], tuple(found[1].split(_AND)))
    if at < len(text):
        yield Piece(text[at:])


def without_keys(text: str) -> str:
    """The text as it is read; references stay."""
    return _MARKED.sub(lambda found: found[0] if found[3] else found[2], text) if _BEGIN in text else text


def unkeyed(value: T) -> T:
    """A document, or any part of one, without the keys of its numbers."""
    return _unkeyed(value)  # type: ignore[no-any-return]


def _unkeyed(value: Any) -> Any:
    if isinstance(value, str):
        return without_keys(value)
    if isinstance(value, tuple):
        return tuple(_unkeyed(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type) and not hasattr(value, "svg"):
        return replace(value, **{one.name: _unkeyed(getattr(value, one.name)) for one in fields(value)})
    return value
