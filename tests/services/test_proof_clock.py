"""What is kept after the end goes by itself: the proof of a consent in its time, an address once its owner was told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.protocols import FOLDER
from tests.services.ends import add_window
from tests.services.post import Post
from tests.services.scene import Scene
from tests.storage.stores import content
from trial.core.errors import NotFound
from trial.protocol_files import ProtocolFolder, read_files
from trial.services import ending, withdrawal
from trial.storage import vault, wishes
from trial.storage.work import Store
from workers.timetable import tick

HER, SIGNATURE = "her@mailbox.example", "R. Example"
KEPT = timedelta(days=90)


def with_a_clock() -> ProtocolFolder:
    """The small trial with a notice: the proof of consent is kept for 90 days after the last follow-up."""
    files = dict(FOLDER.files)
    files["protocol.yaml"] += """
data_protection:
  controller: The team
  contact: team@trial.example.org
  lawful_basis: {en: A ground.}
  special_category_condition: {en: A condition.}
  transfers: {en: None.}
  rights: {en: Some.}
  limits: {en: Some.}
  retention: {identity: 30 days, consent_proof: 90 days, answers: 90 days, writing: 30 days, logs: 30 days}
"""
    return read_files(files)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store, folder=with_a_clock())


def pass_to(scene: Scene, post: Post, *, days: float) -> None:
    post.deliver(scene)
    scene.move(days=days)
    tick(scene.store.open_work, post.sender())


def kinds(scene: Scene) -> set[str]:
    return {row["kind"] for row in content(scene.store)["words"]}


def end_of(scene: Scene, person: int) -> float:
    """Days from now until a person's last window has closed."""
    with scene.work(write=False) as work:
        return (ending.last_follow_up(work, scene.person(person)) - work.now) / timedelta(days=1)


def test_the_typed_name_goes_when_its_time_is_over_and_what_was_agreed_to_stays(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    agreed = content(scene.store)["consent"]
    pass_to(scene, post, days=end_of(scene, person) + 89)
    assert vault.SIGNATURE in kinds(scene)
    pass_to(scene, post, days=2)
    assert vault.SIGNATURE not in kinds(scene)
    assert content(scene.store)["consent"] == agreed
    assert scene.events(person).count("consent_proof_forgotten") == 1
    pass_to(scene, post, days=200)
    assert scene.events(person).count("consent_proof_forgotten") == 1


def test_it_goes_for_somebody_who_was_erased_too(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    with scene.work() as work:
        withdrawal.ask(work, person, "erase")
    pass_to(scene, post, days=8)
    assert kinds(scene) == {vault.PROOF}
    pass_to(scene, post, days=end_of(scene, person) + 91)
    assert kinds(scene) == set()
    assert scene.events(person)[-1] == "consent_proof_forgotten"


def test_it_waits_for_a_window_that_was_added_later(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    closes = add_window(scene, person, scene.now + timedelta(days=80))
    pass_to(scene, post, days=100)
    assert vault.SIGNATURE in kinds(scene)
    scene.move_to(closes + KEPT - timedelta(hours=2))
    tick(scene.store.open_work, post.sender())
    assert vault.SIGNATURE in kinds(scene)
    pass_to(scene, post, days=1)
    assert vault.SIGNATURE not in kinds(scene)


def test_nothing_is_looked_at_before_it_could_be_due(scene: Scene, post: Post) -> None:
    scene.enrol(HER)
    scene.move(days=89)
    with scene.work(write=False) as work:
        assert wishes.due(work) == []
    assert withdrawal.carry_out_due(scene.store.open_work) == 0


def test_without_a_time_in_the_protocol_the_proof_stays(store: Store, post: Post) -> None:
    scene = Scene(store)
    scene.enrol(HER)
    pass_to(scene, post, days=4000)
    assert vault.SIGNATURE in kinds(scene)


def test_whoever_is_erased_when_their_part_is_over_is_told_the_end_first(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    with scene.work() as work:
        withdrawal.ask(work, person, "erase", soon=False)
    add_window(scene, person, scene.now + timedelta(days=75))  # longer than the address would have been kept
    for _ in range(18):
        pass_to(scene, post, days=5)
    assert "The study is over for you: thank you" in post.subjects(HER)
    told = scene.events(person)
    assert told.index("debriefed") < told.index("erased")
    with scene.work(write=False) as work, pytest.raises(NotFound):
        vault.address_of(work, person)
