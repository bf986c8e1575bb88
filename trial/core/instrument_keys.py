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
# what can be counted, and what can be added up
NUMBERS = ("scale", "number", "slider")
COUNTED = (*NUMBERS, "yes_no")
# item ids in order; as keys, so that looking one up in a hostile file of thousands costs nothing
Keys = Mapping[Any, None]


def find(tree: Any) -> list[Finding]:
    """Every mistake between the parts of one instrument file, at most MOST."""
    if not isinstance(tree, Mapping):
        return []
    items = {item["id"]: item for _, item in _items(tree) if isinstance(item.get("id"), str | int)}
    scored = {key: None for key, item in items.items() if _is_scale(item) and item.get("filler") is not True}
    found = chain(
        twice(tree, "items.*.id"), twice(tree, "scores.*.id"), _names(tree), _responses(tree), _choices(tree),
        _limits(tree), _safety(tree), _made_of(tree), _wording(tree),
        chain.from_iterable(_score(path, score, items, scored) for path, score in walk(tree, "scores.*")),
    )  # fmt: skip
    return list(islice(found, MOST))


def _items(tree: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for path, item in walk(tree, "items.*"):
        if isinstance(item, Mapping):
            yield path, item


def _names(tree: Mapping[str, Any]) -> Iterator[Finding]:
    """A score and an item of one name would share a column of the data, and so would two items."""
    columns = dict.fromkeys(f"{tree.get('code')}_{item.get('id')}" for _, item in _items(tree))
    for path, item in _items(tree):
        for place, value in walk(item, "choices.*.value") if item.get("type") == "choices" else ():
            name = f"{tree.get('code')}_{item.get('id')}_{value}"
            if name in columns:
                yield Finding(path + place, f"{shown(name)} is already the column of an item.", "Change its value.")
            columns[name] = None
    for path, name in walk(tree, "scores.*.id"):
        if isinstance(name, str) and name in columns:
            yield Finding(path, f"{shown(name)} is already the column of an item.", "Give the score another id.")


def _responses(tree: Mapping[str, Any]) -> Iterator[Finding]:
    responses = tree.get("responses")
    declared = responses if isinstance(responses, Mapping) else {}
    plain = [path for path, item in _items(tree) if _is_scale(item) and item.get("response") is None]
    if plain and "response" not in tree:
        yield Finding(plain[0], "a scale item needs a response scale.", "Add `response:` with its `choices:`.")
    named = [(path, item) for path, item in _items(tree) if item.get("response") is not None]
    for path, item in named:
        name = item["response"]
        if not _is_scale(item):
            what = "only a scale item has a response scale."
            yield Finding((*path, "response"), what, "Take `response` out, or make the item a scale.")
        elif isinstance(name, str) and name not in declared:
            yield unknown((*path, "response"), name, (str(one) for one in declared), "response scale")
    used = {str(item["response"]) for _, item in named}
    # a misspelt name leaves one unused: told once, at the item
    for name in declared if used <= {str(one) for one in declared} else ():
        if str(name) not in used:
            mend = f"Write `response: {name}` at the items that are answered on it, or take it out."
            yield Finding(("responses", name), f"no item uses the response scale {shown(name)}.", mend)
    yield from _upwards(("response",), tree.get("response"))
    for name, response in declared.items():
        yield from _upwards(("responses", name), response)


def _upwards(at: Path, response: Any) -> Iterator[Finding]:
    before: int | None = None
    for path, value in walk(response, "choices.*.value"):
        place = at + path
        if not isinstance(value, int) or isinstance(value, bool):
            yield Finding(place, f"a scale answer is a whole number, not {shown(value)}.", "Number the answers.")
            continue
        if before is not None and value <= before:
            what = f"the answer {value} comes after {before}: answers run from the lowest number to the highest."
            yield Finding(place, what, "Put them in order, and check which end means more.")
        before = value


def _wording(tree: Mapping[str, Any]) -> Iterator[Finding]:
    """Official wording is whole: each item has it, in the same languages; and words are used or not there."""
    items = [(path, item) for path, item in walk(tree, "items.*") if isinstance(item, Mapping)]
    written = {language for _, item in items for language in _languages(item.get("words"))}
    for path, item in items:
        if tree.get("wording") == "official":
            for language in sorted((written or {"en"}) - set(_languages(item.get("words")))):
                what = f"item {shown(item.get('id'))} has no official wording in {language!r}."
                yield Finding(path, what, "Add it under `words:`, or set `wording: topics` until it is there.")
        elif "words" in item:
            what = f"item {shown(item.get('id'))} has `words:`, and the file says `wording: {tree.get('wording')}`."
            yield Finding((*path, "words"), what, "Set `wording: official` where these are the official words.")


def _languages(words: Any) -> list[str]:
    return [str(one) for one in words] if isinstance(words, Mapping) else []


def _is_scale(item: Mapping[str, Any]) -> bool:
    return bool(item.get("type", "scale") == "scale")


def _choices(tree: Mapping[str, Any]) -> Iterator[Finding]:
    for path, item in _items(tree):
        for found in twice(item, "choices.*.value"):
            yield found._replace(path=path + found.path)


def _limits(tree: Mapping[str, Any]) -> Iterator[Finding]:
    for path, item in _items(tree):
        low, high = item.get("minimum"), item.get("maximum")
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            yield Finding((*path, "minimum"), f"the minimum {low} is above the maximum {high}.", "Swap them.")


def _safety(tree: Mapping[str, Any]) -> Iterator[Finding]:
    """An answer that calls for help must be one that can be given, and not the lowest: that would be everybody."""
    for path, item in _items(tree):
        start = item.get("safety_from")
        if not isinstance(start, int) or isinstance(start, bool):
            continue
        answers = _answers(tree, item)
        if answers is None:
            what = f"no answer of this item is {start} or more: it is no number."
            yield Finding((*path, "safety_from"), what, "Use `safety_from` at scale, slider, number and yes_no items.")
        elif len(answers) > 1 and not min(answers) < start <= max(answers):
            what = f"{start} calls for help from {'everybody' if start <= min(answers) else 'nobody'} who answers."
            mend = f"Choose a number above {min(answers):g} and up to {max(answers):g}."
            yield Finding((*path, "safety_from"), what, mend)


def _answers(tree: Mapping[str, Any], item: Mapping[str, Any]) -> list[float] | None:
    """The answers that an item can have, its ends at least; None where they are no numbers, empty where not known."""
    kind = item.get("type", "scale")
    if kind == "yes_no":
        return [0, 1]
    if kind in ("number", "slider"):
        low, high = item.get("minimum"), item.get("maximum")
        return [
            float(low) if isinstance(low, int | float) else float("-inf"),
            float(high) if isinstance(high, int | float) else float("inf"),
        ]  # fmt: skip
    if kind != "scale":
        return None
    responses = tree.get("responses")
    name = item.get("response")
    own = responses.get(name) if isinstance(responses, Mapping) and isinstance(name, str) else None
    values = [value for _, value in walk(own if name is not None else tree.get("response"), "choices.*.value")]
    return [value for value in values if isinstance(value, int) and not isinstance(value, bool)]


def _score(path: Path, score: Any, items: Mapping[Any, Mapping[str, Any]], scored: Keys) -> Iterator[Finding]:
    """The mistakes of one score; `scored` is what it counts where it names no items."""
    if not isinstance(score, Mapping):
        return
    for key in ("items", "reverse", "of", "cut_offs"):
        for found in twice(score, "cut_offs.*.at_least" if key == "cut_offs" else f"{key}.*"):
            yield found._replace(path=path + found.path)
    for place, value in chain(walk(score, "items.*"), walk(score, "reverse.*")):
        if isinstance(value, str | int) and value not in items:
            yield unknown(path + place, value, (str(one) for one in items), "item")
    if score.get("times") == 0:
        yield Finding((*path, "times"), "times 0 makes every score the same.", "Name the factor, or leave it out.")
    if score.get("method") == "mean_of_scores":
        yield from _of_scores(path, score)
        return
    named = dict.fromkeys(value for _, value in walk(score, "items.*") if isinstance(value, str | int))
    counted = named or scored
    yield from _kinds(path, score, items, counted)
    yield from _missing(path, score, len(counted), "items")


def _of_scores(path: Path, score: Mapping[str, Any]) -> Iterator[Finding]:
    for key in ("items", "reverse"):
        if score.get(key):
            what = f"a mean of scores has no `{key}` of its own."
            yield Finding((*path, key), what, "Write them at the scores that it is made of.")
    parts = score.get("of")
    yield from _missing(path, score, len(parts) if isinstance(parts, list) else 0, "scores")


def _made_of(tree: Mapping[str, Any]) -> Iterator[Finding]:
    """Scores made of scores that are not there, or that are no scores of items themselves: one step, no rounds."""
    method = {
        score["id"]: score.get("method")
        for _, score in walk(tree, "scores.*")
        if isinstance(score, Mapping) and isinstance(score.get("id"), str)
    }
    for path, part in walk(tree, "scores.*.of.*"):
        if not isinstance(part, str):
            continue
        if part not in method:
            yield unknown(path, part, method, "score of this instrument")
        elif method[part] == "mean_of_scores":
            what = f"{shown(part)} is a mean of scores itself."
            yield Finding(path, what, "Name scores that come from items.")


def _kinds(
    path: Path, score: Mapping[str, Any], items: Mapping[Any, Mapping[str, Any]], counted: Keys
) -> Iterator[Finding]:
    usable = COUNTED if score.get("method") == "count" else NUMBERS
    for place, value in walk(score, "items.*"):
        if not isinstance(value, str | int) or value not in items:
            continue
        if items[value].get("type", "scale") not in usable:
            mend = f"Name items of type {', '.join(usable)} only."
            if items[value].get("type") == "yes_no":
                mend = "Use `method: count` to count what was answered yes."
            yield Finding(path + place, f"item {shown(value)} is not a number.", mend)
        elif items[value].get("filler") is True:
            what = f"item {shown(value)} is a filler, which is asked and never scored."
            yield Finding(path + place, what, "Take it out of `items`, or take `filler` off the item.")
    for place, value in walk(score, "reverse.*"):
        if not isinstance(value, str | int) or value not in items:
            continue
        if value not in counted:
            what = f"item {shown(value)} is reversed, and the score does not count it."
            yield Finding(path + place, what, "Add it to `items`, or take it out of `reverse`.")
        elif not _is_scale(items[value]):
            yield Finding(path + place, f"item {shown(value)} has no scale to reverse on.", "Reverse scale items only.")
    if not counted:
        yield Finding(path, "the score counts no item.", "Name its `items`.")


def _missing(path: Path, score: Mapping[str, Any], count: int, noun: str) -> Iterator[Finding]:
    for place, most in walk(score, "missing.at_most"):
        if isinstance(most, int) and count and most >= count:
            what = f"a score of {count} {noun} cannot be worked out with {most} missing."
            yield Finding(path + place, what, f"Allow at most {count - 1}; the usual rule is one item in five.")
