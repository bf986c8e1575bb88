"""Mails that do not leave in time are told to who looks after the trial, once in six hours, where it sends."""

from __future__ import annotations

import pytest

from tests.services.post import Post
from tests.services.scene import OPERATOR, Scene
from tests.services.team import COORDINATOR, OWNER, TeamScene, address
from trial.services import sending_alarm, trials
from trial.services.calling import call_due
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
