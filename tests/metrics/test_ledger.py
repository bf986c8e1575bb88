"""What is read from the ledger at a scrape: counted a second time from the rows, and found without looking at all."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from tests.mail.hostile import hostile_server
from tests.services.post import Post
from tests.services.scene import OPERATOR, Scene
from tests.storage.stores import ON_SQLITE
from trial.core.access import SYSTEM
from trial.core.delivery import WAITING, ContactState
from trial.core.troubles import IN_A_ROW
from trial.services import health, trials
from trial.services.delivery_status import open_now
from trial.storage import claims
from trial.storage.work import Store

S = ContactState


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def test_each_number_is_that_of_the_rows(scene: Scene, post: Post) -> None:
    for _ in range(4):
        scene.enrol()
    post.deliver(scene)
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    scene.move(days=1, hours=11)
    with scene.work(SYSTEM) as work:
        taken = claims.claim(work, owner="worker", limit=2)
        one, other = (row.id for row in taken)
        work.rows.execute(text("update delivery set state = 'unknown' where id = :id"), {"id": one})
        work.rows.execute(text("update delivery set state = 'held' where id = :id"), {"id": other})
        assert len(claims.claim(work, owner="worker", limit=1)) == 1
    health.note_round(scene.store.open_work)
    found, rows, now = open_now(scene.store.open_work), scene.contacts(), scene.now
    due = [one.due_at for one in rows if one.state in WAITING and one.due_at <= now]
    coming = [one for one in rows if one.state in WAITING and now < one.due_at <= now + timedelta(hours=1)]
    states = Counter(one.state for one in rows)
    assert (found.due, found.oldest) == (len(due), (now - min(due)).total_seconds())
    assert (found.in_hand, found.in_doubt, found.held) == (states[S.CLAIMED], states[S.UNKNOWN], states[S.HELD])
    assert found.next_hour == len(coming)
    assert (found.refused, found.paused) == (0, 0)
    assert min(found.due, found.in_hand, found.in_doubt, found.held) > 0
    with scene.work(SYSTEM, write=False) as work:
        assert abs(work.machine_now.timestamp() - found.looked) < 60


@ON_SQLITE
def test_an_account_that_is_refused_is_counted_and_pauses(scene: Scene, post: Post) -> None:
    for _ in range(IN_A_ROW):
        scene.to_code()
    with hostile_server({"RCPT": "550 5.7.26 not authenticated"}) as server:
        post.deliver(scene, post.mailer(server.url))
    found = open_now(scene.store.open_work)
    assert (found.refused, found.paused) == (1, 1)


def test_an_empty_installation_says_nothing_is_open(store: Store) -> None:
    found = open_now(store.open_work)
    assert set(vars_of(found).values()) == {0}


def vars_of(found: Any) -> dict[str, float]:
    return {name: getattr(found, name) for name in found.__slots__}


def test_no_statement_looks_through_the_whole_ledger(scene: Scene) -> None:
    """Each goes by an index that holds only what is open; the control is a count that does not say so."""
    scene.enrol()
    with scene.work(SYSTEM, write=False) as work:
        said: list[tuple[str, Any]] = []

        def note(_: Any, __: Any, statement: str, given: Any, *___: Any) -> None:
            if "delivery" in statement:
                said.append((statement, given))

        event.listen(work.rows, "before_cursor_execute", note)
        open_now_in(work)
        event.remove(work.rows, "before_cursor_execute", note)
        assert len(said) == 4
        said.append(("select count(*) from delivery where reason = 'muted'", ()))
        whole = [looks_at_all(work, statement, given) for statement, given in said]
    assert whole == [False] * 4 + [True]


def open_now_in(work: Any) -> None:
    """The same in a unit of work that is open already."""
    from contextlib import nullcontext

    open_now(lambda by, *, write=True: nullcontext(work))  # type: ignore[arg-type]


def looks_at_all(work: Any, statement: str, given: Any) -> bool:
    """Whether the database's plan reads every row; PostgreSQL would on so few, unless it is told what many cost."""
    if work.rows.dialect.name == "sqlite":
        plan = [str(row[-1]) for row in work.rows.exec_driver_sql(f"explain query plan {statement}", given)]
        return any(one.startswith("SCAN delivery") and "USING" not in one for one in plan)
    work.rows.exec_driver_sql("set local enable_seqscan = off")
    plan = [str(row[0]) for row in work.rows.exec_driver_sql(f"explain {statement}", given)]
    return any("Seq Scan on delivery" in one for one in plan)
