"""What people do in a trial with further stages, and what became of them."""

from __future__ import annotations

from typing import Any

from tests.services.scene import MOODS, Scene
from tests.storage.stores import content
from trial.services import stages
from trial.storage import allocations, stage_entries

LOW, WELL = MOODS[1], MOODS[0]


def to_week_2(scene: Scene, person: int) -> None:
    scene.move_to(max(scene.now, scene.occasions(person, "week_2")[0].opens_at))


def send_in(scene: Scene, person: int, form: dict[str, str], submission: str | None = None) -> str:
    return scene.submit(person, scene.occasions(person, "week_2")[0].id, form, submission=submission).state


def answer(scene: Scene, person: int, form: dict[str, str]) -> None:
    to_week_2(scene, person)
    assert send_in(scene, person, form) == "kept"


def pass_by(scene: Scene, person: int) -> int:
    """The window of week 2 goes by."""
    scene.move_to(max(scene.now, scene.occasions(person, "week_2")[0].closes_at))
    return stages.decide_due(scene.store.open_work)


def arm_of(scene: Scene, person: int) -> str:
    with scene.work(write=False) as work:
        return str(allocations.arm_of(work, person))


def options_of(scene: Scene, person: int) -> list[str]:
    with scene.work(write=False) as work:
        return allocations.options_of(work, person)


def state_of(scene: Scene, person: int, stage: str = "second") -> str:
    with scene.work(write=False) as work:
        found = {one.stage: one.state.value for one in stage_entries.of_trial(work, scene.id)
                 if one.participant_id == person}  # fmt: skip
    return found.get(stage, "")


def enrolled(scene: Scene, arm: str) -> int:
    """Somebody in this arm."""
    while True:
        person = scene.enrol()
        if arm_of(scene, person) == arm:
            return person


def rows_of(scene: Scene, stage: str) -> list[dict[str, Any]]:
    """The allocations of one stage."""
    return [one for one in content(scene.store)["allocation"] if one["stage"] == stage]
