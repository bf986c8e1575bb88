"""Mails that do not leave in time are told to who looks after the trial, once in six hours, where it sends."""

from __future__ import annotations

import pytest

from tests.services.post import Post
from tests.services.scene import OPERATOR, Scene
from tests.services.team import COORDINATOR, OWNER, TeamScene, address
from trial.services import sending_alarm, trials
from trial.services.calling import call_due
from trial.storage import passing_time
from trial.storage.work import Store

BOTH = [address(OWNER), address(COORDINATOR)]
SUBJECT = "Mails of the study do not leave in time"


@pytest.fixture
def scene(store: Store) -> TeamScene:
    return TeamScene(store)


@pytest.fixture
def late(scene: TeamScene) -> TeamScene:
    """A mail has been due for half an hour."""
    scene.to_code("her@mailbox.example")
    scene.move(minutes=30)
    return scene


def told(scene: Scene, post: Post) -> list[str]:
    """Who was told by now."""
    sending_alarm.look(scene.store.open_work)
    while call_due(scene.store.open_work, post.sender()):
        pass
    return [one.envelope_to for one in post.mails() if one.subject == SUBJECT]


def test_owner_and_coordinator_are_told_once_in_six_hours_for_as_long_as_mails_are_late(
    late: TeamScene, post: Post
) -> None:
    assert told(late, post) == BOTH
    for _ in range(3):
        late.move(minutes=30)
        assert told(late, post) == BOTH
    late.move(hours=5)
    assert told(late, post) == BOTH * 2
    mail = next(one for one in post.mails() if one.subject == SUBJECT)
    assert "her@mailbox.example" not in mail.text and "were not sent" in mail.text


def test_nothing_is_told_before_half_an_hour_nor_once_mails_left(scene: TeamScene, post: Post) -> None:
    scene.to_code("her@mailbox.example")
    scene.move(minutes=29)
    assert told(scene, post) == []
    post.deliver(scene)
    scene.move(hours=3)
    assert told(scene, post) == []


def test_a_trial_that_stands_still_on_purpose_is_not_late(late: TeamScene, post: Post) -> None:
    with late.work(OPERATOR) as work:
        trials.pause(work, late.slug)
    assert told(late, post) == []


def put_off(scene: TeamScene, post: Post, *people: str, says: str = "452 4.2.2 mailbox full") -> None:
    """The servers of these people ask to try again later; three quarters of an hour on it is time for that."""
    post.refuse(*(f"{one}@mailbox.example {says}" for one in people))
    for one in people:
        scene.to_code(f"{one}@mailbox.example")
    post.deliver(scene)
    scene.move(minutes=45)
    with scene.work(OPERATOR) as work:
        passing_time.end_waits(work)


def test_the_full_mailbox_of_one_person_is_no_alarm_and_those_of_three_are(scene: TeamScene, post: Post) -> None:
    put_off(scene, post, "one", "two")
    assert told(scene, post) == []
    put_off(scene, post, "three")
    assert told(scene, post) == BOTH


def test_the_spam_filter_of_one_person_is_told_as_a_refusal_and_not_as_lateness(scene: TeamScene, post: Post) -> None:
    put_off(scene, post, "one", says="550 5.7.1 looks like spam")
    assert told(scene, post) == []
    assert "A mail server refuses mails of the study" in [one.subject for one in post.mails()]


def test_a_mail_server_that_is_away_is_an_alarm_whoever_waits(scene: TeamScene, post: Post) -> None:
    scene.to_code("her@mailbox.example")
    post.deliver(scene, post.mailer("smtp://127.0.0.1:9"))
    scene.move(minutes=45)
    with scene.work(OPERATOR) as work:
        passing_time.end_waits(work)
    assert told(scene, post) == BOTH


def test_what_a_pause_gave_back_was_late_on_purpose(scene: TeamScene, post: Post) -> None:
    scene.to_code("her@mailbox.example")
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    post.deliver(scene)
    scene.move(minutes=45)
    with scene.work(OPERATOR) as work:
        trials.resume(work, scene.slug)
    assert told(scene, post) == []
    post.deliver(scene)
    assert [one.envelope_to for one in post.mails("her@mailbox.example")] == ["her@mailbox.example"]
