"""What the mail server said is written with the next mail's last look: one commit less, and nothing less sure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Connection, event, update

from tests.services.post import Meanwhile, Post
from tests.services.scene import Scene
from tests.storage.stores import run
from trial.core.access import Actor
from trial.core.delivery import ContactState
from trial.core.errors import Unavailable
from trial.mail.compose import Mail, compose
from trial.services import service_mails
from trial.services.delivery import run_once
from trial.storage import participants
from trial.storage.tables_delivery import delivery
from trial.storage.work import Store, Work

S = ContactState
PEOPLE = 4


class Broken(Exception):
    """What nobody thought of."""


@pytest.fixture
def scene(store: Store, post: Post) -> Scene:
    """Some people, each with a mail that is due."""
    scene = Scene(store)
    people = [scene.enrol(f"person{number}@mailbox.example") for number in range(PEOPLE)]
    post.deliver(scene)  # their welcome
    post.before += len(post.mails())
    scene.move_to(scene.occasions(people[-1])[0].opens_at)
    return scene


def states(scene: Scene) -> list[ContactState]:
    """Of the mails that are due, in the order in which they are sent."""
    now = scene.now
    return [one.state for one in scene.contacts() if one.due_at <= now and one.stream != "service"]


def begun(scene: Scene) -> int:
    return states(scene).count(S.DATA_STARTED)


def test_each_mail_costs_one_commit(scene: Scene, post: Post) -> None:
    commits: list[Connection] = []

    def note(connection: Connection) -> None:
        commits.append(connection)

    event.listen(scene.store.engine, "commit", note)
    with scene.store.kept() as open_work:
        assert run_once(open_work, post.sender()) == PEOPLE
    event.remove(scene.store.engine, "commit", note)
    assert len(commits) == 1 + PEOPLE + 1, "the claim, a last look each, and the last one's answer"
    assert states(scene) == [S.ACCEPTED] * PEOPLE and len(post.mails()) == PEOPLE


def test_one_mail_at_most_is_in_doubt(scene: Scene, post: Post) -> None:
    seen: list[int] = []

    def look() -> None:
        seen.append(begun(scene))

    run_once(scene.store.open_work, post.sender(Meanwhile(post.mailer(), before_data=look, after=look)))
    assert seen == [0, *[1] * (2 * PEOPLE - 1)]
    assert begun(scene) == 0


def test_an_answer_is_written_whatever_ends_the_batch(scene: Scene, post: Post) -> None:
    turns: list[list[ContactState]] = []

    def breaks() -> None:
        turns.append(states(scene))
        if len(turns) == 3:
            raise Broken

    with pytest.raises(Broken):
        run_once(scene.store.open_work, post.sender(Meanwhile(post.mailer(), before_data=breaks)))
    assert turns[-1] == [S.ACCEPTED, S.DATA_STARTED, S.CLAIMED, S.CLAIMED], "so it was not written before"
    assert states(scene) == [S.ACCEPTED, S.ACCEPTED, S.CLAIMED, S.CLAIMED]
    assert len(post.mails()) == 2


def test_an_answer_is_written_where_the_next_look_was_taken_back(scene: Scene, post: Post) -> None:
    away: list[int] = []

    @contextmanager
    def open_work(by: Actor, *, write: bool = True) -> Iterator[Work]:
        with scene.store.open_work(by, write=write) as work:
            yield work
            if away and away.pop() == 2:  # at the very end of the second last look
                raise Unavailable("The database", "EQUIPOISE_DATABASE_URL", "it went away")

    looks = iter(range(1, 100))
    mailer = Meanwhile(post.mailer(), before_data=lambda: away.append(next(looks)))
    sender = replace(post.sender(mailer), wait=lambda _: None)
    with pytest.raises(Unavailable):
        run_once(open_work, sender)
    assert states(scene) == [S.ACCEPTED, *[S.CLAIMED] * (PEOPLE - 1)]
    assert len(post.mails()) == 1, "the second has not begun"
    while run_once(scene.store.open_work, sender):
        pass
    assert states(scene) == [S.ACCEPTED] * PEOPLE and len(post.mails()) == PEOPLE


def test_a_mail_that_the_last_look_finds_unwanted_has_not_begun(scene: Scene, post: Post) -> None:
    looks: list[int] = []

    def stops() -> None:
        looks.append(1)
        if len(looks) == 2:
            second = "(select participant_id from delivery where state = 'claimed' order by due_at, id limit 1)"
            run(scene.store, f"update participant set stopped = 'everything' where id = {second}")

    with scene.store.kept() as open_work:
        assert run_once(open_work, post.sender(Meanwhile(post.mailer(), before_data=stops))) == PEOPLE
    assert states(scene) == [S.ACCEPTED, S.SUPPRESSED, S.ACCEPTED, S.ACCEPTED]
    assert len(post.mails()) == PEOPLE - 1


def test_a_mail_that_broke_while_it_was_drawn_is_not_in_doubt(scene: Scene, post: Post) -> None:
    drawn: list[int] = []

    def breaks(mail: Mail) -> bytes:
        drawn.append(1)
        if len(drawn) == 2:
            raise Broken
        return compose(mail)

    sender = replace(post.sender(), compose=breaks)
    with pytest.raises(Broken), scene.store.kept() as open_work:
        run_once(open_work, sender)
    assert states(scene) == [S.ACCEPTED, *[S.CLAIMED] * (PEOPLE - 1)]
    while run_once(scene.store.open_work, sender):
        pass
    assert states(scene) == [S.ACCEPTED] * PEOPLE and len(post.mails()) == PEOPLE


def test_a_refused_mail_leaves_no_answer_unwritten(scene: Scene, post: Post) -> None:
    post.refuse("person1@mailbox.example 550 5.1.1 nobody of that name")
    assert run_once(scene.store.open_work, post.sender()) == PEOPLE
    assert sorted(states(scene)) == sorted([S.ACCEPTED] * (PEOPLE - 1) + [S.BOUNCED])


@pytest.mark.parametrize(("state", "ends_as"), [("data_started", S.DATA_STARTED), ("claimed", S.CLAIMED)])
def test_of_two_that_are_written_together_each_keeps_its_fence(
    scene: Scene, post: Post, state: str, ends_as: ContactState
) -> None:
    """Another worker has taken over one of the two at the moment of the second look."""
    looks: list[int] = []

    def taken_over() -> None:
        looks.append(1)
        if len(looks) == 2:
            first = f"(select id from delivery where state = '{state}' order by due_at, id limit 1)"
            run(scene.store, f"update delivery set attempt = attempt + 1, owner = 'another' where id = {first}")

    run_once(scene.store.open_work, post.sender(Meanwhile(post.mailer(), before_data=taken_over)))
    expected = [S.ACCEPTED] * PEOPLE
    expected[0 if state == "data_started" else 1] = ends_as
    assert states(scene) == expected
    assert len(post.mails()) == PEOPLE - (state == "claimed"), "what another has is not sent here"


def test_a_service_mail_never_waits_to_be_written(scene: Scene, post: Post) -> None:
    mine = [one.participant_id for one in scene.contacts() if one.state is S.PLANNED and one.due_at <= scene.now]
    with scene.work() as work:
        for person in mine:
            service_mails.send(work, participants.by_id(work, person), "new_link")
    seen = seen_by(scene, post)
    assert len(post.mails()) == 2 * PEOPLE
    assert seen == [0] * (PEOPLE + 1) + [1] * (PEOPLE - 1), "they come first, and each is written at once"


def test_two_mails_of_one_person_never_share_a_transaction(store: Store, post: Post) -> None:
    scene = Scene(store)
    person = scene.enrol("robin@mailbox.example")
    post.deliver(scene)
    post.before += len(post.mails())
    scene.move_to(scene.occasions(person)[0].opens_at)
    second = next(one for one in scene.contacts(person) if one.due_at > scene.now and not one.reminder)
    with scene.work() as work:
        work.rows.execute(update(delivery).where(delivery.c.id == second.id).values(due_at=work.now))
    assert seen_by(scene, post) == [0, 0]
    assert len(post.mails()) == 2


def seen_by(scene: Scene, post: Post) -> list[int]:
    """How many mails have begun and have no answer written, just before each last look."""
    seen: list[int] = []
    run_once(
        scene.store.open_work, post.sender(Meanwhile(post.mailer(), before_data=lambda: seen.append(begun(scene))))
    )
    return seen
