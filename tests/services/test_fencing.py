"""Several workers, slow workers, workers back from the dead: nobody gets a mail twice, no record is overwritten."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from tests.services.at_once import at_once
from tests.services.post import Meanwhile, Post
from tests.services.scene import Scene
from tests.storage.stores import ON_POSTGRESQL, content, dialect, run
from trial.core.access import SYSTEM, Actor
from trial.core.delivery import GIVEN_BACK, Contact, ContactState
from trial.core.errors import Refused, Unavailable
from trial.services import delivery as sending
from trial.services.delivery import run_once
from trial.storage import claims, deliveries
from trial.storage.deliveries import LEASE
from trial.storage.tables_delivery import delivery
from trial.storage.work import Store, Work

S = ContactState
HER = "her@mailbox.example"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def claim(scene: Scene, owner: str, limit: int = 20) -> list[Contact]:
    with scene.work() as work:
        claims.release_lapsed(work, "nobody")
        return claims.claim(work, owner=owner, limit=limit)


def leases_lapse(scene: Scene) -> None:
    """As if the machine's clock had gone on past every lease."""
    passed = {"sqlite": "datetime(lease_until, '-1 day')", "postgresql": "lease_until - interval '1 day'"}
    in_hand = "state in ('claimed', 'data_started')"
    run(scene.store, f"update delivery set lease_until = {passed[dialect(scene.store)]} where {in_hand}")


def move(scene: Scene, contact: Contact, state: ContactState, before: ContactState, **values: Any) -> bool:
    with scene.work() as work:
        return deliveries.move(work, contact, state, before=before, **values)


def only(scene: Scene) -> Contact:
    (found,) = scene.contacts()
    return found


# --- one row, two workers --------------------------------------------------------------------------------------


def test_a_claimed_row_is_nobody_elses_while_its_lease_runs(scene: Scene) -> None:
    scene.to_code(HER)
    assert len(claim(scene, "one")) == 1
    assert claim(scene, "other") == []
    leases_lapse(scene)
    (taken,) = claim(scene, "other")
    assert (taken.owner, taken.attempt) == ("other", 2)


def test_moving_the_pretend_clock_ends_no_lease(scene: Scene) -> None:
    scene.to_code(HER)
    assert len(claim(scene, "one")) == 1
    scene.move(hours=20)
    assert claim(scene, "other") == []


def test_a_worker_past_its_lease_cannot_overwrite_what_the_next_one_did(scene: Scene, post: Post) -> None:
    scene.to_code(HER)
    (mine,) = claim(scene, "the slow one")
    leases_lapse(scene)
    post.deliver(scene)
    done = content(scene.store)["delivery"]
    for state in (S.RETRY, S.FAILED, S.BOUNCED, S.SUPPRESSED, S.HELD, S.DATA_STARTED):
        assert move(scene, mine, state, S.CLAIMED) is False
    assert content(scene.store)["delivery"] == done
    assert only(scene).state is S.ACCEPTED


def test_nor_while_the_next_one_is_still_at_it(scene: Scene) -> None:
    """Same row, same state: attempt and owner tell the two apart."""
    scene.to_code(HER)
    (mine,) = claim(scene, "worker")
    leases_lapse(scene)
    (theirs,) = claim(scene, "worker")  # a worker that was started again has the same name
    assert move(scene, mine, S.DATA_STARTED, S.CLAIMED) is False
    assert move(scene, theirs, S.DATA_STARTED, S.CLAIMED) is True
    assert move(scene, mine, S.ACCEPTED, S.DATA_STARTED) is False
    assert only(scene).state is S.DATA_STARTED


def test_control_without_the_fence_the_slow_worker_does_overwrite(scene: Scene, post: Post) -> None:
    scene.to_code(HER)
    (mine,) = claim(scene, "the slow one")
    leases_lapse(scene)
    post.deliver(scene)
    with scene.work() as work:
        work.rows.execute(update(delivery).where(delivery.c.id == mine.id).values(state=S.RETRY.value))
    assert only(scene).state is S.RETRY


def test_a_move_that_no_mail_makes_is_refused_before_it_reaches_the_database(scene: Scene) -> None:
    scene.to_code(HER)
    (mine,) = claim(scene, "worker")
    with pytest.raises(Refused, match="cannot become accepted"):
        move(scene, mine, S.ACCEPTED, S.CLAIMED)


def test_a_worker_that_was_frozen_in_the_middle_of_a_write_holds_up_no_other(scene: Scene, post: Post) -> None:
    if dialect(scene.store) == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    scene.to_code(HER)
    scene.to_code("him@mailbox.example")
    frozen, another = claim(scene, "the frozen one")
    leases_lapse(scene)
    with scene.work() as work:
        assert deliveries.move(work, frozen, S.DATA_STARTED, before=S.CLAIMED)
        with scene.work() as other:
            other.rows.execute(text("set local lock_timeout = '2s'"))
            claims.release_lapsed(other, "another")
            assert [one.id for one in claims.claim(other, owner="another", limit=20)] == [another.id]
        work.rows.rollback()


