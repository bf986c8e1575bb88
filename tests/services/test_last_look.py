"""The last look at a mail waits for whoever changes its person just then, and sees what they made of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from tests.services.scene import OPERATOR, Scene
from tests.services.test_amending import VERSION, amended
from tests.storage.stores import ON_POSTGRESQL
from trial.core.delivery import Contact
from trial.core.errors import Unavailable
from trial.core.participant import StopLevel
from trial.services import amending
from trial.storage import beginning, claims, situations
from trial.storage.work import Store, Work

pytestmark = ON_POSTGRESQL
HER = "her@mailbox.example"
REWORDED = amended(VERSION, ("messages/evening_reminder.en.md", "Your writing", "Your few lines"))
# as one would join it first: PostgreSQL looks at the changed row anew, and beside it at the version of before
NAIVE = text(
    "select participant.protocol_id from delivery join participant on participant.id = delivery.participant_id "
    "join protocol_version on protocol_version.id = participant.protocol_id where delivery.id = :row "
    "for share of participant"
)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def claimed(scene: Scene) -> Contact:
    """A mail of hers, in a worker's hands."""
    scene.enrol(HER)
    with scene.work() as work:
        (mine, *_) = claims.claim(work, owner="worker", limit=1)
    return mine


def while_words_are_amended(scene: Scene, look: Callable[[Work, Contact], Any]) -> Any:
    """What a last look finds that began while an amendment had changed everybody and was not yet committed."""
    mine = claimed(scene)

    def in_a_worker() -> Any:
        with scene.work() as work:
            return look(work, mine)

    with ThreadPoolExecutor(1) as pool:
        with scene.work(OPERATOR) as work:
            amending.apply(work, scene.trial.slug, REWORDED)
            looking = pool.submit(in_a_worker)
            waits(scene)
        return looking.result(30)


def waits(scene: Scene) -> None:
    """Until somebody waits for a lock."""
    waiting = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
    for _ in range(3000):
        with scene.store.engine.connect() as rows:
            if rows.execute(waiting).scalar_one():
                return
        time.sleep(0.01)
    raise AssertionError("the look did not wait for the amendment")


def test_it_sees_the_version_that_an_amendment_gave_in_the_meantime(scene: Scene) -> None:
    found = while_words_are_amended(scene, lambda work, mine: situations.of_one_held(work, mine.id))
    with scene.work(write=False) as work:
        newest = work.rows.execute(text("select max(id) from protocol_version")).scalar_one()
    assert found.person.protocol_id == newest


def test_so_does_the_look_that_begins_the_mail_in_the_same_statement(scene: Scene) -> None:
    around, accepted, begun = while_words_are_amended(
        scene, lambda work, mine: beginning.look_and_begin(work, None, mine)
    )
    with scene.work(write=False) as work:
        newest = work.rows.execute(text("select max(id) from protocol_version")).scalar_one()
    assert (around.person.protocol_id, accepted, begun) == (newest, False, True)


# the same the other way round: first the mail, then its person
MAIL_FIRST = text(
    "with moved as (update delivery set state = 'data_started' where id = :row returning participant_id) "
    "select id from participant where id = (select participant_id from moved) for share"
)


@pytest.mark.parametrize("naive", [False, True])
def test_it_waits_for_the_person_before_it_touches_the_mail(scene: Scene, naive: bool) -> None:
    """Whoever stops changes the person first and then the mails: in the other order both would wait for each other."""
    mine = claimed(scene)

    def look() -> Any:
        with scene.work() as work:
            if naive:
                return work.rows.execute(MAIL_FIRST, {"row": mine.id}).all()
            return beginning.look_and_begin(work, None, mine)

    def stop() -> Any:
        with scene.work(OPERATOR) as work:
            work.rows.execute(text(f"update participant set stopped = 'everything' where id = {mine.participant_id}"))
            looking = pool.submit(look)
            waits(scene)
            work.rows.execute(text(f"update delivery set state = 'suppressed', owner = null where id = {mine.id}"))
        return looking.result(30)

    with ThreadPoolExecutor(1) as pool:
        if naive:
            with pytest.raises(Unavailable, match="deadlock"):
                stop()
        else:
            around, accepted, begun = stop()
            assert (around.person.stopped, accepted, begun) == (StopLevel.EVERYTHING, False, False)


def test_a_query_that_joins_the_version_finds_no_mail_at_all(scene: Scene) -> None:
    """The control."""
    assert while_words_are_amended(scene, lambda work, mine: work.rows.execute(NAIVE, {"row": mine.id}).first()) is None
