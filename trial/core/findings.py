"""What a check of a plain tree finds: a mistake at a place, and how to mend it.

Checks read the tree of a file, not the models, so that a mistake in one part never hides a mistake in another: one
run reports them all. A path is a tuple of keys and list positions into the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

Path = tuple[str | int, ...]
MOST_COMPARED = 500


class Finding(NamedTuple):
    """A mistake at a place of the tree, and how to mend it."""

    path: Path
    what: str
    mend: str


def walk(tree: Any, pattern: str) -> Iterator[tuple[Path, Any]]:
    """Every (path, value) that a dotted pattern reaches; `*` is any position of a list."""
    yield from _walk(tree, pattern.split("."), ())


def _walk(node: Any, keys: list[str], path: Path) -> Iterator[tuple[Path, Any]]:
    if not keys:
        yield path, node
    elif keys[0] == "*" and isinstance(node, list):
        for place, item in enumerate(node):
            yield from _walk(item, keys[1:], (*path, place))
    elif isinstance(node, Mapping) and keys[0] in node:
        yield from _walk(node[keys[0]], keys[1:], (*path, keys[0]))


def texts_at(tree: Any, pattern: str) -> list[str]:
    """Every text that a pattern reaches; anything else there is for the models to refuse."""
    return [str(value) for _, value in walk(tree, pattern) if isinstance(value, str)]


def shown(value: Any) -> str:
    """A value as a message quotes it, cut short."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def unknown(path: Path, value: Any, known: Iterable[str], noun: str) -> Finding:
    """A name that nothing declares, with the nearest declared one, else with what there is."""
    names = sorted(known)
    # a hostile file declares thousands of names, and likeness to each of them costs minutes
    near = get_close_matches(str(value)[:60], names, n=1) if len(names) <= MOST_COMPARED else []
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "") if names else "none is declared"
    mend = f"Did you mean {near[0]!r}?" if near else f"Known: {listed}."
    return Finding(path, f"there is no {noun} {shown(value)}.", mend)


def twice(tree: Any, pattern: str) -> Iterator[Finding]:
    """Every value of a pattern that stood there before: ids, mostly."""
    seen: set[Any] = set()
    for path, value in walk(tree, pattern):
        if not isinstance(value, str | int):
            continue
        if value in seen:
            yield Finding(path, f"{shown(value)} is used twice here.", "Give each its own.")
        seen.add(value)
