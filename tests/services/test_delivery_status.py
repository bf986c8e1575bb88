"""How mails go, counted a second time from the rows one by one: the hours, what is open now, whether anybody sends."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text, update

from tests.services.post import Post
from tests.services.scene import OPERATOR, Scene
from trial.core.access import SYSTEM, Actor, Role, member_actor
from trial.core.delivery import Contact, ContactState
from trial.core.errors import NotAllowed
from trial.services import delivery_status, health, trials
from trial.services.delivery_status import COLUMNS, Sending, lateness
from trial.storage import claims, deliveries, passing_time, sending
from trial.storage import trials as stored_trials
from trial.storage.tables_delivery import delivery
from trial.storage.work import Store

S = ContactState
NAMES = {state: name for name, states in COLUMNS.items() for state in states}


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def lived(scene: Scene, post: Post) -> Scene:
    """Three people in their week; one mail in doubt, and the last evening's mails held, for the trial stands still."""
    people = [scene.enrol() for _ in range(3)]
    post.deliver(scene)
    scene.move(days=1, hours=11)
    post.deliver(scene)
    doubtful = next(one for one in scene.contacts() if one.state is S.ACCEPTED and one.participant_id == people[0])
    with scene.work(SYSTEM) as work:
        work.rows.execute(text("update delivery set state = 'unknown' where id = :id"), {"id": doubtful.id})
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    scene.move(days=1)
    post.deliver(scene)
    return scene


def seen(scene: Scene, by: Actor = OPERATOR, **hours: int) -> Sending:
    with scene.work(by, write=False) as work:
        return delivery_status.sending_of(work, scene.slug, **hours)


def column(one: Contact, scene: Scene) -> str:
    over = one.due_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) <= scene.now
    return "due" if one.state is S.PLANNED and over else NAMES[one.state]


def test_every_state_of_a_mail_is_in_exactly_one_column() -> None:
    listed = [state for states in COLUMNS.values() for state in states]
    assert Counter(listed) == Counter(S)


def test_each_mail_of_the_hours_is_in_exactly_one_column(lived: Scene) -> None:
    found = seen(lived, behind=72, ahead=24)
    first = lived.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=72)
    shown = [one for one in lived.contacts() if first <= one.due_at < first + timedelta(hours=97)]
    counted = Counter(column(one, lived) for one in shown)
    assert {name: number for name, number in found.totals.items() if number} == counted
    assert {"sent", "held", "in doubt", "planned"} <= set(counted)
    assert sum(sum(one.values()) for one in found.by_hour.values()) == len(shown)
    assert sum(sum(one.values()) for one in found.by_message.values()) == len(shown)
    crossed = [line for day in found.days(UTC) for hour in day.hours for line in hour]
    assert crossed == list(found.lines), "one source for what the page and the command count"


def test_an_hour_belongs_to_the_day_that_it_is_where_the_team_is(lived: Scene) -> None:
    found, far = seen(lived, behind=72, ahead=24), ZoneInfo("Pacific/Auckland")
    for zone in (UTC, far):
        told: dict[date, int] = {day.day: sum(day.numbers.values()) for day in found.days(zone)}
        counted = Counter(
            one.hour.astimezone(zone).date() for one in found.lines for _ in range(sum(one.numbers.values()))
        )
        assert told == counted and list(told) == sorted(told)
    assert found.days(UTC) != found.days(far)


def test_what_is_held_or_in_doubt_counts_whenever_it_fell_due(lived: Scene) -> None:
    states = Counter(one.state for one in lived.contacts())
    found = seen(lived, behind=0, ahead=0)
    assert (found.held, found.in_doubt) == (states[S.HELD], states[S.UNKNOWN])
    assert found.held > 0 and found.in_doubt == 1 and found.totals["in doubt"] == 0


def test_a_worker_lives_that_looked_a_moment_ago_or_has_mails_in_hand(scene: Scene) -> None:
    scene.enrol()
    scene.move(days=2)
    assert (seen(scene).looked, seen(scene).worker_lives) == (None, False)
    health.note_round(scene.store.open_work)
    looked = seen(scene).looked
    assert looked is not None and looked < timedelta(seconds=30) and seen(scene).worker_lives
    earlier = {"sqlite": "datetime('now', '-3 minutes')", "postgresql": "now() - interval '3 minutes'"}
    with scene.work(SYSTEM) as work:
        work.rows.execute(text(f"update heartbeat set at = {earlier[work.rows.dialect.name]}"))
    assert not seen(scene).worker_lives
    with scene.work(SYSTEM) as work:
        assert claims.claim(work, owner="worker", limit=1)
    assert seen(scene).worker_lives


def test_what_is_late_is_told_of_all_trials_to_the_operator_and_of_theirs_to_a_member(scene: Scene) -> None:
    scene.enrol()
    scene.move(days=2)
    with scene.work(SYSTEM, write=False) as work:
        due = [one for one in deliveries.of_trial(work, scene.id) if one.state is S.PLANNED and one.due_at <= work.now]
        protocol = stored_trials.folder_of(work, stored_trials.by_id(work, scene.id).protocol_id).protocol
    assert due and all(protocol.timepoint(one.timepoint) for one in due if one.timepoint)
    for by in (OPERATOR, member_actor(1, frozenset({Role.COORDINATOR}), scene.id)):
        found = seen(scene, by)
        assert (found.late.number, found.late.since) == (len(due), min(one.due_at for one in due))
        assert found.lag == scene.now - min(one.due_at for one in due)
    assert seen(scene).everywhere and not found.everywhere


def test_the_oldest_is_found_however_few_are_counted_and_in_whatever_order_they_were_planned(scene: Scene) -> None:
    """As a look at any one of them would give whichever lies first."""
    for _ in range(3):
        scene.to_code()
        scene.move(minutes=1)
    with scene.work(SYSTEM) as work:
        first, *_, last = sorted(one.id for one in scene.contacts())
        at = {one.id: one.due_at for one in scene.contacts()}
        for row, other in ((first, last), (last, first)):
            work.rows.execute(update(delivery).where(delivery.c.id == row).values(due_at=at[other]))
        late = sending.late(work, most=1)
    assert (late.since, late.number) == (min(at.values()), 1)


def test_who_may_not_know_how_the_trial_goes_is_told_nothing(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        seen(scene, Actor("visitor"))


def test_of_mails_of_one_instant_the_watchdog_sees_which_is_next_in_line(scene: Scene) -> None:
    for _ in range(3):
        scene.to_code()
    before, _ = lateness(scene.store.open_work)
    with scene.work() as work:
        assert [one.id for one in claims.claim(work, owner="worker", limit=1)] == [before.first]
    after, lag = lateness(scene.store.open_work)
    assert (after.since, after.number, lag) == (before.since, before.number - 1, 0.0)
    assert after.first > before.first


def test_what_a_worker_that_is_gone_holds_is_late_and_no_sign_of_life(scene: Scene) -> None:
    scene.to_code()
    scene.move(minutes=20)
    with scene.work() as work:
        (taken,) = claims.claim(work, owner="gone", limit=5)
    found, _ = lateness(scene.store.open_work)
    assert (found.number, found.in_hand, seen(scene).worker_lives) == (0, 1, True)
    with scene.work(OPERATOR) as work:
        passing_time.end_leases(work, lambda owner: owner == "gone")
    found, lag = lateness(scene.store.open_work)
    assert (found.since, found.number, found.in_hand, lag) == (taken.due_at, 1, 0, 1200.0)
    assert not seen(scene).worker_lives
