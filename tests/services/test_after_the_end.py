"""What comes after somebody stopped, or after the freeze: nothing is sent, and nothing is taken in any more."""

from __future__ import annotations

import pytest

from tests.services.post import Post
from tests.services.scene import Scene
from trial.core.access import Actor, Role
from trial.core.delivery import ContactState
from trial.core.participant import StopLevel
from trial.services import freeze, trials
from trial.storage.work import Store

OPERATOR = Actor("operator:test", Role.OPERATOR)
HER = "her@mailbox.example"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def to_first_evening(scene: Scene, person: int) -> int:
    evening = scene.occasions(person)[0]
    scene.move_to(evening.opens_at)
    return evening.id


@pytest.mark.parametrize("level", [StopLevel.EXERCISES, StopLevel.EVERYTHING])
def test_an_exercise_sent_from_an_open_page_after_stopping_is_not_kept(scene: Scene, level: StopLevel) -> None:
    person = scene.enrol(HER)
    evening = to_first_evening(scene, person)
    scene.stop(person, level)
    assert scene.submit(person, evening, {"writing": "Too late, and not wanted any more."}).state == "stopped"
    assert scene.occasions(person)[0].done_at is None


def test_after_the_freeze_no_mail_leaves_and_no_answer_is_taken(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    post.deliver(scene)
    evening = to_first_evening(scene, person)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.trial.slug)
        freeze.freeze(work, scene.trial.slug)
    post.deliver(scene)
    assert len(post.subjects(HER)) == 1
    due = [one for one in scene.contacts(person) if one.due_at <= scene.now and one.message != "code"]
    assert {(one.state, one.reason) for one in due} == {(ContactState.SUPPRESSED, "trial_over")}
    assert scene.submit(person, evening, {"writing": "After the data were frozen."}).state == "closed"


def test_somebody_randomised_who_is_screened_again_is_counted_once(scene: Scene) -> None:
    scene.enrol(HER)
    again = scene.eligible()
    assert scene.give(again, HER) is None
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.trial.slug)
        files = freeze.freeze(work, scene.trial.slug)
    assert len(files["disposition.csv"].splitlines()) == 2