def test_what_a_worker_was_cut_off_from_it_takes_again_without_waiting_for_its_own_lease(
    scene: Scene, post: Post
) -> None:
    for number in range(3):
        scene.to_code(f"person{number}@mailbox.example")
    sender = post.sender()
    assert len(claim(scene, sender.owner)) == 3  # and then the database went away
    assert len(claim(scene, "another")) == 0
    assert run_once(scene.store.open_work, sender) == 3
    assert {one.state for one in scene.contacts()} == {S.ACCEPTED}
    assert len(post.mails()) == 3


def test_what_the_server_said_is_written_down_when_the_database_is_back(scene: Scene, post: Post) -> None:
    scene.to_code(HER)
    away: list[bool] = []

    @contextmanager
    def open_work(by: Actor, *, write: bool = True) -> Iterator[Work]:
        if away:
            raise Unavailable("The database", "EQUIPOISE_DATABASE_URL", "it went away")
        with scene.store.open_work(by, write=write) as work:
            yield work

    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            away.clear()

    mailer = Meanwhile(post.mailer(), after=lambda: away.append(True))
    assert run_once(open_work, replace(post.sender(mailer), wait=wait)) == 1
    assert len(waited) == 3
    assert (only(scene).state, len(post.mails(HER))) == (S.ACCEPTED, 1)


def test_who_is_frozen_in_a_transaction_loses_it_and_its_locks(scene: Scene) -> None:
    if dialect(scene.store) == "sqlite":
        pytest.skip("SQLite ends a transaction with its process")
    with scene.work() as work:
        longest = work.rows.execute(text("show idle_in_transaction_session_timeout")).scalar_one()
    with scene.store.snapshot(SYSTEM) as work:
        whoever_reads = work.rows.execute(text("show idle_in_transaction_session_timeout")).scalar_one()
    assert (longest, whoever_reads) == ("2min", "0")


def test_a_worker_that_is_told_to_end_finishes_the_mail_in_hand_and_gives_the_others_back(
    scene: Scene, post: Post
) -> None:
    for number in range(3):
        scene.to_code(f"person{number}@mailbox.example")
    told: list[bool] = []
    mailer = Meanwhile(post.mailer(), before_data=lambda: told.append(True))
    assert run_once(scene.store.open_work, replace(post.sender(mailer), ending=lambda: bool(told))) == 3
    assert len(post.mails()) == 1
    assert sorted(one.state for one in scene.contacts()) == [S.ACCEPTED, S.RETRY, S.RETRY]
    assert {one.reason for one in scene.contacts()} == {None, GIVEN_BACK}
    assert post.deliver(scene) == 2
    assert {one.state for one in scene.contacts()} == {S.ACCEPTED}
    assert len(post.mails()) == 3


