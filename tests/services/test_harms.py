"""A report that something is not right is kept once, whatever is in it, and its words are the person's own."""

from __future__ import annotations

import pytest

from tests.services.at_once import at_once
from tests.services.scene import SENSITIVE, START, Scene
from tests.storage.stores import content, holding
from trial.core.access import participant_actor
from trial.core.errors import NotFound
from trial.core.participant import StopLevel
from trial.services import harms
from trial.storage import vault
from trial.storage.work import Store


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def report(scene: Scene, person: int, text: str, *, submission: str = "one") -> None:
    with scene.work(participant_actor(person)) as work:
        harms.report(work, person, None, text, submission=submission)


def test_a_report_is_open_and_its_words_lie_in_the_vault(scene: Scene) -> None:
    person = scene.enrol()
    report(scene, person, f"  {SENSITIVE} ")
    (kept,) = content(scene.store)["adverse_event"]
    assert (kept["participant_id"], kept["state"], kept["reported_at"]) == (person, "open", START)
    assert holding(scene.store, SENSITIVE) == []
    with scene.work(write=False) as work:
        assert vault.words_of(work, person, "adverse_event", str(kept["id"])) == SENSITIVE
    assert scene.events(person)[-1] == "adverse_event_reported"


@pytest.mark.parametrize("text", ["", "   ", "x" * 50_000, "\0\0", "😟"])
def test_a_report_counts_whatever_is_in_it(scene: Scene, text: str) -> None:
    person = scene.enrol()
    report(scene, person, text)
    assert len(content(scene.store)["adverse_event"]) == 1


def test_one_form_sent_many_times_is_one_report_and_another_form_is_another(scene: Scene) -> None:
    person = scene.enrol()
    at_once(lambda _: report(scene, person, SENSITIVE), range(8))
    assert len(content(scene.store)["adverse_event"]) == 1
    assert scene.events(person).count("adverse_event_reported") == 1
    report(scene, person, SENSITIVE, submission="two")
    assert len(content(scene.store)["adverse_event"]) == 2


def test_somebody_who_stopped_everything_can_still_report(scene: Scene) -> None:
    person = scene.enrol()
    scene.stop(person, StopLevel.EVERYTHING)
    report(scene, person, SENSITIVE)
    assert len(content(scene.store)["adverse_event"]) == 1


def test_nobody_reports_for_somebody_who_is_not_there(scene: Scene) -> None:
    with pytest.raises(NotFound):
        report(scene, 999, SENSITIVE)
