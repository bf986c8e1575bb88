"""Rules that no code can forget, because the database keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from tests.services.scene import Scene
from tests.storage.stores import content, run
from trial.storage.work import Store


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    """Two people in, one of them randomised; whatever a test tries must leave no trace."""
    scene = Scene(store)
    scene.enrol()
    scene.to_baseline()
    before = content(store)
    yield scene
    assert content(store) == before


def again(scene: Scene, table: str, **other: str) -> None:
    """Insert the first row of a table once more, with some columns as these SQL expressions say."""
    columns = {name: f"first.{name}" for name in scene_columns(scene, table)} | other
    if "id" not in other:
        columns.pop("id", None)
    names, values = ", ".join(columns), ", ".join(columns.values())
    run(scene.store, f"insert into {table} ({names}) select {values} from {table} as first limit 1")


def scene_columns(scene: Scene, table: str) -> list[str]:
    return list(content(scene.store)[table.removeprefix("vault.")][0])


_OTHER_PERSON = "(select max(id) from participant)"

# what must be unique -> the same row with everything else made different
UNIQUE: dict[str, tuple[str, dict[str, str]]] = {
    "one allocation per person and stage": ("allocation", {"number": "91", "sequence": "91", "stratum": "'x'"}),
    "one place per stratum and number": ("allocation", {"participant_id": _OTHER_PERSON, "sequence": "91"}),
    "one person per order of randomization": (
        "allocation",
        {"participant_id": _OTHER_PERSON, "number": "91", "stratum": "'x'"},
    ),
    "one mail per person, message, timepoint, occurrence and reminder": ("delivery", {}),
    "one address per trial": ("vault.identity", {"participant_id": _OTHER_PERSON}),
    "one key per person": ("vault.identity", {"blind_index": "first.wrapped_key"}),
    "one text per person, kind and place": ("vault.words", {}),
    "one consent per person and version": ("consent", {}),
    "one answer per occasion": ("answer_sheet", {"submission": "'other'"}),
    "one answer per submission": ("answer_sheet", {"occasion_id": "(select max(id) from occasion)"}),
    "one occasion per person, timepoint, occurrence and activity": ("occasion", {}),
    "one person per number": ("participant", {"code": "'OTHER'"}),
    "one person per study code": ("participant", {"number": "91"}),
    "one trial per name": ("trial", {}),
    "one clock": ("clock", {"id": "1"}),
    "one version per protocol text": ("protocol_version", {"version": "'2.0'"}),
}


def refusal(change: Callable[[], object]) -> str:
    """What the database says to a change, in small letters; empty where it let it pass."""
    try:
        change()
    except IntegrityError as error:
        return str(error.orig).lower()
    return ""


def test_what_must_be_unique_cannot_be_entered_twice(scene: Scene) -> None:
    said = {rule: refusal(partial(again, scene, table, **other)) for rule, (table, other) in UNIQUE.items()}
    assert {rule: words for rule, words in said.items() if "unique" not in words} == {}


# change -> the name of the rule that stands against it
CHECKS = {
    "update delivery set state = 'perhaps'": "ck_delivery_state",
    "update trial set state = 'ended'": "ck_trial_state",
    "update trial set kind = 'real'": "ck_trial_kind",
    "update participant set state = 'lost'": "ck_participant_state",
    "update screening set eligible = false": "no_answers_of_the_ineligible",
    "update clock set id = 2": "ck_clock_single",
    "update delivery set participant_id = participant_id + 900": "foreign key",
    "update occasion set trial_id = 999": "foreign key",
    "update vault.identity set trial_id = 999": "foreign key",
    "delete from participant": "foreign key",
    "delete from trial": "foreign key",
}


def test_no_state_that_does_not_exist_and_no_row_that_points_at_nobody(scene: Scene) -> None:
    said = {change: refusal(partial(run, scene.store, change)) for change in CHECKS}
    assert {change: words for change, words in said.items() if CHECKS[change] not in words} == {}


def test_a_correction_may_follow_a_first_answer(store: Store) -> None:
    """The rule of one answer per occasion is about first answers only."""
    scene = Scene(store)
    scene.enrol()
    again(scene, "answer_sheet", submission="'later'", corrects="first.id", reason="'typed wrongly'")
    assert len(content(store)["answer_sheet"]) == 2
