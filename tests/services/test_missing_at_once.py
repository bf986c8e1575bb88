"""However many workers find out at one moment, a person's mails that fail for one cause are one matter."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import Scene
from tests.storage.stores import ON_POSTGRESQL, content
from trial.core.access import SYSTEM
from trial.core.delivery import Contact
from trial.core.matters import Matter, MatterAct, MatterKind, MatterState
from trial.core.missing import Cause
from trial.services import missing_mails
from trial.storage import matters
from trial.storage.work import Store, Work

K = MatterKind.MISSING_MAIL


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def mails(scene: Scene, post: Post) -> list[Contact]:
    """Several mails of one person."""
    person = scene.enrol()
    post.deliver(scene)
    scene.move_to(scene.occasions(person)[0].opens_at)
    post.deliver(scene)
    found = scene.contacts(person)
    assert len(found) >= 4
    return found[:4]


def note(scene: Scene, contact: Contact, cause: Cause = Cause.FAILED) -> None:
    with scene.work() as work:
        missing_mails.note(work, contact, cause)


def listed(scene: Scene) -> list[Matter]:
    with scene.work(write=False) as work:
        return matters.listed(work, scene.id, K)


def test_several_mails_found_missing_at_one_moment_are_one_matter(scene: Scene, mails: list[Contact]) -> None:
    at_once(lambda one: note(scene, one), mails)
    (matter,) = listed(scene)
    with scene.work(write=False) as work:
        assert sorted(one.id for one in missing_mails.mails_of(work, matter)) == sorted(one.id for one in mails)


def test_one_mail_found_missing_twice_at_one_moment_is_one_matter_with_one_mail(
    scene: Scene, mails: list[Contact]
) -> None:
    at_once(lambda _: note(scene, mails[0]), range(4))
    (matter,) = listed(scene)
    with scene.work(write=False) as work:
        assert [one.id for one in missing_mails.mails_of(work, matter)] == [mails[0].id]
    assert [one["act"] for one in content(scene.store)["matter_act"]] == ["opened"]


def naively(work: Work, contact: Contact, looked: threading.Barrier) -> None:
    """As it was: look through the person's matters, and open one where none stands."""
    standing = [one for one in matters.of_participant(work, contact.participant_id) if one.kind is K]
    looked.wait(20)
    if not standing:
        matters.open_one(work, contact.trial_id, K, contact.id, participant_id=contact.participant_id)


@ON_POSTGRESQL
def test_looking_first_and_opening_later_opens_one_for_each_worker(scene: Scene, mails: list[Contact]) -> None:
    looked = threading.Barrier(2)

    def naive(contact: Contact) -> None:
        with scene.work() as work:
            naively(work, contact, looked)

    at_once(naive, mails[:2])
    assert len(listed(scene)) == 2


def test_no_code_can_open_a_second_one(scene: Scene, mails: list[Contact]) -> None:
    note(scene, mails[0])
    copied = "trial_id, participant_id, kind, about + 900, state, urgent, opened_at, cause"
    columns = copied.replace("about + 900", "about")
    query = text(f"insert into matter ({columns}) select {copied} from matter")
    with pytest.raises(IntegrityError), scene.work() as work:
        work.rows.execute(query)
    with scene.work(SYSTEM) as work:
        matters.change(work, listed(scene)[0].id, state=MatterState.CLOSED.value)
    with scene.work() as work:
        work.rows.execute(query)
    assert len(content(scene.store)["matter"]) == 2


def test_a_mail_in_doubt_that_comes_back_later_says_so_and_asks_again(scene: Scene, mails: list[Contact]) -> None:
    note(scene, mails[0], Cause.UNKNOWN)
    with scene.work() as work:
        matters.change(work, matters.listed(work, scene.id, K)[0].id, state=MatterState.CLOSED.value)
    assert listed(scene) == []
    note(scene, mails[0], Cause.BOUNCED)
    (matter,) = listed(scene)
    assert missing_mails.cause_of(matter) is Cause.BOUNCED and matter.state is MatterState.OPEN
    note(scene, mails[1], Cause.BOUNCED)
    with scene.work(write=False) as work:
        acts = [one.act for one in matters.history(work, matter.id)]
        assert [one.id for one in missing_mails.mails_of(work, matter)] == [mails[0].id, mails[1].id]
    assert acts == [MatterAct.OPENED, MatterAct.REOPENED, MatterAct.NOTED]


def test_a_closed_one_is_not_opened_again_beside_another_of_the_same_cause(scene: Scene, mails: list[Contact]) -> None:
    note(scene, mails[0])
    first = listed(scene)[0]
    with scene.work() as work:
        matters.change(work, first.id, state=MatterState.CLOSED.value)
    note(scene, mails[1])
    with scene.work() as work:
        assert not matters.change_if_alone(work, first.id, state=MatterState.OPEN.value)
    assert [one.about for one in listed(scene)] == [mails[1].id]
