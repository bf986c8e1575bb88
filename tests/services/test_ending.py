"""The end for everyone: told once what the study was about, by mail or, after stopping everything, on a page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.protocols import FOLDER, rewritten
from tests.services.post import Post
from tests.services.scene import OPERATOR, Scene
from trial.core.delivery import ContactState
from trial.core.errors import NotFound
from trial.core.local_time import later
from trial.core.participant import StopLevel
from trial.core.schedule import last_window
from trial.protocol_files import ProtocolFolder
from trial.services import ending, freeze, trials
from trial.services.ending import STUDY_OVER, End
from trial.storage import allocations
from trial.storage.work import Store

HER = "her@mailbox.example"
SUBJECT = "The study is over for you: thank you"
OTHERS = rewritten(
    ("design: {disclosure: hypothesis_withheld}", "design: {disclosure: full, other_exercises_after: true}")
)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def end_of(scene: Scene, person: int) -> End:
    with scene.work(write=False) as work:
        return ending.look(work, person)


def subjects(post: Post) -> list[str]:
    return [one.subject for one in post.mails(HER)]


def to_the_end(scene: Scene, post: Post, person: int) -> None:
    """Through every day, with the mails of each."""
    (row,) = scene.contacts(person, STUDY_OVER)
    while scene.now < row.due_at:
        scene.move_to(min(scene.now + timedelta(hours=12), row.due_at))
        post.deliver(scene)


def test_the_last_mail_is_planned_with_the_allocation_after_every_window_in_the_morning(scene: Scene) -> None:
    person = scene.enrol()
    (row,) = scene.contacts(person, STUDY_OVER)
    assert row.due_at >= later(scene.now, last_window(FOLDER.protocol), "Europe/Berlin") - timedelta(days=1)
    assert all(one.closes_at < row.due_at for one in scene.occasions(person, "week_2"))
    assert f"{row.due_at:%H:%M}" == "09:00"  # ten in Berlin, in winter
    assert row.local_rule.endswith("10:00 Europe/Berlin")


def test_everyone_who_comes_to_the_end_is_told_once(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    assert not end_of(scene, person).over
    to_the_end(scene, post, person)
    scene.move(days=5)
    post.deliver(scene)
    assert subjects(post).count(SUBJECT) == 1
    assert end_of(scene, person).over
    assert scene.events(person).count("debriefed") == 1
    assert "?to=end" in post.mails(HER)[-1].text


def test_who_stopped_the_exercises_is_told_as_well(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    scene.stop(person, StopLevel.EXERCISES)
    to_the_end(scene, post, person)
    assert SUBJECT in subjects(post)


def test_who_stopped_everything_may_read_it_at_once_and_gets_no_mail(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    scene.stop(person, StopLevel.EVERYTHING)
    assert end_of(scene, person).over
    to_the_end(scene, post, person)
    assert SUBJECT not in subjects(post)
    (row,) = scene.contacts(person, STUDY_OVER)
    assert (row.state, row.reason) == (ContactState.SUPPRESSED, "stopped")


def test_who_was_turned_away_after_consent_is_thanked_and_told_at_once(store: Store, post: Post) -> None:
    scene = Scene(store, target=1)
    person, occasion = scene.to_baseline(HER)
    scene.enrol()
    scene.submit(person, occasion, {"feeling_1": "0", "feeling_2": "0", "feeling_3": "0"})
    post.deliver(scene)
    assert subjects(post)[-1] == SUBJECT and end_of(scene, person).over
    assert scene.events(person)[-1] == "debriefed"


def test_the_end_is_told_after_the_data_were_frozen_too(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    (row,) = scene.contacts(person, STUDY_OVER)
    scene.move_to(row.due_at - timedelta(hours=1))
    post.deliver(scene)
    with scene.work(OPERATOR) as work:
        freeze.freeze(work, scene.slug)
    scene.move_to(row.due_at)
    post.deliver(scene)
    assert subjects(post)[-1] == SUBJECT


def test_a_paused_trial_keeps_the_last_mail_until_it_goes_on(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    (row,) = scene.contacts(person, STUDY_OVER)
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    scene.move_to(row.due_at)
    post.deliver(scene)
    assert SUBJECT not in subjects(post)
    with scene.work(OPERATOR) as work:
        trials.resume(work, scene.slug)
    post.deliver(scene)
    assert SUBJECT in subjects(post)


def test_a_window_that_was_added_later_puts_the_end_off(scene: Scene, post: Post) -> None:
    from tests.services.ends import add_window

    person = scene.enrol(HER)
    (row,) = scene.contacts(person, STUDY_OVER)
    closes = add_window(scene, person, row.due_at + timedelta(days=3))
    to_the_end(scene, post, person)
    (put_off,) = scene.contacts(person, STUDY_OVER)
    assert SUBJECT not in subjects(post) and put_off.due_at == closes
    assert not end_of(scene, person).over
    scene.move_to(closes)
    post.deliver(scene)
    assert SUBJECT in subjects(post)


@pytest.mark.parametrize(("folder", "offered"), [(FOLDER, False), (OTHERS, True)])
def test_the_other_arms_exercises_are_there_after_the_end_and_only_then(
    store: Store, post: Post, folder: ProtocolFolder, offered: bool
) -> None:
    scene = Scene(store, folder=folder)
    person = scene.enrol(HER)
    with scene.work(write=False) as work:
        arm = allocations.arm_of(work, person)
    assert end_of(scene, person).others == ()
    to_the_end(scene, post, person)
    others = [one.id for one in end_of(scene, person).others]
    assert others == ([{"letter": "list", "list": "letter"}[str(arm)]] if offered else [])
    with pytest.raises(NotFound):
        ending.other(end_of(scene, person), str(arm))
