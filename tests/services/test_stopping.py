"""Stopping is one step, and from its moment on nothing more is sent that was not wanted."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from tests.services.post import Meanwhile, Post
from tests.services.scene import Scene
from tests.storage.stores import content
from trial.core.delivery import ContactState
from trial.core.errors import NotFound
from trial.core.participant import STOP_REASONS, StopLevel
from trial.mail import compose as composing
from trial.services import stopping
from trial.services.delivery import run_once
from trial.storage import vault
from trial.storage.work import Store

HER, ALL, EXERCISES = "her@mailbox.example", StopLevel.EVERYTHING, StopLevel.EXERCISES


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    """Somebody randomised, whose code has come."""
    person = scene.enrol(HER)
    post.deliver(scene)
    assert post.subjects(HER) == ["Your code for Three evenings"]
    return person


def to_first_evening(scene: Scene, person: int) -> None:
    scene.move_to(scene.occasions(person)[0].opens_at)


def live_on(scene: Scene, post: Post, days: int = 20) -> None:
    """Day by day to the end, sending whatever falls due."""
    post.deliver(scene)
    for contact in scene.contacts():
        if contact.due_at > scene.now:
            scene.move_to(contact.due_at)
            post.deliver(scene)
    scene.move(days=days)
    post.deliver(scene)


def test_without_stopping_everything_planned_arrives(scene: Scene, post: Post, her: int) -> None:
    live_on(scene, post)
    assert len(post.mails(HER)) == 1 + 3 * 2 + 2 + 1


def test_a_withdrawn_participant_gets_no_further_mail(scene: Scene, post: Post, her: int) -> None:
    to_first_evening(scene, her)
    post.deliver(scene)
    scene.stop(her, ALL)
    live_on(scene, post)
    assert post.subjects(HER)[1:] == ["Your writing for this evening"]
    after = [one for one in scene.contacts(her) if one.state is not ContactState.ACCEPTED]
    assert {(one.state, one.reason) for one in after} == {(ContactState.SUPPRESSED, "stopped")}


def test_somebody_who_stopped_the_exercises_still_gets_the_questionnaires(scene: Scene, post: Post, her: int) -> None:
    scene.stop(her, EXERCISES)
    live_on(scene, post)
    over = "The study is over for you: thank you"
    assert post.subjects(HER)[1:] == ["Your questionnaire", "Your questionnaire still waits", over]


def test_stopping_one_person_stops_nobody_else(scene: Scene, post: Post, her: int) -> None:
    scene.enrol("other@mailbox.example")
    scene.stop(her, ALL)
    live_on(scene, post)
    assert len(post.mails("other@mailbox.example")) == 10


@pytest.mark.parametrize("level", [ALL, EXERCISES])
def test_a_stop_between_claim_and_data_still_holds_the_mail_back(
    scene: Scene, post: Post, her: int, level: StopLevel
) -> None:
    to_first_evening(scene, her)
    mailer = Meanwhile(post.mailer(), before_data=lambda: scene.stop(her, level))
    post.deliver(scene, mailer)
    assert [one.kind for one in mailer.replies] == ["withdrawn"]
    assert len(post.mails(HER)) == 1
    evening = scene.contacts(her, "evening")[0]
    assert (evening.state, evening.reason) == (ContactState.SUPPRESSED, "stopped")
    assert evening.attempt == 1


def test_no_mail_begins_after_a_stop_was_recorded_however_close_the_two_are(scene: Scene, post: Post, her: int) -> None:
    """The stop comes while the mail is written, after the last look: it counts before or after, never in between."""
    to_first_evening(scene, her)
    recorded, compose = threading.Event(), composing.compose
    states: list[tuple[bool, ContactState]] = []

    def stop() -> None:
        scene.stop(her, ALL)
        states.append((True, scene.contacts(her, "evening")[0].state))
        recorded.set()

    thread = threading.Thread(target=stop)

    def while_composing(mail: Any) -> bytes:
        thread.start()
        # a stop that need not wait has been recorded by then
        recorded.wait(0.5)
        return compose(mail)

    sender = replace(post.sender(), compose=while_composing)
    while run_once(scene.store.open_work, sender):
        pass
    thread.join(10)
    assert recorded.is_set()
    sent = len(post.mails(HER)) == 2
    # what had begun when the stop was recorded may arrive, and nothing else
    assert sent == (states[0][1] in (ContactState.DATA_STARTED, ContactState.ACCEPTED))
    live_on(scene, post)
    assert len(post.mails(HER)) == (2 if sent else 1)


def test_widening_a_stop_is_recorded_and_narrowing_it_is_not(scene: Scene, her: int) -> None:
    scene.stop(her, EXERCISES, "no_time")
    scene.move(days=1)
    scene.stop(her, ALL, "upset_me")
    at = scene.person(her).stopped_at
    scene.move(days=1)
    scene.stop(her, EXERCISES, "other")
    person = scene.person(her)
    assert (person.stopped, person.stop_reason, person.stopped_at) == (ALL, "upset_me", at)
    assert [one for one in scene.events(her) if one.startswith("stopped")] == [
        "stopped_exercises",
        "stopped_everything",
    ]


@pytest.mark.parametrize("level", [ALL, EXERCISES])
def test_stopping_twice_is_stopping_once(scene: Scene, her: int, level: StopLevel) -> None:
    scene.stop(her, level, "no_time")
    before = content(scene.store)
    scene.move(days=1)
    scene.stop(her, level, "other")
    after = content(scene.store)
    assert after | {"clock": []} == before | {"clock": []}


@pytest.mark.parametrize(
    ("given", "kept"), [*((one, one) for one in STOP_REASONS), ("", "not_said"), ("<b>", "not_said")]
)
def test_only_a_known_reason_is_kept(scene: Scene, given: str, kept: str) -> None:
    person = scene.enrol()
    scene.stop(person, ALL, given)
    assert scene.person(person).stop_reason == kept


def test_nobody_who_is_not_there_can_be_stopped(scene: Scene) -> None:
    with pytest.raises(NotFound), scene.work() as work:
        stopping.stop(work, 999, ALL, "no_time")


def test_somebody_erased_is_written_to_no_more_and_holds_up_nobody_else(scene: Scene, post: Post, her: int) -> None:
    scene.enrol("other@mailbox.example")
    with scene.work() as work:
        vault.destroy(work, her)
    live_on(scene, post)
    assert len(post.mails(HER)) == 1
    assert len(post.mails("other@mailbox.example")) == 10
    left = [one for one in scene.contacts(her) if one.state is not ContactState.ACCEPTED]
    assert {(one.state, one.reason) for one in left} == {(ContactState.SUPPRESSED, "erased")}
