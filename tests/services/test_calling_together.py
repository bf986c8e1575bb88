"""What waits past its clock calls somebody too, and what is due to one person at one moment is one mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.services.at_once import at_once
from tests.services.post import Meanwhile, Post
from tests.services.scene import SENSITIVE
from tests.services.team import (
    COORDINATOR,
    DEPUTY,
    OWNER,
    ROLES,
    SAFETY,
    STATISTICIAN,
    WITHIN,
    TeamScene,
    address,
)  # fmt: skip
from tests.storage.stores import ON_POSTGRESQL
from trial.core.access import Role
from trial.core.errors import Unavailable
from trial.core.matters import Matter, MatterAct, MatterKind, MatterState
from trial.core.replies import ANSWER_WITHIN
from trial.mail.inbound import Incoming, read
from trial.services import fraud, matters, replies, roster
from trial.services.calling import call_due
from trial.storage import calls, participants
from trial.storage import matters as stored
from trial.storage.calls import CallState
from trial.storage.work import Store

WORDS = "I cannot sleep since the second evening."


@pytest.fixture
def scene(store: Store) -> TeamScene:
    return TeamScene(store)


def make_calls(scene: TeamScene, post: Post) -> list[str]:
    call_due(scene.store.open_work, post.sender())
    return [one.envelope_to for one in post.mails() if one.envelope_to.endswith("@team.example")]


def a_reply(scene: TeamScene, person: int, text: str = WORDS) -> Matter:
    """Somebody writes back; the matter that it opened."""
    with scene.work() as work:
        sender = f"person{person}@mailbox.example"
        number = len(stored.listed(work, scene.id, MatterKind.REPLY)) + 1
        message = f"<reply-{number}@mailbox.example>"
        assert replies.keep(work, incoming(sender, text, message))
        return max(stored.listed(work, scene.id, MatterKind.REPLY), key=lambda one: one.id)


def incoming(sender: str, text: str, message_id: str) -> Incoming:
    head = f"From: {sender}\nTo: team@trial.example\nMessage-ID: {message_id}\nSubject: Re: Tonight\n\n"
    return read((head + text).encode())


def held(scene: TeamScene) -> Matter:
    """An enrolment that waits for a decision."""
    person, _ = scene.to_baseline()
    with scene.work() as work:
        fraud.hold(work, participants.by_id(work, person, lock=True))
        found = stored.about(work, MatterKind.HELD_ENROLMENT, person)
    assert found is not None
    return found


def to_the_call(scene: TeamScene, matter: Matter) -> None:
    """The next full hour after the matter's clock has run out."""
    assert matter.act_by is not None
    scene.move_to(matter.act_by + timedelta(hours=1))


def acts(scene: TeamScene, matter: Matter) -> list[MatterAct]:
    with scene.work(scene.actor(OWNER), write=False) as work:
        return [one.act for one in matters.one(work, matter.id)[1]]


# --- past the clock -------------------------------------------------------------------------------------------------

OVERDUE: dict[str, Callable[[TeamScene], Matter]] = {
    "a reply": lambda scene: a_reply(scene, scene.enrol()),
    "a held enrolment": held,
}


@pytest.mark.parametrize("kind", OVERDUE)
def test_what_nobody_takes_up_in_time_calls_a_coordinator_and_then_the_owner(
    scene: TeamScene, post: Post, kind: str
) -> None:
    scene.move(minutes=20)
    matter = OVERDUE[kind](scene)
    assert make_calls(scene, post) == []
    assert matter.act_by is not None
    scene.move_to(matter.act_by)
    assert make_calls(scene, post) == [], "it is told on the full hour"
    scene.move(minutes=40)
    assert make_calls(scene, post) == [address(COORDINATOR)]
    assert make_calls(scene, post) == [address(COORDINATOR)], "once for each step"
    to_the_call(scene, matter)
    scene.move(seconds=(matter.act_by - matter.opened_at).total_seconds())
    assert make_calls(scene, post) == [address(COORDINATOR), address(OWNER)]
    assert acts(scene, matter) == [MatterAct.OPENED, MatterAct.CALLED, MatterAct.ESCALATED]


@pytest.mark.parametrize("kind", OVERDUE)
def test_once_somebody_has_it_nobody_is_called_about_it(scene: TeamScene, post: Post, kind: str) -> None:
    matter = OVERDUE[kind](scene)
    with scene.work(scene.actor(COORDINATOR)) as work:
        matters.move(work, matter.id, MatterAct.ACKNOWLEDGED)
    scene.move(days=30)
    assert make_calls(scene, post) == []


def test_who_is_on_duty_is_called_first_where_they_may_act_and_passed_over_where_not(
    scene: TeamScene, post: Post
) -> None:
    scene.on_duty(SAFETY)
    person = scene.enrol()
    reply = a_reply(scene, person)
    enrolment = held(scene)
    to_the_call(scene, enrolment)
    assert make_calls(scene, post) == [address(COORDINATOR)], "a safety contact decides about no enrolment"
    to_the_call(scene, reply)
    assert address(SAFETY) in make_calls(scene, post)[1:], "and reads replies"


def test_whoever_may_not_act_is_never_called(scene: TeamScene) -> None:
    for kind in (MatterKind.REPLY, MatterKind.HELD_ENROLMENT, MatterKind.MISSING_MAIL):
        with scene.work(write=False) as work:
            found = [one.member_id for one in roster.in_turn(work, scene.id, kind)]
        assert STATISTICIAN not in found and found[:2] == [COORDINATOR, OWNER]
        assert (SAFETY in found) is (kind is MatterKind.REPLY)
    assert ROLES[COORDINATOR] is Role.COORDINATOR


