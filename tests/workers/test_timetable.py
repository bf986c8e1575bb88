"""A tick: sends all that is due, however much it is, and where nothing is due touches nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from tests.servers.process import free_port
from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import Scene
from tests.storage.stores import ON_SQLITE, content
from trial.core.access import SYSTEM, Role
from trial.core.delivery import ContactState
from trial.core.signing_in import Purpose
from trial.services.delivery import BATCH
from trial.storage import members, sessions
from trial.storage.tables_desk import member_session
from trial.storage.work import Store
from workers.timetable import tick

S = ContactState


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Everything that is said to the database meanwhile."""
    said: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.append(" ".join(statement.split()).lower())

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def test_one_tick_sends_all_that_is_due_batch_by_batch(scene: Scene, post: Post) -> None:
    people = 2 * BATCH + 3
    for _ in range(people):
        scene.to_code()
    assert tick(scene.store.open_work, post.sender()) == people
    assert len(post.mails()) == people
    assert {one.state for one in scene.contacts()} == {S.ACCEPTED}
    assert tick(scene.store.open_work, post.sender()) == 0


@pytest.mark.parametrize("due_later", [False, True])
def test_a_tick_with_nothing_due_only_looks(scene: Scene, post: Post, due_later: bool) -> None:
    person = scene.enrol()
    tick(scene.store.open_work, post.sender())
    if due_later:
        scene.move_to(scene.occasions(person)[0].opens_at - timedelta(seconds=1))
    before = content(scene.store)
    with statements(scene.store) as said:
        assert tick(scene.store.open_work, post.sender()) == 0
    assert said
    assert all(one == "begin" or one.startswith("select") for one in said), said
    assert not any("for update" in one or "immediate" in one for one in said)
    assert content(scene.store) == before


def test_a_tick_clears_what_is_left_of_signing_in(scene: Scene, post: Post) -> None:
    with scene.work() as work:
        member = members.add(work, scene.id, "A. Tester", Role.OWNER)
        sessions.begin(work, member, "token", Purpose.DESK)
        work.rows.execute(update(member_session).values(seen_at=work.machine_now - timedelta(days=8)))
    tick(scene.store.open_work, post.sender())
    assert content(scene.store)["member_session"] == []


def test_the_same_look_sees_a_tick_that_does_write(scene: Scene, post: Post) -> None:
    scene.to_code()
    with statements(scene.store) as said:
        tick(scene.store.open_work, post.sender())
    assert any(one.startswith("update delivery") for one in said)


@ON_SQLITE
def test_a_tick_with_nothing_due_does_not_wait_for_somebody_who_writes(scene: Scene, post: Post) -> None:
    done = threading.Event()

    def look() -> None:
        assert tick(scene.store.open_work, post.sender()) == 0
        done.set()

    with scene.store.open_work(SYSTEM):
        thread = threading.Thread(target=look)
        thread.start()
        assert done.wait(10)
    thread.join()


def test_ticks_at_the_same_moment_send_nothing_twice(scene: Scene, post: Post) -> None:
    """Two beats, or a beat and a bell: the second tick finds what the first has left."""
    for _ in range(30):
        scene.to_code()
    senders = [post.sender() for _ in range(4)]
    handled = at_once(lambda number: tick(scene.store.open_work, senders[number]), range(4))
    assert sum(handled) == 30
    assert len(post.mails()) == 30
    assert len({one.headers["message-id"] for one in post.mails()}) == 30


def test_a_tick_ends_though_the_mail_server_is_away(scene: Scene, post: Post) -> None:
    for _ in range(3):
        scene.to_code()
    away = post.sender(post.mailer(f"smtp://127.0.0.1:{free_port()}"))
    assert tick(scene.store.open_work, away) == 3
    assert tick(scene.store.open_work, away) == 0
    assert {one.state for one in scene.contacts()} == {S.RETRY}
