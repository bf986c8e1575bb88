"""A worker keeps its connection; what is one statement stands by itself there, and never more than one does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, text

from tests.services.post import Post
from tests.services.scene import Scene
from tests.storage.stores import ON_POSTGRESQL
from trial.core.access import SYSTEM, Actor
from trial.core.delivery import ContactState
from trial.core.errors import Unavailable
from trial.services import service_mails
from trial.services.delivery import run_once
from trial.storage import participants
from trial.storage.work import OpenWork, Store, Work

HER = "robin@mailbox.example"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@contextmanager
def listening(open_work: OpenWork, alone_ones: list[list[str]]) -> Iterator[OpenWork]:
    """The same units of work; the statements of each that is said to be one are written down."""

    @contextmanager
    def opened(by: Actor, *, write: bool = True, alone: bool = False) -> Iterator[Work]:
        with open_work(by, write=write, alone=alone) as work:
            seen: list[str] = []

            def note(_: Connection, __: object, statement: str, *more: object) -> None:
                seen.append(statement)

            event.listen(work.rows, "before_cursor_execute", note)
            yield work
            event.remove(work.rows, "before_cursor_execute", note)
        if alone:
            alone_ones.append(seen)

    yield opened


def sent_by_a_worker(scene: Scene, post: Post, alone_ones: list[list[str]]) -> None:
    with scene.store.kept() as kept, listening(kept, alone_ones) as open_work:
        sender = post.sender()
        while run_once(open_work, sender):
            pass


def test_what_is_said_to_be_one_statement_is_one(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    scene.move_to(scene.occasions(person)[0].opens_at)
    with scene.work() as work:
        service_mails.send(work, participants.by_id(work, person), "new_link")
    alone_ones: list[list[str]] = []
    sent_by_a_worker(scene, post, alone_ones)
    assert (len(post.mails()), len(alone_ones)) == (2, 1), "a mail of our own may write more"
    assert all(len(one) == 1 and one[0].lower().startswith("update delivery") for one in alone_ones)
    assert [one.state for one in scene.contacts()].count(ContactState.ACCEPTED) == 2


@ON_POSTGRESQL
def test_only_what_stands_alone_has_no_transaction_around_it(store: Store) -> None:
    def in_transaction(work: Work) -> bool:
        work.rows.execute(text("select pg_current_xact_id()"))
        return bool(work.rows.execute(text("select pg_current_xact_id_if_assigned() is not null")).scalar_one())

    with store.kept() as open_work:
        for _ in range(2):
            with open_work(SYSTEM, alone=True) as work:
                assert not in_transaction(work)
            with open_work(SYSTEM) as work:
                assert in_transaction(work)
    with store.open_work(SYSTEM) as work, store.open_work(SYSTEM) as other:  # whoever gets those connections next
        assert in_transaction(work) and in_transaction(other)


@ON_POSTGRESQL
def test_a_server_that_went_away_in_between_is_connected_to_anew(store: Store) -> None:
    with store.kept() as open_work:
        with open_work(SYSTEM, alone=True) as work:
            number = work.rows.execute(text("select pg_backend_pid()")).scalar_one()
        with store.open_work(SYSTEM) as work:
            work.rows.execute(text("select pg_terminate_backend(:number)"), {"number": number})
        with pytest.raises(Unavailable), open_work(SYSTEM, alone=True) as work:
            work.rows.execute(text("select 1"))
        with open_work(SYSTEM, alone=True) as work:
            assert work.rows.execute(text("select 1")).scalar_one() == 1
