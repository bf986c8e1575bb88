"""Files of an older schema as trees of the present one: what was stored with a trial years ago still loads.

An upgrade changes the tree before the models see it and keeps where each value stood, so that a mistake in an old file
is still found at its own line. The stored text, and so the digest, is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from trial.core.findings import walk
from trial.protocol_files.yaml_text import Entries, Keys

_UNSAID = "Not stated in this file, which was written before sources were asked for."
_AGE = re.compile(r"\bage\s*>=\s*(\d{1,3})\b")


def newest_protocol(tree: Any) -> Any:
    """The tree of a protocol.yaml in the present schema; anything that is no old protocol passes as it is."""
    return _newest(tree, {1: _protocol_1_to_2})


def newest_instrument(tree: Any) -> Any:
    """The tree of an instrument file in the present schema."""
    return _newest(tree, {1: _instrument_1_to_2})


def _newest(tree: Any, steps: dict[int, Callable[[Keys], None]]) -> Any:
    while isinstance(tree, Keys) and (step := steps.get(_schema(tree))):
        old = _schema(tree)
        step(tree)
        tree["schema"] = old + 1
    return tree


def _schema(tree: Keys) -> int:
    found = tree.get("schema")
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def _protocol_1_to_2(tree: Keys) -> None:
    """Framework and disclosure moved to `design`; registration, ethics and important differences got parts."""
    design = _move_into(tree, "framework", "design")
    # schema 1 asked for texts that do not give the hypothesis away, and for a debrief
    _put(design, "disclosure", "hypothesis_withheld", like=tree)
    for _, office in walk(tree, "administrative"):
        if isinstance(office, Keys):
            _wrap(office, "registration", "number", registry="Registry not stated")
            _wrap(office, "ethics", "committee")
    for _, outcome in walk(tree, "outcomes.*"):
        if isinstance(outcome, Keys):
            _wrap(outcome, "important_difference", "value", source=_UNSAID)
    _age_rule(tree)


def _age_rule(tree: Keys) -> None:
    eligibility = tree.get("eligibility")
    asked = [value for _, value in walk(tree, "eligibility.questions.*.id")]
    if not isinstance(eligibility, Keys) or "age" not in asked or "age" in eligibility:
        return
    rules = [rule for _, rule in walk(tree, "eligibility.criteria.*.rule") if isinstance(rule, str)]
    ages = [int(found[1]) for rule in rules if (found := _AGE.search(rule))]
    if not ages or max(ages) < 18:
        return  # the linter asks for an age rule; a guess of ours would not be the team's
    age = Keys()
    _put(age, "question", "age", like=tree)
    _put(age, "minimum", max(ages), like=tree)
    _put(eligibility, "age", age, like=tree)


def _instrument_1_to_2(tree: Keys) -> None:
    """One cut-off became a list of them; what the rights holder allows got a part of its own."""
    for _, score in walk(tree, "scores.*"):
        if isinstance(score, Keys) and score.get("cut_off") is not None:
            entry = Keys()
            for key, value in (("at_least", score["cut_off"]), ("label", {"en": "Cut-off"}), ("source", _UNSAID)):
                _put(entry, key, value, like=score, at="cut_off")
            entries = Entries()
            entries.append(entry)
            entries.places.append(score.places["cut_off"])
            _put(score, "cut_offs", entries, like=score, at="cut_off")
        if isinstance(score, Keys):
            score.pop("cut_off", None)
    permission = Keys()
    _put(permission, "status", "free" if tree.get("wording") == "own" else "ask", like=tree)
    _put(tree, "permission", permission, like=tree)


def _move_into(tree: Keys, key: str, part: str) -> Keys:
    """Move a key into a new part of the same place."""
    found = Keys()
    if key in tree:
        _put(found, key, tree.pop(key), like=tree, at=key)
    _put(tree, part, found, like=tree, at=key)
    return found


def _wrap(tree: Keys, key: str, inner: str, **more: Any) -> None:
    """Turn a bare value into a part that holds it under another name; nothing stays nothing."""
    value = tree.get(key)
    if value is None or isinstance(value, dict):
        return
    part = Keys()
    for name, one in ((inner, value), *more.items()):
        _put(part, name, one, like=tree, at=key)
    tree[key] = part


def _put(tree: Keys, key: str, value: Any, *, like: Keys, at: str = "schema") -> None:
    """A value that stands where another one stood in the file."""
    tree[key] = value
    tree.places[key] = like.places.get(at, (1, 1))
