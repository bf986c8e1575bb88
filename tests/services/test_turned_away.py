"""Who is not taken in is told why in kind words, and is told what the study was about; who waits is not told yet."""

from __future__ import annotations

import pytest

from tests.services.post import Post
from tests.services.scene import MOODS, OPERATOR, Scene
from tests.services.test_reviews import PERSON, arrive, finish, held_person, refuse, release
from trial.core.participant import ParticipantState, StopLevel
from trial.services import consent, ending, trials
from trial.storage.work import Store

HER = "her@mailbox.example"
S = ParticipantState


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def waiting(scene: Scene) -> int:
    person = arrive(scene, email=HER)
    assert finish(scene, person) == "held"
    return person


def over(scene: Scene, person: int) -> bool:
    with scene.work(write=False) as work:
        return ending.look(work, person).over


def test_whoever_is_refused_gets_one_mail_that_leads_to_what_the_study_was_about(scene: Scene, post: Post) -> None:
    person = waiting(scene)
    post.deliver(scene)
    before = len(post.mails(HER))
    refuse(scene, person)
    post.deliver(scene)
    (mail,) = post.mails(HER)[before:]
    assert "we cannot take you into this study" in mail.text and "?to=end" in mail.text
    assert over(scene, person)
    assert scene.events(person)[-1] == "debriefed"
    scene.move(days=90)
    post.deliver(scene)
    assert len(post.mails(HER)) == before + 1


def test_whoever_is_released_after_the_last_place_was_taken_is_told_that_and_what_it_was_about(
    store: Store, post: Post
) -> None:
    scene = Scene(store, target=1)
    person = waiting(scene)
    assert finish(scene, arrive(scene, PERSON)) == "allocated"
    assert release(scene, person) == 0
    post.deliver(scene)
    mail = post.mails(HER)[-1]
    assert "the study takes no one new now" in mail.text and "?to=end" in mail.text
    assert scene.person(person).state is S.RECRUITMENT_CLOSED and over(scene, person)
    assert scene.events(person)[-1] == "debriefed"


def test_whoever_waits_is_not_told_what_it_is_about_however_long_while_they_may_still_come_in(scene: Scene) -> None:
    person = held_person(scene)
    scene.move(days=60)
    assert not over(scene, person)
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    assert not over(scene, person)
    with scene.work(OPERATOR) as work:
        trials.resume(work, scene.slug)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    assert over(scene, person)


def test_whoever_stopped_while_waiting_may_read_it_at_once(scene: Scene) -> None:
    person = held_person(scene)
    scene.stop(person, StopLevel.EVERYTHING)
    assert over(scene, person)


def to_the_last_mail(scene: Scene, post: Post, person: int) -> None:
    (row,) = scene.contacts(person, ending.STUDY_OVER)
    scene.move_to(row.due_at)
    post.deliver(scene)


def test_whoever_never_finished_the_baseline_is_told_by_mail_when_its_window_has_closed(
    scene: Scene, post: Post
) -> None:
    person, _ = scene.to_baseline(HER)
    post.deliver(scene)
    before = len(post.mails(HER))
    assert not over(scene, person)
    to_the_last_mail(scene, post, person)
    assert over(scene, person)
    (mail,) = post.mails(HER)[before:]
    assert "?to=end" in mail.text
    assert scene.events(person)[-1] == "debriefed"
    assert f"{scene.now:%H:%M}" == "09:00"  # ten in Berlin, in winter


def test_whoever_stopped_everything_or_declined_before_the_baseline_gets_no_such_mail(scene: Scene, post: Post) -> None:
    person, _ = scene.to_baseline(HER)
    other = scene.to_consent("other@mailbox.example")
    scene.stop(person, StopLevel.EVERYTHING)
    with scene.work() as work:
        consent.decline(work, other)
    post.deliver(scene)
    before = len(post.mails())
    to_the_last_mail(scene, post, person)
    assert len(post.mails()) == before
    assert over(scene, person)
    assert scene.contacts(other, ending.STUDY_OVER) == []


def test_whoever_is_allocated_has_one_last_mail_and_it_comes_after_the_last_window(scene: Scene) -> None:
    person, baseline = scene.to_baseline(HER)
    (before,) = scene.contacts(person, ending.STUDY_OVER)
    assert scene.submit(person, baseline, MOODS[0]).allocated
    (after,) = scene.contacts(person, ending.STUDY_OVER)
    assert after.id == before.id
    assert after.due_at > max(one.closes_at for one in scene.occasions(person))
    assert after.due_at > before.due_at > scene.now


def test_whoever_waits_for_a_decision_is_told_nothing_until_the_trial_closes(scene: Scene, post: Post) -> None:
    person = waiting(scene)
    to_the_last_mail(scene, post, person)
    scene.move(days=3)
    post.deliver(scene)
    assert "debriefed" not in scene.events(person)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    scene.move(days=2)
    post.deliver(scene)
    assert scene.events(person).count("debriefed") == 1
