"""Telling people what came out: everyone who took part and may be written to, once, when it is written."""

from __future__ import annotations

import pytest

from tests.core.protocols import FOLDER
from tests.services.post import Post
from tests.services.scene import OPERATOR, Scene
from tests.services.test_reviews import held_person, refuse
from trial.core.access import Actor, Role
from trial.core.errors import NotAllowed, Refused
from trial.core.participant import StopLevel
from trial.protocol_files import ProtocolFolder, read_files
from trial.services import ending, results, trials
from trial.services.results import Telling
from trial.storage import events, participants
from trial.storage.work import Store

HER = "her@mailbox.example"
SUBJECT = "What came out of the study"


def told(text: str = "# What came out\n\nBoth evenings did some good.\n") -> ProtocolFolder:
    """The small trial with a text that tells the results."""
    files = dict(FOLDER.files)
    files["protocol.yaml"] += "results: messages/results\n"
    return read_files({**files, "messages/results.en.md": text})


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store, folder=told())


def at_the_end(scene: Scene) -> None:
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    scene.move(days=60)


def tell(scene: Scene) -> Telling:
    with scene.work(OPERATOR) as work:
        return results.tell(work, scene.slug)


def preview(scene: Scene) -> Telling:
    with scene.work(OPERATOR, write=False) as work:
        return results.preview(work, scene.slug)


def test_everyone_who_took_part_is_told_once_and_finds_it_on_a_page(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    scene.to_consent()
    at_the_end(scene)
    assert preview(scene).to_tell == 1
    with scene.work(write=False) as work:
        assert not ending.look(work, person).results_out
    assert tell(scene) == Telling(1, 0, 0, 0, 0, 0)
    assert tell(scene) == Telling(0, 1, 0, 0, 0, 0)
    post.deliver(scene)
    assert [one.subject for one in post.mails(HER)].count(SUBJECT) == 1
    assert "Both evenings" not in post.mails(HER)[-1].text
    with scene.work(write=False) as work:
        assert ending.look(work, person).results_out
        kinds = [one.event.value for one in events.of_trial(work, scene.id)]
    assert kinds.count("results_told") == 1


def test_a_preview_sends_nothing(scene: Scene, post: Post) -> None:
    scene.enrol(HER)
    at_the_end(scene)
    post.deliver(scene)
    before = len(post.mails(HER))
    preview(scene)
    post.deliver(scene)
    assert len(post.mails(HER)) == before


def test_who_stopped_everything_or_cannot_be_reached_is_not_told(scene: Scene, post: Post) -> None:
    gone, away = scene.enrol(), scene.enrol("away@mailbox.example")
    scene.stop(gone, StopLevel.EVERYTHING)
    with scene.work() as work:
        participants.mark_bounced(work, away)
    at_the_end(scene)
    assert tell(scene) == Telling(0, 0, 1, 1, 0, 0)


def test_who_was_refused_at_review_is_not_on_the_list(scene: Scene) -> None:
    refuse(scene, held_person(scene))
    scene.enrol()
    at_the_end(scene)
    assert tell(scene) == Telling(1, 0, 0, 0, 0, 0)


def test_who_stopped_only_the_exercises_is_told(scene: Scene) -> None:
    scene.stop(scene.enrol(), StopLevel.EXERCISES)
    at_the_end(scene)
    assert tell(scene).to_tell == 1


def test_nobody_hears_of_it_who_still_takes_part(scene: Scene) -> None:
    scene.enrol()
    scene.move(days=10)
    scene.enrol()
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    scene.move(days=12)
    assert tell(scene) == Telling(1, 0, 0, 0, 0, 1)
    scene.move(days=30)
    assert tell(scene) == Telling(1, 1, 0, 0, 0, 0)


def test_nothing_is_told_while_the_trial_takes_people_in(scene: Scene) -> None:
    scene.enrol()
    scene.move(days=60)
    with pytest.raises(Refused, match="close recruitment first"):
        tell(scene)


def test_a_text_with_notes_to_the_team_is_not_sent(store: Store) -> None:
    scene = Scene(store, folder=told("# What came out\n\n*[The team writes here.]*\n"))
    at_the_end(scene)
    with pytest.raises(Refused, match="notes to the team"):
        tell(scene)


def test_a_protocol_without_such_a_text_has_nothing_to_tell(store: Store) -> None:
    scene = Scene(store)
    at_the_end(scene)
    with pytest.raises(Refused, match="no text that tells the results"):
        tell(scene)


def test_only_who_may_tell_the_results_does(scene: Scene) -> None:
    at_the_end(scene)
    with scene.work(Actor("member:3", Role.COORDINATOR)) as work, pytest.raises(NotAllowed):
        results.tell(work, scene.slug)