def test_stop_calls_at_once(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    matter = a_reply(scene, scene.enrol(), "Stop")
    assert matter.urgent
    assert make_calls(scene, post) == [address(SAFETY)]


def test_the_mail_holds_numbers_and_links_and_nothing_about_anybody(scene: TeamScene, post: Post) -> None:
    person = scene.enrol()
    matter = a_reply(scene, person, SENSITIVE)
    to_the_call(scene, matter)
    make_calls(scene, post)
    (mail,) = post.mails(address(COORDINATOR))
    assert f"Matter {matter.id}: http://127.0.0.1:8766/{scene.slug}/matters/{matter.id}" in mail.text
    for word in (scene.person(person).code, SENSITIVE, "mailbox.example", "reply", "wrote"):
        assert word.lower() not in f"{mail.subject} {mail.text} {mail.html}".lower(), word


# --- one mail for what is due together ------------------------------------------------------------------------------


def test_what_became_overdue_within_one_hour_is_one_mail(scene: TeamScene, post: Post) -> None:
    scene.move(minutes=5)
    found = []
    for person in [scene.enrol() for _ in range(4)]:
        found.append(a_reply(scene, person))
        scene.move(minutes=10)
    late = a_reply(scene, scene.enrol())
    scene.move(minutes=30)
    after = a_reply(scene, scene.enrol())
    for _ in range(8):  # the worker looks often
        scene.move_to(scene.now + ANSWER_WITHIN / 8)
        make_calls(scene, post)
    to_the_call(scene, after)
    make_calls(scene, post)
    mails = [one.text for one in post.mails(address(COORDINATOR))]
    told = [[one.id for one in [*found, late, after] if f"Matter {one.id}:" in text] for text in mails]
    assert told == [[*(one.id for one in found), late.id], [after.id]]


def two_alerts(scene: TeamScene, people: int = 1) -> list[Matter]:
    """Answer sheets that each meet two rules of the tier `alert`: despair, and worse than at the start."""
    found = [scene.enrol() for _ in range(people)]
    scene.move_to(scene.occasions(found[0], "week_2")[0].opens_at)
    for person in found:
        (occasion,) = scene.occasions(person, "week_2")
        scene.submit(person, occasion.id, {"feeling_1": "3", "feeling_2": "3", "feeling_3": "3", "after_worse": "no"})
    with scene.work(scene.actor(OWNER), write=False) as work:
        return sorted(stored.listed(work, scene.id, MatterKind.ALERT), key=lambda one: one.id)


def test_two_alerts_of_one_answer_sheet_are_one_call_that_names_both(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY, DEPUTY)
    first, second = two_alerts(scene)
    assert make_calls(scene, post) == [address(SAFETY)]
    (mail,) = post.mails(address(SAFETY))
    assert f"Matter {first.id}:" in mail.text and f"Matter {second.id}:" in mail.text
    assert acts(scene, first) == acts(scene, second) == [MatterAct.OPENED, MatterAct.CALLED]
    with scene.work(scene.actor(SAFETY)) as work:
        matters.move(work, first.id, MatterAct.ACKNOWLEDGED)
    scene.move(seconds=WITHIN.total_seconds())
    make_calls(scene, post)
    (mail,) = post.mails(address(DEPUTY))
    assert f"Matter {first.id}:" not in mail.text and f"Matter {second.id}:" in mail.text


def test_a_mail_of_two_whose_first_was_taken_up_on_the_way_still_leaves(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    first, second = two_alerts(scene)

    def taken() -> None:
        with scene.work(scene.actor(OWNER)) as work:
            if stored.by_id(work, first.id).state is MatterState.OPEN:
                matters.move(work, first.id, MatterAct.ACKNOWLEDGED)

    call_due(scene.store.open_work, post.sender(Meanwhile(post.mailer(), before_data=taken)))
    assert len(post.mails(address(SAFETY))) == 1
    with scene.work(write=False) as work:
        states = [calls.of_matter(work, one.id)[0].state for one in (first, second)]
    assert states == [CallState.ACCEPTED] * 2


def test_many_workers_at_the_same_moment_send_one_mail_about_what_is_due_together(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    found = two_alerts(scene, people=4)
    assert len(found) == 8
    senders = [post.sender() for _ in range(4)]
    at_once(lambda number: call_due(scene.store.open_work, senders[number]), range(4))
    (mail,) = post.mails(address(SAFETY))
    assert all(f"Matter {one.id}:" in mail.text for one in found)


@ON_POSTGRESQL
def test_two_claims_that_do_not_wait_for_each_other_share_what_is_due_together(scene: TeamScene) -> None:
    """The naive way, which sends two mails: each worker takes what the other does not hold at that moment."""
    two_alerts(scene)
    with scene.work() as first, scene.work() as second:
        times = {"now": first.now, "machine_now": first.machine_now, "new_lease": first.machine_now + calls.LEASE}
        one = first.rows.execute(calls._CLAIM, times | {"most": 1, "new_owner": "one"}).all()
        other = second.rows.execute(calls._CLAIM, times | {"most": 50, "new_owner": "other"}).all()
    assert (len(one), len(other)) == (1, 1)


def hasty_claim(scene: TeamScene) -> None:
    with scene.work() as work:
        work.rows.execute(text("set local lock_timeout = '50ms'"))
        calls.claim(work, owner="other", limit=50)


@ON_POSTGRESQL
def test_a_claim_waits_for_the_one_before_it(scene: TeamScene) -> None:
    two_alerts(scene)
    with scene.work() as first:
        assert len(calls.claim(first, owner="one", limit=50)) == 2
        with pytest.raises(Unavailable, match="lock timeout"):
            hasty_claim(scene)
