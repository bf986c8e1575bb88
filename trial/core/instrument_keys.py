"""Whether an instrument's parts fit: its keys name its items, reversal is bound to them, answers run upwards.

A wrong key spoils a trial without anybody noticing, so every rule here is checked on the plain tree of the file and
all mistakes are told at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

from trial.core.findings import Finding, Path, shown, twice, unknown, walk

MOST = 100


def find(tree: Any) -> list[Finding]:
    """Every mistake between the parts of one instrument file, at most MOST."""
    if not isinstance(tree, Mapping):
        return []
    items = {
        item["id"]: item.get("type", "scale")
        for _, item in walk(tree, "items.*")
        if isinstance(item, Mapping) and isinstance(item.get("id"), str | int)
    }
    found = chain(
        twice(tree, "items.*.id"), twice(tree, "scores.*.id"), _response(tree), _choices(tree), _limits(tree),
        chain.from_iterable(_score(path, score, items) for path, score in walk(tree, "scores.*")),
    )  # fmt: skip
    return list(islice(found, MOST))


def _response(tree: Mapping[str, Any]) -> Iterator[Finding]:
    scales = [path for path, item in walk(tree, "items.*") if isinstance(item, Mapping) and _is_scale(item)]
    if scales and "response" not in tree:
        yield Finding(scales[0], "a scale item needs a response scale.", "Add `response:` with its `choices:`.")
    before: int | None = None
    for path, value in walk(tree, "response.choices.*.value"):
        if not isinstance(value, int) or isinstance(value, bool):
            yield Finding(path, f"a scale answer is a whole number, not {shown(value)}.", "Number the answers.")
            continue
        if before is not None and value <= before:
            what = f"the answer {value} comes after {before}: answers run from the lowest number to the highest."
            yield Finding(path, what, "Put them in order, and check which end means more.")
        before = value


def _is_scale(item: Mapping[str, Any]) -> bool:
    return bool(item.get("type", "scale") == "scale")


def _choices(tree: Mapping[str, Any]) -> Iterator[Finding]:
    for path, item in walk(tree, "items.*"):
        for found in twice(item, "choices.*.value"):
            yield found._replace(path=path + found.path)


def _limits(tree: Mapping[str, Any]) -> Iterator[Finding]:
    for path, item in walk(tree, "items.*"):
        if isinstance(item, Mapping):
            low, high = item.get("minimum"), item.get("maximum")
            if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
                yield Finding((*path, "minimum"), f"the minimum {low} is above the maximum {high}.", "Swap them.")


def _score(path: Path, score: Any, types: Mapping[Any, Any]) -> Iterator[Finding]:
    if not isinstance(score, Mapping):
        return
    named = [value for _, value in walk(score, "items.*") if isinstance(value, str | int)]
    counted = named or [one for one, kind in types.items() if kind == "scale"]
    for place, value in chain(walk(score, "items.*"), walk(score, "reverse.*")):
        if isinstance(value, str | int) and value not in types:
            yield unknown(path + place, value, (str(one) for one in types), "item")
    for key in ("items", "reverse"):
        for found in twice(score, f"{key}.*"):
            yield found._replace(path=path + found.path)
    yield from _kinds(path, score, types, counted)
    yield from _missing(path, score, len(counted))


def _kinds(path: Path, score: Mapping[str, Any], types: Mapping[Any, Any], counted: list[Any]) -> Iterator[Finding]:
    for place, value in walk(score, "items.*"):
        if isinstance(value, str | int) and types.get(value, "scale") not in ("scale", "number"):
            yield Finding(path + place, f"item {shown(value)} is not a number.", "Count scale and number items only.")
    for place, value in walk(score, "reverse.*"):
        if not isinstance(value, str | int) or value not in types:
            continue
        if value not in counted:
            what = f"item {shown(value)} is reversed, and the score does not count it."
            yield Finding(path + place, what, "Add it to `items`, or take it out of `reverse`.")
        elif types[value] != "scale":
            yield Finding(path + place, f"item {shown(value)} has no scale to reverse on.", "Reverse scale items only.")
    if not counted:
        yield Finding(path, "the score counts no item.", "Name its `items`.")


def _missing(path: Path, score: Mapping[str, Any], count: int) -> Iterator[Finding]:
    for place, most in walk(score, "missing.at_most"):
        if isinstance(most, int) and count and most >= count:
            what = f"a score of {count} items cannot be worked out with {most} missing."
            yield Finding(path + place, what, f"Allow at most {count - 1}; the usual rule is one item in five.")
