"""Official wording is whole or not there: each item, each language of the trial, and nothing beside it."""

from __future__ import annotations

from typing import Any

import pytest

from trial.core import instrument_keys, wording
from trial.core.findings import Finding

TOPIC = {"en": "A topic"}


def scale(kind: str, *words: dict[str, str] | None) -> dict[str, Any]:
    items = [{"id": n, "topic": TOPIC, **({"words": one} if one else {})} for n, one in enumerate(words, 1)]
    choices = [{"value": 0, "label": {"en": "No"}}, {"value": 1, "label": {"en": "Yes"}}]
    return {"wording": kind, "response": {"choices": choices}, "items": items}


def found(tree: dict[str, Any]) -> list[Finding]:
    return instrument_keys.find(tree)


def test_whole_wording_is_accepted_and_so_are_topics_without_any() -> None:
    assert found(scale("official", {"en": "One."}, {"en": "Two."})) == []
    assert found(scale("topics", None, None)) == found(scale("own", None)) == []


def test_every_item_without_its_official_wording_is_named() -> None:
    one, two = found(scale("official", None, {"en": "Two."}, None))
    assert (one.path, two.path) == (("items", 0), ("items", 2))
    assert "item 1 has no official wording in 'en'" in one.what
    assert len(found(scale("official", None, None))) == 2


def test_an_item_that_lacks_a_language_of_the_others_is_named() -> None:
    (one,) = found(scale("official", {"en": "One.", "de": "Eins."}, {"en": "Two."}))
    assert one.path == ("items", 1) and "'de'" in one.what


@pytest.mark.parametrize("kind", ["topics", "own"])
def test_wording_that_would_never_be_shown_is_named(kind: str) -> None:
    (one,) = found(scale(kind, {"en": "One."}))
    assert one.path == ("items", 0, "words") and "wording: official" in one.mend


def test_each_language_of_the_trial_that_official_wording_lacks_is_named_with_its_command() -> None:
    tree = {"languages": ["en", "de"], "instruments": ["a", "b", "c", "nosuch", 7]}
    scales = {
        "a": scale("official", {"en": "One."}),
        "b": scale("official", {"en": "One.", "de": "Eins."}),
        "c": scale("topics", None),
    }
    (one,) = wording.find(tree, scales)
    assert one.path == ("instruments", 0) and "'a' is not written in 'de'" in one.what
    assert "equipoise instruments fill a --from FILE --protocol DIR --language de" in one.mend


@pytest.mark.parametrize("odd", [None, [], "x", {"words": []}, {"words": {"en": 3}}])
def test_odd_trees_are_no_wording_and_no_traceback(odd: Any) -> None:
    tree = {"languages": ["en"], "instruments": ["a"]}
    assert len(list(wording.find(tree, {"a": {"wording": "official", "items": [odd]}}))) <= 1
    instrument_keys.find({"wording": "official", "items": [odd]})
