"""Further stages in the record: made again from the seed, found out when touched, frozen for everybody to check."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.core.published import script
from tests.core.staged import STAGED
from tests.services.scene import OPERATOR, Scene
from tests.services.staged_scene import LOW, WELL, answer, pass_by
from tests.storage.stores import content, kept_store
from trial.core.access import Actor, Role
from trial.core.participant import StopLevel
from trial.services import freeze, overview, participant_page, trials, verifying
from trial.storage import participants
from trial.storage.work import Store

UNBLINDED = Actor("member:1", Role.UNBLINDED_STATISTICIAN)
CHECK = script()


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store, folder=STAGED)


@pytest.fixture(scope="module")
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Eight people after week 2, on a database whose guards are taken off; each test throws its changes away."""
    with kept_store(request, "sqlite", tmp_path_factory.mktemp("staged")) as store:
        found = Scene(store, folder=STAGED)
        people = [found.enrol(mood=number % 2) for number in range(8)]
        for number, person in enumerate(people):
            answer(found, person, (WELL, LOW, LOW)[number % 3])
        with store.engine.begin() as rows:
            for name in rows.exec_driver_sql("select name from sqlite_master where type = 'trigger'").scalars().all():
                rows.exec_driver_sql(f"drop trigger {name}")
        yield found


def verdict(scene: Scene) -> verifying.Verdict:
    with scene.work(UNBLINDED, write=False) as work:
        return verifying.verify(work, scene.slug)


def test_every_stage_is_made_again_from_the_seed(store: Store) -> None:
    scene = Scene(store, folder=STAGED)
    for number in range(4):
        answer(scene, scene.enrol(), (WELL, LOW)[number % 2])
    made = [one["stage"] for one in content(store)["allocation"]]
    assert made.count("second") == 2 and made.count("cross_over") >= 1
    found = verdict(scene)
    assert found.holds and found.allocations == len(made)


_OF_SECOND = "stage = 'second' and sequence = 2"
HARM = {
    "arm": (f"update allocation set arm = 'poem' where {_OF_SECOND}", "arm"),
    "the sequence": (f"update allocation set sequence = 40 where {_OF_SECOND}", "order"),
    "one left out": (f"delete from allocation where {_OF_SECOND}", "order"),
    "stage": ("update allocation set stage = 'third' where stage = 'second' and sequence = 1", "order"),
    "the record's stage": (
        f"update allocation set record = json_set(record, '$.stage', 'main') where {_OF_SECOND}", "stage"
    ),
    "the draw": (f"update allocation set record = json_set(record, '$.draw', '00') where {_OF_SECOND}", "draw"),
    "another person": (
        "update allocation set participant_id = (select max(id) from participant where id not in (select participant_id"
        f" from allocation where stage = 'second')) where {_OF_SECOND}", "person"
    ),
    "the state": ("update allocation_state set number = 99 where stage = 'second'", "state kept"),
    "the acts": ("delete from event where event = 'stage_allocated'", "person"),
}  # fmt: skip


@pytest.mark.parametrize("what", HARM)
def test_whatever_is_changed_in_the_rows_of_a_stage_is_named(lived: Scene, what: str) -> None:
    harm, named = HARM[what]
    assert verdict(lived).holds
    with suppress(_Undone), lived.work(UNBLINDED) as work:
        work.rows.exec_driver_sql("pragma defer_foreign_keys = on")
        assert work.rows.exec_driver_sql(harm).rowcount >= 1
        difference = verifying.verify(work, lived.slug).difference
        assert difference is not None and named in difference.what, difference
        raise _Undone
    assert verdict(lived).holds


class _Undone(Exception):
    """Leaves a transaction without keeping what was done in it."""


def test_the_frozen_folder_names_what_became_of_everybody_and_the_script_follows_it(
    tmp_path: Path, scene: Scene
) -> None:
    people = [scene.enrol() for _ in range(4)]
    for person, form in zip(people[:3], (LOW, WELL, LOW), strict=True):
        answer(scene, person, form)
    scene.stop(people[3], StopLevel.EVERYTHING)
    pass_by(scene, people[3])
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        files = freeze.freeze(work, scene.slug)
    rows = list(csv.DictReader(io.StringIO(files["stages.csv"])))
    second = {one["participant"]: one for one in rows if one["stage"] == "second"}
    states = [second[scene.person(one).code]["state"] for one in people]
    assert states == ["allocated", "did_not_fit", "allocated", "stopped"]
    assert sorted(one["number"] for one in second.values() if one["arm"]) == ["1", "2"]
    assert {one["day"] for one in second.values()} == {"14", "21"}
    freeze.write_freeze(files, tmp_path)
    assert "All" in CHECK.verify(tmp_path)
    had = {one["participant"]: one["exercises_due"] for one in csv.DictReader(io.StringIO(files["disposition.csv"]))}
    assert set(had.values()) == {"3"}  # what a stage added is no part of the arm's dose


def test_nothing_of_a_stage_is_shown_to_who_must_not_learn_arms(lived: Scene) -> None:
    with lived.work(Actor("member:9", Role.COORDINATOR), write=False) as work:
        everybody = [participant_page.page(work, lived.slug, one.code) for one in participants.of_trial(work, lived.id)]
        board = overview.overview_of(work, lived.slug)
    told = {one.about for page in everybody for one in page.windows}
    told |= {line.about for page in everybody for line in page.lines}
    assert told and not [one for one in told if "second" in one or "cross" in one]
    assert all(page.leaves_out for page in everybody)
    # who was allocated once more, and who was not, show the same windows and mails
    assert len({tuple(one.about for one in page.windows) for page in everybody}) == 1
    assert len({len(page.lines) for page in everybody}) == 1
    assert not [label for label, _ in board.timepoints if "evenings_" in str(label)]
