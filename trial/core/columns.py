"""Whether every answer has a column of its own: exercises, questionnaires and their form share one name space.

A column is `<activity>_<part>` for an exercise and `<instrument>_<item>` for a questionnaire, so two different pairs
can give the same name: the activity `go` with the prompt `on_now`, and the activity `go_on` with the prompt `now`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trial.core.dataset import DATASET_KEYS
from trial.core.exercises import CONFIRMED, HOW_IT_WENT, SECONDS
from trial.core.findings import Finding, Path, shown, texts_at, walk

# the form's own field that could be mistaken for an activity's
_FORM = ("go_on",)
_PARTS = {"writing": "prompts.*.id", "recall": "cards.*.id", "checklist": "items.*.id"}
_FIXED = {"reading": (CONFIRMED,), "timed_practice": (HOW_IT_WENT, SECONDS)}
_MOST_ROUNDS = 6


def find(tree: Any, instruments: Mapping[str, Any]) -> Iterator[Finding]:
    """Each exercise whose answer would stand in a column of something else, and each name of the dataset's own."""
    yield from _of_the_dataset(tree, instruments)
    owner = dict.fromkeys(_FORM, "the form itself")
    for code, instrument in instruments.items():
        for _, item in walk(instrument, "items.*"):
            if isinstance(item, Mapping):
                name = f"{code}_{item.get('id')}"
                several = [f"{name}_{value}" for _, value in walk(item, "choices.*.value")]
                owner |= dict.fromkeys([name, *several], f"the instrument {shown(code)}")
    for path, activity, parts in _exercises(tree):
        for column in dict.fromkeys(f"{activity}_{part}" for part in parts):
            if owner.get(column, activity) != activity:
                what = f"the answers of {shown(activity)} and of {owner[column]} share the column {shown(column)}."
                yield Finding((*path, "id"), what, "Give the activity or its part another id.")
            owner.setdefault(column, activity)


def _of_the_dataset(tree: Any, instruments: Mapping[str, Any]) -> Iterator[Finding]:
    """Scores and screening answers become columns of dataset.csv, beside those that every dataset has."""
    kept = ", ".join(DATASET_KEYS)
    for path, name in walk(tree, "eligibility.questions.*.id"):
        if name in DATASET_KEYS:
            yield Finding(path, f"the dataset has a column {shown(name)} of its own ({kept}).", "Give it another id.")
    for code, instrument in instruments.items():
        for _, name in walk(instrument, "scores.*.id"):
            if name in DATASET_KEYS:
                what = f"a score of {shown(code)} is named {shown(name)}, a column that every dataset has ({kept})."
                yield Finding(("instruments",), what, "Give the score another id.")


def _exercises(tree: Any) -> Iterator[tuple[Path, str, list[str]]]:
    """(path, id, parts) of each activity that has parts."""
    for path, activity in walk(tree, "activities.*"):
        if not isinstance(activity, Mapping) or not isinstance(activity.get("id"), str):
            continue
        kind = activity.get("type")
        if isinstance(kind, str):
            parts = [*_FIXED.get(kind, ()), *texts_at(activity, _PARTS.get(kind, "nothing"))]
            yield path, activity["id"], parts + (_turns(activity) if kind == "dialogue" else [])


def _turns(dialogue: Mapping[str, Any]) -> list[str]:
    rounds = dialogue.get("rounds", 1)
    count = min(rounds, _MOST_ROUNDS) if isinstance(rounds, int) else 1
    return [f"{number}_{voice}" for number in range(1, count + 1) for voice in texts_at(dialogue, "voices.*.id")]
