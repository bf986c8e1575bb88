"""Not at night, and not two mails about the same at once: what an outage, a move or a slow server must not do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.protocols import rewritten
from tests.services.post import Meanwhile, Post
from tests.services.scene import Scene
from tests.services.test_delivery import HER, the, wait_is_over
from tests.storage.stores import run
from trial.core.delivery import Contact, ContactState
from trial.services.delivery import run_once
from trial.storage.work import Store

S = ContactState
SLOW = rewritten(
    ("questionnaire, stream: questionnaires, latest: 2 d", "questionnaire, stream: questionnaires, latest: 6 d")
)
QUESTIONNAIRE, STILL = "Your questionnaire", "Your questionnaire still waits"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def to_week_2(scene: Scene) -> int:
    """Somebody whose questionnaire opens now, at six in the evening."""
    person = scene.enrol(HER)
    scene.move_to(scene.occasions(person, "week_2")[0].opens_at)
    return person


def stands(contact: Contact) -> tuple[ContactState, str | None]:
    return contact.state, contact.reason


def asked(post: Post) -> list[str]:
    return [one for one in post.subjects(HER) if one in (QUESTIONNAIRE, STILL)]


def test_nothing_leaves_at_night_and_what_is_of_use_in_the_morning_leaves_then(scene: Scene, post: Post) -> None:
    her = to_week_2(scene)
    scene.move(hours=5)
    post.deliver(scene)
    invitation = the(scene, her, "questionnaire")
    assert stands(invitation) == (S.RETRY, "quiet_hours")
    assert f"{invitation.due_at:%H:%M}" == "06:00"  # seven in Berlin
    scene.move_to(invitation.due_at - timedelta(seconds=1))
    assert post.deliver(scene) == 0
    scene.move(seconds=1)
    post.deliver(scene)
    assert asked(post) == [QUESTIONNAIRE]


def test_a_reminder_of_what_was_open_at_once_waits_for_the_morning_too(scene: Scene, post: Post) -> None:
    her = to_week_2(scene)
    scene.move(hours=5)
    now = the(scene, her, "questionnaire").due_at + timedelta(hours=5)
    planned = f"local_rule = 'at once, Europe/Berlin', due_at = '{now:%Y-%m-%d %H:%M:%S}.000000'"
    for reminder in (1, 0):
        run(scene.store, f"update delivery set {planned} where timepoint = 'week_2' and reminder = {reminder}")
        post.deliver(scene)
    assert asked(post) == [QUESTIONNAIRE]
    reminders = [one for one in scene.contacts(her) if one.timepoint == "week_2" and one.reminder == 1]
    assert [stands(one) for one in reminders] == [(S.RETRY, "quiet_hours")]


def test_what_is_of_no_use_in_the_morning_is_not_sent(scene: Scene, post: Post) -> None:
    her = scene.enrol(HER)
    scene.move_to(scene.occasions(her)[0].opens_at + timedelta(hours=3, minutes=30))
    post.deliver(scene)
    assert stands(the(scene, her)) == (S.SKIPPED_LATE, "quiet_hours")


def test_it_is_the_night_where_the_person_lives_now(scene: Scene, post: Post) -> None:
    her = to_week_2(scene)
    run(scene.store, "update participant set zone = 'Asia/Tokyo'")
    post.deliver(scene)
    assert stands(the(scene, her, "questionnaire")) == (S.RETRY, "quiet_hours")


def test_a_code_that_somebody_waits_for_leaves_at_night_too(scene: Scene, post: Post) -> None:
    scene.move(hours=14)
    scene.to_code(HER)
    post.deliver(scene)
    assert len(post.mails(HER)) == 1


def test_an_invitation_and_its_reminder_that_are_due_together_are_one_mail(store: Store, post: Post) -> None:
    """After an outage both would be of use still: the first one leaves, the other has nothing to remind of."""
    scene = Scene(store, folder=SLOW)
    her = to_week_2(scene)
    scene.move(days=3)
    post.deliver(scene)
    assert asked(post) == [QUESTIONNAIRE]
    assert stands(the(scene, her, "questionnaire_reminder")) == (S.SKIPPED_LATE, "overtaken")


def test_a_reminder_waits_while_the_first_mail_is_in_another_worker_s_hands(store: Store, post: Post) -> None:
    scene = Scene(store, folder=SLOW)
    her = to_week_2(scene)
    post_of_another = post.sender()

    def meanwhile() -> None:
        scene.move(days=3)
        run_once(scene.store.open_work, post_of_another)
        assert stands(the(scene, her, "questionnaire_reminder")) == (S.RETRY, "after_another")

    run_once(scene.store.open_work, post.sender(Meanwhile(post.mailer(), before_data=meanwhile)))
    assert asked(post) == [QUESTIONNAIRE]
    wait_is_over(scene)
    post.deliver(scene)
    assert stands(the(scene, her, "questionnaire_reminder")) == (S.SKIPPED_LATE, "overtaken")
    assert asked(post) == [QUESTIONNAIRE]


def test_where_the_first_mail_comes_too_late_the_reminder_is_the_one_that_leaves(scene: Scene, post: Post) -> None:
    her = to_week_2(scene)
    scene.move(days=3)
    post.deliver(scene)
    assert stands(the(scene, her, "questionnaire")) == (S.SKIPPED_LATE, "past_latest_useful_time")
    assert asked(post) == [STILL]


def test_a_reminder_follows_as_planned_where_the_first_mail_was_in_time(scene: Scene, post: Post) -> None:
    to_week_2(scene)
    post.deliver(scene)
    scene.move(days=3)
    post.deliver(scene)
    assert asked(post) == [QUESTIONNAIRE, STILL]