def test_what_a_slow_mail_server_leaves_of_a_batch_is_given_back_while_the_lease_holds(
    scene: Scene, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        scene.to_code(f"person{number}@mailbox.example")
    assert LEASE.total_seconds() / 4 < sending.WORTH < LEASE.total_seconds() * 3 / 4
    monkeypatch.setattr(sending, "WORTH", 0.0)  # from here on every mail server is slow
    for left in (2, 1, 0):
        assert run_once(scene.store.open_work, post.sender()) == left + 1
        states = [one.state for one in scene.contacts()]
        assert (states.count(S.ACCEPTED), states.count(S.RETRY)) == (3 - left, left), "each batch sends one at least"
    assert run_once(scene.store.open_work, post.sender()) == 0
    assert len(post.mails()) == 3


def test_a_worker_that_lost_its_lease_before_data_sends_nothing(scene: Scene, post: Post) -> None:
    scene.to_code(HER)
    second = post.sender()

    def meanwhile() -> None:
        leases_lapse(scene)
        assert run_once(scene.store.open_work, second) == 1

    slow = Meanwhile(post.mailer(), before_data=meanwhile)
    run_once(scene.store.open_work, post.sender(slow))
    assert [one.kind for one in slow.replies] == ["withdrawn"]
    assert len(post.mails(HER)) == 1
    assert (only(scene).state, only(scene).owner, only(scene).attempt) == (S.ACCEPTED, second.owner, 2)


def test_a_mail_whose_worker_vanished_after_data_is_in_doubt_and_waits(scene: Scene, post: Post) -> None:
    scene.to_code(HER)
    (mine,) = claim(scene, "the vanished one")
    assert move(scene, mine, S.DATA_STARTED, S.CLAIMED)
    assert post.deliver(scene) == 0
    assert only(scene).state is S.DATA_STARTED
    leases_lapse(scene)
    assert post.deliver(scene) == 0
    assert (only(scene).state, only(scene).reason) == (S.RETRY, "sent_once_more")
    assert post.mails(HER) == []
    # should it come back after all, what is on record stays
    assert move(scene, mine, S.FAILED, S.DATA_STARTED) is False
    assert only(scene).state is S.RETRY


def test_a_worker_that_vanished_before_data_loses_no_mail(scene: Scene, post: Post) -> None:
    scene.to_code(HER)
    claim(scene, "the vanished one")
    leases_lapse(scene)
    post.deliver(scene)
    assert len(post.mails(HER)) == 1
    assert (only(scene).state, only(scene).attempt) == (S.ACCEPTED, 2)


def test_the_lease_begins_anew_with_the_content(scene: Scene) -> None:
    """The last of a slow batch began its content when its claim had nearly lapsed: that is no reason to doubt it."""
    scene.to_code(HER)
    (mine,) = claim(scene, "slow")
    nearly = {"sqlite": "datetime('now', '+1 second')", "postgresql": "clock_timestamp() + interval '1 second'"}
    run(scene.store, f"update delivery set lease_until = {nearly[dialect(scene.store)]}")
    assert move(scene, mine, S.DATA_STARTED, S.CLAIMED)
    with scene.work(write=False) as work:
        left = content(scene.store)["delivery"][0]["lease_until"] - work.machine_now
    assert LEASE - timedelta(seconds=30) < left <= LEASE


# --- many rows, many workers -----------------------------------------------------------------------------------

PEOPLE, WORKERS = 90, 6


def fill(scene: Scene, people: int = PEOPLE) -> None:
    """As many codes to send: the ledger's rows copied, each for the same person."""
    scene.to_code(HER)
    columns = [name for name in content(scene.store)["delivery"][0] if name not in ("id", "occurrence", "token_hash")]
    listed = ", ".join(columns)
    for number in range(2, people + 1):
        run(
            scene.store,
            f"insert into delivery ({listed}, occurrence) select {listed}, :number from delivery where occurrence = 1",
            number=number,
        )


def test_workers_that_claim_at_once_never_hold_the_same_row(scene: Scene) -> None:
    fill(scene)

    def take(owner: str) -> list[int]:
        mine: list[int] = []
        while found := claim(scene, owner, limit=4):
            mine += [one.id for one in found]
        return mine

    taken = [one for mine in at_once(take, [f"worker-{n}" for n in range(WORKERS)]) for one in mine]
    assert len(taken) == PEOPLE
    assert len(set(taken)) == PEOPLE
    assert {one.attempt for one in scene.contacts()} == {1}


def naive_claim(scene: Scene) -> list[int]:
    """Look what is due, then take it: without a lock between looking and taking."""
    waiting = delivery.c.state == S.PLANNED.value
    with scene.store.open_work(SYSTEM, write=False) as work:
        found = list(work.rows.execute(select(delivery.c.id).where(waiting).limit(4)).scalars())
    time.sleep(0.02)
    with scene.store.open_work(SYSTEM) as work:
        work.rows.execute(update(delivery).where(delivery.c.id.in_(found)).values(state=S.CLAIMED.value))
    return found


def test_control_workers_that_look_first_and_take_then_do_hold_the_same_row(scene: Scene) -> None:
    fill(scene, 24)
    taken = [one for mine in at_once(lambda _: naive_claim(scene), range(WORKERS)) for one in mine]
    assert len(set(taken)) < len(taken)


def test_every_mail_is_sent_exactly_once_however_many_workers_there_are(scene: Scene, post: Post) -> None:
    fill(scene)
    senders = [post.sender() for _ in range(WORKERS)]

    def work_off(number: int) -> int:
        taken = 0
        while found := run_once(scene.store.open_work, senders[number], limit=4):
            taken += found
        return taken

    assert sum(at_once(work_off, range(WORKERS))) == PEOPLE
    sent = Counter(one.headers["message-id"] for one in post.mails(HER))
    assert len(sent) == PEOPLE
    assert set(sent.values()) == {1}
    assert {(one.state, one.attempt) for one in scene.contacts()} == {(S.ACCEPTED, 1)}


@ON_POSTGRESQL
def test_a_worker_does_not_wait_for_a_row_that_another_holds(scene: Scene) -> None:
    fill(scene, 8)
    with scene.work() as held:
        first = claims.claim(held, owner="one", limit=4)
        started = time.monotonic()
        with scene.work() as work:
            second = claims.claim(work, owner="other", limit=20)
        assert time.monotonic() - started < 5
    assert len(first) == len(second) == 4
    assert not {one.id for one in first} & {one.id for one in second}
