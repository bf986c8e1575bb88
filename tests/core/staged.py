"""The small trial with further stages: who still feels low in week 2 is allocated once more; who wrote lists crosses
over."""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.core.protocols import FOLDER
from trial.protocol_files import ProtocolFolder, read_files

SECOND: dict[str, Any] = {
    "id": "second",
    "label": {"en": "What comes after two weeks"},
    "after": "later",
    "timepoint": "week_2",
    "when": "low_mood >= 3",
    "arms": [
        {"id": "walk", "label": {"en": "A walk"}, "description": {"en": "A walk is described."}},
        {"id": "song", "label": {"en": "A song"}, "description": {"en": "A song is described."}},
    ],
    "allocation": {"method": "permuted_blocks", "block_sizes": [2]},
}
CROSS_OVER: dict[str, Any] = {
    "id": "cross_over",
    "label": {"en": "The letter for those who wrote lists"},
    "after": "later",
    "timepoint": "week_2",
    "arms_before": ["list"],
    "unanswered": "allocated",
    "arms": [{"id": "letter_later", "label": {"en": "A letter later"}, "description": {"en": "The letter."}}],
    "allocation": {"method": "none"},
}


def _point(name: str, stage: str, activities: list[str], **more: Any) -> dict[str, Any]:
    asked = {"time": "19:00", "closes_after": "20 hours", "invitation": "evening"} | more
    return {"id": name, "label": {"en": name}, "stage": stage, "activities": activities, "days": [1, 2]} | asked


def _exercise(name: str, arm: str) -> dict[str, Any]:
    about = {"type": "writing", "title": {"en": "This evening"}, "exercise": "exercises/letter", "minutes": 10}
    return {"id": name, "arms": [arm], **about}


def tree_of(*stages: dict[str, Any]) -> dict[str, Any]:
    """`protocol.yaml` as a tree, with these stages and what follows each."""
    return staged(json.loads(FOLDER.protocol.model_dump_json(by_alias=True, exclude_unset=True)), *stages)


def staged(tree: dict[str, Any], *stages: dict[str, Any]) -> dict[str, Any]:
    """A tree of the small trial, with these stages and what follows each added."""
    tree["stages"] = [copy.deepcopy(one) for one in stages]
    for stage in stages:
        names = [f"do_{one['id']}" for one in stage["arms"]]
        tree["activities"] += [_exercise(name, one["id"]) for name, one in zip(names, stage["arms"], strict=True)]
        tree["timepoints"].append(_point(f"evenings_{stage['id']}", stage["id"], names))
    return tree


def folder_of(*stages: dict[str, Any], **parts: Any) -> ProtocolFolder:
    """The folder of that trial, with some parts of `protocol.yaml` replaced."""
    return read_files({**FOLDER.files, "protocol.yaml": json.dumps(tree_of(*stages) | parts)})


def changed(stage: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A stage with some of its parts replaced."""
    return copy.deepcopy(stage) | parts


STAGED = folder_of(SECOND, CROSS_OVER)
