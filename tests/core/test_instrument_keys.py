"""A key that does not fit its items is told, at its place, with a mend: one mistake, one finding."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest

from trial.core.findings import Path
from trial.core.instrument_keys import find

GOOD: dict[str, Any] = {
    "schema": 2,
    "code": "calm",
    "response": {"choices": [{"value": value, "label": {"en": str(value)}} for value in (1, 2, 3)]},
    "responses": {"percent": {"choices": [{"value": value, "label": {"en": str(value)}} for value in (0, 50, 100)]}},
    "items": [
        {"id": 1, "topic": {"en": "Still"}},
        {"id": 2, "topic": {"en": "Restless"}},
        {"id": 3, "topic": {"en": "Asked beside the others"}, "filler": True},
        {"id": "sure", "topic": {"en": "Sure"}, "response": "percent"},
        {"id": "slept", "type": "yes_no", "topic": {"en": "Slept"}},
        {"id": "hours", "type": "number", "topic": {"en": "Hours"}, "minimum": 0, "maximum": 24},
        {"id": "where", "type": "choice", "topic": {"en": "Where"}, "choices": [{"value": "home"}, {"value": "away"}]},
    ],
    "scores": [
        {"id": "calm", "items": [1, 2], "reverse": [2], "method": "sum", "missing": {"at_most": 1}},
        {"id": "certainty", "items": ["sure"], "method": "mean", "times": 0.02, "plus": 1},
        {"id": "nights", "items": ["slept"], "method": "count"},
        {"id": "whole", "method": "mean_of_scores", "of": ["calm", "certainty"], "missing": {"at_most": 1}},
    ],
}


def broken(path: Path, value: Any) -> dict[str, Any]:
    tree = copy.deepcopy(GOOD)
    node: Any = tree
    for key in path[:-1]:
        node = node[key]
    if value is None:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return tree


def test_a_key_that_fits_has_nothing_to_tell() -> None:
    assert find(GOOD) == []


MISTAKES: list[tuple[Path, Any, str, Path]] = [
    (("response",), None, "a scale item needs a response scale", ("items", 0)),
    (("items", 3, "response"), "per_cent", "there is no response scale 'per_cent'", ("items", 3, "response")),
    (("items", 4, "response"), "percent", "only a scale item has a response scale", ("items", 4, "response")),
    (("responses", "unused"), GOOD["response"], "no item uses the response scale 'unused'", ("responses", "unused")),
    (
        ("responses", "percent", "choices", 1, "value"),
        0,
        "the answer 0 comes after 0",
        ("responses", "percent", "choices", 1, "value"),
    ),
    (
        ("responses", "percent", "choices", 2, "value"),
        "all",
        "a scale answer is a whole number, not 'all'",
        ("responses", "percent", "choices", 2, "value"),
    ),
    (("items", 0, "safety_from"), 4, "4 calls for help from nobody", ("items", 0, "safety_from")),
    (("items", 0, "safety_from"), 1, "1 calls for help from everybody", ("items", 0, "safety_from")),
    (("items", 3, "safety_from"), 101, "101 calls for help from nobody", ("items", 3, "safety_from")),
    (("items", 4, "safety_from"), 2, "2 calls for help from nobody", ("items", 4, "safety_from")),
    (("items", 5, "safety_from"), 25, "25 calls for help from nobody", ("items", 5, "safety_from")),
    (("items", 6, "safety_from"), 1, "no answer of this item is 1 or more", ("items", 6, "safety_from")),
    (("items", 5, "minimum"), 30, "the minimum 30 is above the maximum 24", ("items", 5, "minimum")),
    (("items", 6, "choices", 1, "value"), "home", "'home' is used twice", ("items", 6, "choices", 1, "value")),
    (("scores", 0, "reverse"), [7], "there is no item 7", ("scores", 0, "reverse", 0)),
    (
        ("scores", 0, "reverse"),
        ["sure"],
        "'sure' is reversed, and the score does not count it",
        ("scores", 0, "reverse", 0),
    ),
    (("scores", 0, "items"), [1, 2, 3], "item 3 is a filler", ("scores", 0, "items", 2)),
    (("scores", 0, "items"), [1, 2, "slept"], "item 'slept' is not a number", ("scores", 0, "items", 2)),
    (("scores", 0, "items"), [1, 2, "where"], "item 'where' is not a number", ("scores", 0, "items", 2)),
    (("scores", 2, "items"), ["where"], "item 'where' is not a number", ("scores", 2, "items", 0)),
    (("scores", 2, "reverse"), ["slept"], "item 'slept' has no scale to reverse on", ("scores", 2, "reverse", 0)),
    (
        ("scores", 0, "missing", "at_most"),
        2,
        "a score of 2 items cannot be worked out with 2 missing",
        ("scores", 0, "missing", "at_most"),
    ),
    (("scores", 1, "times"), 0, "times 0 makes every score the same", ("scores", 1, "times")),
    (
        ("scores", 3, "of"),
        ["calm", "certain"],
        "there is no score of this instrument 'certain'",
        ("scores", 3, "of", 1),
    ),
    (("scores", 3, "of"), ["calm", "whole"], "'whole' is a mean of scores itself", ("scores", 3, "of", 1)),
    (("scores", 3, "of"), ["calm", "calm"], "'calm' is used twice", ("scores", 3, "of", 1)),
    (("scores", 3, "items"), [1], "a mean of scores has no `items` of its own", ("scores", 3, "items")),
    (
        ("scores", 3, "missing", "at_most"),
        2,
        "a score of 2 scores cannot be worked out with 2 missing",
        ("scores", 3, "missing", "at_most"),
    ),
    (("scores", 2, "id"), "calm_slept", "'calm_slept' is already the column of an item", ("scores", 2, "id")),
    (("scores", 2, "id"), "certainty", "'certainty' is used twice", ("scores", 2, "id")),
    (
        ("scores", 0, "cut_offs"),
        [{"at_least": 4}, {"at_least": 4}],
        "4 is used twice",
        ("scores", 0, "cut_offs", 1, "at_least"),
    ),
]


@pytest.mark.parametrize(("path", "value", "said", "at"), MISTAKES, ids=[f"{said}" for _, _, said, _ in MISTAKES])
def test_a_mistake_is_told_once_where_it_stands(path: Path, value: Any, said: str, at: Path) -> None:
    found = find(broken(path, value))
    assert [one.what for one in found if said in one.what] == [one.what for one in found], found
    assert [one.path for one in found] == [at]
    assert all(one.mend.endswith(".") or one.mend.endswith("?") for one in found)


def test_without_items_a_score_counts_every_scale_item_but_fillers() -> None:
    tree = broken(("scores", 0, "items"), None)
    tree["scores"][0]["reverse"] = [3]
    assert [one.what for one in find(tree)] == ["item 3 is reversed, and the score does not count it."]


@pytest.mark.parametrize(
    "tree",
    [
        None,
        [],
        "words",
        {},
        {"items": "many", "scores": 3, "response": [], "responses": []},
        {"items": [None, 1, [], {"id": []}, {"id": {}, "response": []}], "scores": [None, {"of": 3, "items": {}}]},
        {"items": [{"id": 1, "safety_from": "x"}], "responses": {"a": None, 3: {"choices": 1}}},
        {"items": [{"id": 1, "type": [], "response": {}}], "scores": [{"id": [], "method": [], "reverse": [[]]}]},
        {"response": {"choices": [None, {}, {"value": []}]}, "items": [{"id": True, "safety_from": True}]},
    ],
)
def test_a_tree_of_any_shape_is_looked_through_without_a_fall(tree: Any) -> None:
    assert isinstance(find(tree), list)


def test_a_file_full_of_mistakes_has_the_first_hundred_told() -> None:
    tree = copy.deepcopy(GOOD)
    tree["scores"] += [{"id": f"more_{n}", "method": "mean_of_scores", "of": ["nothing"]} for n in range(5000)]
    assert len(find(tree)) == 100


HOSTILE = [
    {
        "items": [{"id": f"abcdefgh{n:05d}"} for n in range(10_000)],
        "response": {},
        "scores": [{"id": "total", "method": "sum", "reverse": [f"abcdefgh{n:05d}x" for n in range(200)]}],
    },
    {
        "items": [{"id": n} for n in range(2000)],
        "response": {},
        "scores": [{"id": f"s{n}", "method": "sum", "reverse": [1999 - n % 2000]} for n in range(8000)],
    },
]


@pytest.mark.parametrize("tree", HOSTILE, ids=["thousands of names like each other", "thousands of scores"])
def test_a_hostile_file_is_looked_through_in_seconds(tree: dict[str, Any]) -> None:
    """Each took from eight seconds to minutes, of processor and not of the wall, before it was looked up by key."""
    began = time.process_time()
    find(tree)
    assert time.process_time() - began < 4
