"""The same form twenty times at one moment: one sheet, one event; and what the same does without the lock (T17)."""

from __future__ import annotations

import threading

import pytest

from tests.services.at_once import at_once
from tests.services.scene import MOODS, Scene
from trial.core.access import participant_actor
from trial.core.events import Event
from trial.services import answers
from trial.storage import answer_sheets, events
from trial.storage.work import Store

TWENTY, FEW = range(20), range(4)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def ready(scene: Scene) -> tuple[int, int]:
    person = scene.enrol()
    occasion = scene.occasions(person, "week_2")[0]
    scene.move_to(occasion.opens_at)
    return person, occasion.id


def sheets_of(scene: Scene, person: int, occasion: int) -> int:
    with scene.work(write=False) as work:
        return sum(one.occasion_id == occasion for one in answer_sheets.of_participant(work, person))


def test_twenty_identical_forms_at_once_are_one_sheet_and_one_event(scene: Scene) -> None:
    person, occasion = ready(scene)
    before = scene.events(person).count("questionnaire_done")
    found = at_once(lambda _: scene.submit(person, occasion, MOODS[0]), TWENTY)
    assert sorted(one.state for one in found) == ["already"] * 19 + ["kept"]
    assert sheets_of(scene, person, occasion) == 1
    assert scene.events(person).count("questionnaire_done") == before + 1


def test_a_tab_with_other_answers_changes_nothing_of_what_was_sent_first(scene: Scene) -> None:
    person, occasion = ready(scene)
    at_once(lambda n: scene.submit(person, occasion, MOODS[n % 2], submission=f"tab-{n}"), range(8))
    assert sheets_of(scene, person, occasion) == 1


def test_looking_first_and_keeping_later_counts_one_form_many_times(scene: Scene) -> None:
    """The naive way, as a control: each looks whether the window is open, then counts in a unit of work of its own."""
    person, occasion = ready(scene)
    before = scene.events(person).count("questionnaire_done")

    def naive(number: int) -> None:
        with scene.work(write=False) as work:
            shown = answers.show(work, person, occasion)
            is_open = shown.is_open(work.now)
        looked.wait()
        if is_open:
            with scene.work(participant_actor(person)) as work:
                detail: dict[str, str | int] = {"timepoint": "week_2", "occurrence": 1}
                events.write(
                    work, Event.QUESTIONNAIRE_DONE, trial_id=scene.id, participant_id=person, detail=detail
                )  # fmt: skip

    looked = threading.Barrier(len(FEW))
    at_once(naive, FEW)
    assert scene.events(person).count("questionnaire_done") > before + 1
