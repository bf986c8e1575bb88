"""The roster is written by the owner, names only those who may act, and a test of it is evidence for the gate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.services.post import Post
from tests.services.scene import OPERATOR
from tests.services.team import COORDINATOR, DEPUTY, OWNER, SAFETY, STATISTICIAN, TeamScene, address
from trial.core.errors import NotAllowed, NotFound, Refused
from trial.services import call_tests, roster
from trial.services.calling import call_due
from trial.storage import evidence
from trial.storage.tables import member
from trial.storage.work import Store


@pytest.fixture
def scene(store: Store) -> TeamScene:
    return TeamScene(store)


def names(scene: TeamScene) -> list[int]:
    """Who would be called now, in turn."""
    with scene.work(scene.actor(COORDINATOR), write=False) as work:
        return [one.member_id for one in roster.shown(work, scene.slug).in_turn]


def test_the_roster_changes_with_time(scene: TeamScene) -> None:
    scene.on_duty(SAFETY, until=scene.now + timedelta(days=7))
    with scene.work(scene.actor(OWNER)) as work:
        roster.add(work, scene.slug, DEPUTY, 1, from_at=work.now + timedelta(days=7), until_at=None)
    assert names(scene) == [SAFETY, OWNER]
    scene.move(days=7)
    assert names(scene) == [DEPUTY, OWNER]
    with scene.work(scene.actor(OWNER)) as work:
        found = roster.shown(work, scene.slug)
        assert ([one.name for one in found.lines], [one.name for one in found.past]) == (["Member 3"], ["Member 2"])
        assert found.on_duty
        roster.end(work, scene.slug, found.lines[0].duty.id)
        assert not roster.shown(work, scene.slug).on_duty
    assert names(scene) == [OWNER]
    assert scene.events().count("roster_changed") == 3


def test_who_cannot_be_reached_is_named_with_the_reason_and_passed_over(scene: TeamScene) -> None:
    scene.on_duty(SAFETY, DEPUTY)
    with scene.work() as work:
        work.rows.execute(update(member).where(member.c.id == SAFETY).values(address=None))
    assert names(scene) == [DEPUTY, OWNER]
    with scene.work(scene.actor(OWNER), write=False) as work:
        assert [one.obstacle for one in roster.shown(work, scene.slug).lines] == ["has no mail address yet", ""]


@pytest.mark.parametrize("number", [COORDINATOR, STATISTICIAN, 99])
def test_only_who_may_act_on_alerts_stands_on_the_roster(scene: TeamScene, number: int) -> None:
    with pytest.raises(Refused, match="owner or a safety contact"), scene.work(scene.actor(OWNER)) as work:
        roster.add(work, scene.slug, number, 1, from_at=None, until_at=None)


@pytest.mark.parametrize("number", [SAFETY, COORDINATOR, STATISTICIAN])
def test_only_the_owner_writes_the_roster(scene: TeamScene, number: int) -> None:
    scene.on_duty(SAFETY)
    with scene.work(scene.actor(number)) as work:
        with pytest.raises(NotAllowed):
            roster.add(work, scene.slug, DEPUTY, 1, from_at=None, until_at=None)
        with pytest.raises(NotAllowed):
            roster.end(work, scene.slug, 1)


def test_a_line_ends_after_it_began_and_in_a_place_that_exists(scene: TeamScene) -> None:
    with scene.work(scene.actor(OWNER)) as work:
        with pytest.raises(Refused, match="end"):
            roster.add(work, scene.slug, SAFETY, 1, from_at=None, until_at=work.now)
        for place in (0, 10):
            with pytest.raises(Refused, match="place"):
                roster.add(work, scene.slug, SAFETY, place, from_at=None, until_at=None)
        with pytest.raises(NotFound):
            roster.end(work, scene.slug, 99)


def test_a_test_reaches_who_is_on_duty_and_is_evidence_once_they_say_so(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY, DEPUTY)
    with scene.work(OPERATOR) as work:
        assert [one.member_id for one in call_tests.ask(work, scene.slug, SAFETY)] == [SAFETY]
    with pytest.raises(Refused, match="not left"), scene.work(scene.actor(SAFETY)) as work:
        call_tests.acknowledge(work, scene.slug, 1)
    call_due(scene.store.open_work, post.sender())
    (mail,) = post.mails(address(SAFETY))
    assert "no participant" in mail.text.lower() and f"/{scene.slug}/roster" in mail.text
    with pytest.raises(NotAllowed), scene.work(scene.actor(DEPUTY)) as work:
        call_tests.acknowledge(work, scene.slug, 1)
    for _ in range(2):
        with scene.work(scene.actor(SAFETY)) as work:
            call_tests.acknowledge(work, scene.slug, 1)
    with scene.work(scene.actor(OWNER), write=False) as work:
        (row,) = evidence.of_line(work, scene.id, "on_call")
        (test,) = call_tests.listed(work, scene.slug)
    assert (row.by, row.detail["member"], row.digest) == (f"member:{SAFETY}", SAFETY, scene.folder.digest)
    assert (test.name, test.acknowledged_at) == ("Member 2", scene.now)


def test_a_test_concerns_no_matter_and_escalates_to_nobody(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY, DEPUTY)
    with scene.work(OPERATOR) as work:
        call_tests.ask(work, scene.slug)
    call_due(scene.store.open_work, post.sender())
    scene.move(days=30)
    call_due(scene.store.open_work, post.sender())
    assert [one.envelope_to for one in post.mails()] == [address(SAFETY), address(DEPUTY)]


def test_a_test_says_where_nobody_can_be_called(scene: TeamScene) -> None:
    with scene.work() as work:
        work.rows.execute(update(member).values(address=None))
    with pytest.raises(Refused, match="Nobody can be called"), scene.work(OPERATOR) as work:
        call_tests.ask(work, scene.slug)


@pytest.mark.parametrize("number", [SAFETY, COORDINATOR, STATISTICIAN])
def test_a_test_is_asked_for_by_who_records_evidence(scene: TeamScene, number: int) -> None:
    with pytest.raises(NotAllowed), scene.work(scene.actor(number)) as work:
        call_tests.ask(work, scene.slug)


# --- everybody who is on call in the first days ---------------------------------------------------------------------


def standing(scene: TeamScene) -> dict[int, bool]:
    """Who is on call in the coming days, and whether their acknowledgement counts."""
    with scene.work(scene.actor(COORDINATOR), write=False) as work:
        return {one.person.member_id: one.counts(work.now) for one in call_tests.standing(work, scene.slug)}


def acknowledged(scene: TeamScene, number: int) -> None:
    with scene.work(scene.actor(number)) as work:
        mine = [one.call for one in call_tests.listed(work, scene.slug) if one.call.member_id == number]
        call_tests.acknowledge(work, scene.slug, mine[0].id)


def test_a_test_reaches_who_is_on_call_later_and_in_the_second_place(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY, until=scene.now + timedelta(days=7))
    with scene.work(scene.actor(OWNER)) as work:
        roster.add(work, scene.slug, DEPUTY, 2, from_at=work.now + timedelta(days=6), until_at=None)
    assert standing(scene) == {SAFETY: False, DEPUTY: False}
    with scene.work(OPERATOR) as work:
        assert [one.member_id for one in call_tests.ask(work, scene.slug)] == [SAFETY, DEPUTY]
    call_due(scene.store.open_work, post.sender())
    assert [one.envelope_to for one in post.mails()] == [address(SAFETY), address(DEPUTY)]
    acknowledged(scene, DEPUTY)
    assert standing(scene) == {SAFETY: False, DEPUTY: True}
    with scene.work(OPERATOR) as work:
        assert [one.member_id for one in call_tests.ask(work, scene.slug)] == [SAFETY], "who is missing is called again"


def test_who_is_on_call_after_the_first_fourteen_days_is_not_asked_yet(scene: TeamScene) -> None:
    scene.on_duty(SAFETY)
    with scene.work(scene.actor(OWNER)) as work:
        roster.add(work, scene.slug, DEPUTY, 1, from_at=work.now + timedelta(days=14), until_at=None)
    assert standing(scene) == {SAFETY: False}
    with pytest.raises(Refused, match="not on call"), scene.work(OPERATOR) as work:
        call_tests.ask(work, scene.slug, DEPUTY)
    scene.move(seconds=1)
    assert standing(scene) == {SAFETY: False, DEPUTY: False}


def test_where_a_day_has_nobody_on_duty_the_owner_is_on_call(scene: TeamScene) -> None:
    assert standing(scene) == {OWNER: False}
    scene.on_duty(SAFETY, until=scene.now + timedelta(days=13))
    assert standing(scene) == {SAFETY: False, OWNER: False}
    with scene.work(scene.actor(OWNER)) as work:
        roster.add(work, scene.slug, DEPUTY, 1, from_at=work.now + timedelta(days=13), until_at=None)
    assert standing(scene) == {SAFETY: False, DEPUTY: False}
    with scene.work() as work:  # and a place whose person cannot be reached is as good as empty
        work.rows.execute(update(member).where(member.c.id == DEPUTY).values(address=None))
    assert standing(scene) == {SAFETY: False, DEPUTY: False, OWNER: False}


def test_what_was_acknowledged_long_ago_counts_no_more(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    with scene.work(OPERATOR) as work:
        call_tests.ask(work, scene.slug)
    call_due(scene.store.open_work, post.sender())
    acknowledged(scene, SAFETY)
    scene.move(days=30)
    assert standing(scene) == {SAFETY: True}
    scene.move(seconds=1)
    assert standing(scene) == {SAFETY: False}
