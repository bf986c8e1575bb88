"""The pace of a mail account: no more a minute than its server allows, and first what somebody waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import SYSTEM, Scene
from tests.services.test_delivery import the
from trial.core.delivery import ContactState
from trial.services.delivery import Sender, allowed, not_used, run_once
from trial.storage import pace
from trial.storage.work import Store
from workers.timetable import send_due

S = ContactState
NOW = datetime(2041, 3, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def paced(post: Post, per_minute: int) -> Sender:
    plain = post.sender()
    return Sender(plain.mailer, plain.mail_from, plain.owner, account="study@relay.example", per_minute=per_minute)


def later(scene: Scene, seconds: float) -> None:
    """As if so many seconds had gone by on the machine's clock since the pace was last counted."""
    earlier = {
        "sqlite": f"strftime('%Y-%m-%d %H:%M:%f', at, '-{seconds} seconds')",
        "postgresql": f"at - interval '{seconds} seconds'",
    }
    with scene.store.engine.begin() as rows:
        rows.execute(text(f"update send_pace set at = {earlier[rows.dialect.name]}"))


@pytest.mark.parametrize(
    ("left", "seconds", "full"), [(0, 0, 0), (0, 6, 6), (4, 1, 5), (0, 60, 10), (9, 6, 10), (3, -600, 3)]
)
def test_the_bucket_fills_with_time_up_to_a_burst_and_never_runs_backwards(
    left: float, seconds: int, full: float
) -> None:
    assert pace.filled(left, NOW, NOW + timedelta(seconds=seconds), 60, 10) == pytest.approx(full)


def test_no_more_leave_than_the_pace_however_many_workers_ask_at_once(scene: Scene, post: Post) -> None:
    sender = paced(post, 60)
    assert sum(may for may, _ in at_once(lambda _: allowed(scene.store.open_work, sender, 3), range(8))) <= 10 + 1
    may, seconds = allowed(scene.store.open_work, sender, 3)
    assert may == 0 and 0 < seconds <= 60 / 51
    later(scene, 5)
    assert allowed(scene.store.open_work, sender, 20)[0] in (4, 5)


@pytest.mark.parametrize("per_minute", [1, 6, 30, 600])
def test_in_no_minute_more_leave_than_the_account_may_take_and_not_many_fewer(
    scene: Scene, post: Post, per_minute: int
) -> None:
    """A full bucket at the beginning, then all that has flowed in just before the minute is over."""
    sender = paced(post, per_minute)
    first = allowed(scene.store.open_work, sender, per_minute)[0]
    taken = 0
    for _ in range(9):  # nine times as long as the bucket takes to fill
        later(scene, 59 / 9)
        taken += allowed(scene.store.open_work, sender, per_minute)[0]
    assert 0.8 * per_minute - 1 <= first + taken <= per_minute


def test_what_was_not_used_is_given_back_and_accounts_do_not_share(scene: Scene, post: Post) -> None:
    sender = paced(post, 60)
    assert allowed(scene.store.open_work, sender, 20)[0] == 10
    not_used(scene.store.open_work, sender, 4)
    assert allowed(scene.store.open_work, sender, 20)[0] in (4, 5)
    other = Sender(sender.mailer, sender.mail_from, sender.owner, account="other@relay.example", per_minute=60)
    assert allowed(scene.store.open_work, other, 20)[0] == 10


def test_after_an_outage_mails_leave_at_the_pace_and_none_is_lost(scene: Scene, post: Post) -> None:
    people = [scene.enrol(f"person{number}@mailbox.example") for number in range(5)]
    post.deliver(scene)
    before = len(post.mails())
    scene.move_to(scene.occasions(people[0])[0].opens_at + timedelta(hours=1))
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        later(scene, seconds)

    sender = paced(post, 12)  # two at once, then eleven a minute
    assert send_due(scene.store.open_work, sender, wait) == 5
    assert len(post.mails()) == before + 5
    assert 15 <= sum(waited) <= 17
    assert {the(scene, one).state for one in people} == {S.ACCEPTED}


def test_what_is_too_late_costs_nothing_of_the_pace(scene: Scene, post: Post) -> None:
    people = [scene.enrol(f"person{number}@mailbox.example") for number in range(6)]
    post.deliver(scene)
    scene.move_to(scene.occasions(people[0])[0].opens_at + timedelta(hours=18))
    waited: list[float] = []
    # six invitations and six reminders, and a pace of two a minute: all of it is looked at in one tick
    assert send_due(scene.store.open_work, paced(post, 2), waited.append) == 12
    assert waited == []


def test_a_tick_that_would_wait_too_long_leaves_the_rest_to_the_next(scene: Scene, post: Post) -> None:
    people = [scene.enrol(f"person{number}@mailbox.example") for number in range(3)]
    post.deliver(scene)
    scene.move_to(scene.occasions(people[0])[0].opens_at)
    sender = paced(post, 1)
    assert send_due(scene.store.open_work, sender, lambda seconds: later(scene, seconds)) == 2
    assert sorted(the(scene, one).state for one in people) == [S.ACCEPTED, S.ACCEPTED, S.PLANNED]


def test_who_waits_for_the_pace_ends_when_told_to_and_takes_nothing_more(scene: Scene, post: Post) -> None:
    people = [scene.enrol(f"person{number}@mailbox.example") for number in range(3)]
    post.deliver(scene)
    scene.move_to(scene.occasions(people[0])[0].opens_at)
    waited: list[float] = []
    sender = replace(paced(post, 3), ending=lambda: len(waited) > 0)
    assert send_due(scene.store.open_work, sender, waited.append) == 1
    assert waited == [2.0]


def test_what_somebody_waits_for_comes_before_a_day_s_mails(scene: Scene, post: Post) -> None:
    people = [scene.enrol(f"person{number}@mailbox.example") for number in range(3)]
    post.deliver(scene)
    scene.move_to(scene.occasions(people[0])[0].opens_at + timedelta(hours=2))
    scene.to_code("new@mailbox.example")
    before = len(post.mails())
    assert run_once(scene.store.open_work, post.sender(), limit=1) == 1
    assert [one.envelope_to for one in post.mails()[before:]] == ["new@mailbox.example"]


def test_without_a_limit_nothing_is_counted(scene: Scene, post: Post) -> None:
    assert allowed(scene.store.open_work, post.sender(), 20) == (20, 0.0)
    with scene.work(SYSTEM) as work:
        assert work.rows.execute(text("select count(*) from send_pace")).scalar_one() == 0
