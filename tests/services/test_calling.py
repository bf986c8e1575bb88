"""An alert calls the person on duty at once, then the next and the next, until somebody has it; a downtime of worker
or mail server delays it and loses nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from tests.servers.process import free_port
from tests.services.at_once import at_once
from tests.services.post import Meanwhile, Post
from tests.services.scene import OPERATOR, Scene
from tests.services.team import DEPUTY, DESPAIR, OWNER, SAFETY, WITHIN, TeamScene, address
from tests.services.watched import watched
from trial.core.matters import Matter, MatterAct, MatterState
from trial.services import matters, roster
from trial.services.calling import call_due
from trial.storage import calls
from trial.storage.calls import CallState
from trial.storage.tables import member
from trial.storage.tables_desk import call
from trial.storage.work import Store

A, S = MatterAct, CallState
EVERYONE = [address(one) for one in (SAFETY, DEPUTY, OWNER)]


@pytest.fixture
def scene(store: Store) -> TeamScene:
    return TeamScene(store)


def make_calls(scene: Scene, post: Post) -> list[str]:
    """Let the worker call; whom the mails reached by now."""
    call_due(scene.store.open_work, post.sender())
    return called(post)


def called(post: Post) -> list[str]:
    return [one.envelope_to for one in post.mails() if one.envelope_to.endswith("@team.example")]


def acknowledge(scene: TeamScene, matter: Matter, number: int = SAFETY) -> None:
    with scene.work(scene.actor(number)) as work:
        matters.move(work, matter.id, A.ACKNOWLEDGED)


def acts(scene: TeamScene, matter: Matter) -> list[MatterAct]:
    with scene.work(scene.actor(OWNER), write=False) as work:
        return [one.act for one in matters.one(work, matter.id)[1]]


def rows(scene: Scene, matter: Matter) -> list[calls.Call]:
    with scene.work(write=False) as work:
        return calls.of_matter(work, matter.id)


def patience_is_over(scene: Scene) -> None:
    """The pause before the next try has passed."""
    with scene.work() as work:
        work.rows.execute(update(call).values(retry_from=None))


def test_an_alert_opens_a_matter_with_a_clock_and_calls_who_is_on_duty_at_once(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY, DEPUTY)
    matter = scene.alert()
    assert matter.urgent and matter.state is MatterState.OPEN and matter.act_by == scene.now + WITHIN
    assert make_calls(scene, post) == [address(SAFETY)]
    assert acts(scene, matter) == [A.OPENED, A.CALLED]
    assert make_calls(scene, post) == [address(SAFETY)]


def test_who_is_not_heard_of_in_time_is_followed_by_the_next_and_then_by_the_owner_and_round(
    scene: TeamScene, post: Post
) -> None:
    scene.on_duty(SAFETY, DEPUTY)
    matter, reached = scene.alert(), []
    for _ in range(5):
        reached.append(make_calls(scene, post)[-1])
        before = len(called(post))
        scene.move(seconds=WITHIN.total_seconds() - 1)
        assert len(make_calls(scene, post)) == before
        scene.move(seconds=1)
    assert reached == [*EVERYONE, *EVERYONE[:2]]
    assert acts(scene, matter) == [A.OPENED, A.CALLED, *[A.ESCALATED] * 4]


def test_once_somebody_has_it_nobody_else_is_called(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY, DEPUTY)
    matter = scene.alert()
    make_calls(scene, post)
    acknowledge(scene, matter)
    scene.move(days=30)
    assert make_calls(scene, post) == [address(SAFETY)]
    assert [one.state for one in rows(scene, matter)] == [S.ACCEPTED, S.CANCELLED]


def test_with_nobody_on_duty_the_owner_is_called(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY, until=scene.now + timedelta(hours=1))
    scene.move(hours=1)
    scene.alert()
    assert make_calls(scene, post) == [address(OWNER)]


def test_whom_a_call_goes_to_is_decided_when_it_is_made(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    scene.alert()
    with scene.work(scene.actor(OWNER)) as work:
        (line,) = roster.shown(work, scene.slug).lines
        roster.end(work, scene.slug, line.duty.id)
        roster.add(work, scene.slug, DEPUTY, 1, from_at=None, until_at=None)
    assert make_calls(scene, post) == [address(DEPUTY)]


def test_an_alert_calls_nobody_where_nobody_can_be_reached_and_goes_on_trying(scene: TeamScene, post: Post) -> None:
    with scene.work() as work:
        work.rows.execute(update(member).values(address=None))
    matter = scene.alert()
    assert make_calls(scene, post) == []
    first = rows(scene, matter)[0]
    assert (first.state, first.reply) == (S.CANCELLED, "nobody_to_call")
    with scene.work() as work:
        work.rows.execute(update(member).where(member.c.id == OWNER).values(address=address(OWNER)))
    scene.move(seconds=WITHIN.total_seconds())
    assert make_calls(scene, post) == [address(OWNER)]


def test_the_mail_holds_the_name_of_the_trial_and_a_link_and_nothing_about_anybody(
    scene: TeamScene, post: Post
) -> None:
    scene.on_duty(SAFETY)
    matter = scene.alert()
    make_calls(scene, post)
    (mail,) = post.mails(address(SAFETY))
    assert f"http://127.0.0.1:8766/{scene.slug}/matters/{matter.id}" in mail.text
    person = matter.participant_id
    assert person is not None
    for word in (scene.person(person).code, "despair", "feeling", "alert", "mailbox.example", "letter"):
        assert word not in mail.text.lower() and word not in mail.subject.lower(), word
    assert "Test trial" in mail.text


@pytest.mark.parametrize("away", [timedelta(0), WITHIN / 2, 2.5 * WITHIN, 40.5 * WITHIN])
def test_when_the_worker_comes_back_each_is_called_once_at_once_and_then_on_time(
    scene: TeamScene, post: Post, away: timedelta
) -> None:
    scene.on_duty(SAFETY, DEPUTY)
    opened = scene.now
    scene.alert()
    scene.move(seconds=away.total_seconds())
    late = min(int(away / WITHIN), 2)
    assert make_calls(scene, post) == EVERYONE[: late + 1]
    scene.move_to(opened + (int(away / WITHIN) + 1) * WITHIN - timedelta(seconds=1))
    assert len(make_calls(scene, post)) == late + 1
    scene.move(seconds=1)
    assert len(make_calls(scene, post)) == late + 2


def test_when_the_mail_server_comes_back_each_is_called_once_at_once(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY, DEPUTY)
    matter = scene.alert()
    away = post.sender(post.mailer(f"smtp://127.0.0.1:{free_port()}"))
    for _ in range(5):  # two rounds are missed in part
        call_due(scene.store.open_work, away)
        patience_is_over(scene)
        scene.move(seconds=WITHIN.total_seconds())
    assert called(post) == []
    patience_is_over(scene)
    assert sorted(make_calls(scene, post)) == sorted(EVERYONE)
    states = [one.state for one in rows(scene, matter)]
    assert states.count(S.ACCEPTED) == 3 and states[-1] is S.PLANNED
    assert acts(scene, matter).count(A.ESCALATED) + acts(scene, matter).count(A.CALLED) == 3


def test_whom_the_mail_server_refuses_does_not_cost_the_promised_time(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY, DEPUTY)
    post.refuse(address(SAFETY))
    matter = scene.alert()
    assert make_calls(scene, post) == [address(DEPUTY)]
    assert [one.state for one in rows(scene, matter)] == [S.FAILED, S.ACCEPTED, S.PLANNED]


def test_where_nobody_is_reached_by_mail_there_is_one_round_and_then_the_clock(scene: TeamScene, post: Post) -> None:
    post.refuse(address(OWNER))
    matter = scene.alert()
    assert make_calls(scene, post) == []
    assert [one.state for one in rows(scene, matter)] == [S.FAILED, S.PLANNED]


def test_somebody_acknowledges_while_the_mail_is_on_its_way(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    matter = scene.alert()
    between = Meanwhile(post.mailer(), before_data=lambda: acknowledge(scene, matter, OWNER))
    call_due(scene.store.open_work, post.sender(between))
    assert called(post) == []
    assert rows(scene, matter)[0].state is S.CANCELLED


def test_a_worker_that_vanished_with_a_call_in_its_hands_is_followed_by_another(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    matter = scene.alert()

    def dies() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_due(scene.store.open_work, post.sender(Meanwhile(post.mailer(), before_data=dies)))
    assert rows(scene, matter)[0].state is S.CLAIMED
    assert make_calls(scene, post) == []
    with scene.work() as work:
        work.rows.execute(update(call).values(lease_until=work.machine_now - timedelta(seconds=1)))
    assert make_calls(scene, post) == [address(SAFETY)]


def test_many_workers_at_the_same_moment_make_each_call_once(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    found = [scene.alert() for _ in range(6)]
    senders = [post.sender() for _ in range(4)]
    at_once(lambda number: call_due(scene.store.open_work, senders[number]), range(4))
    told = [one.id for one in found for mail in post.mails(address(SAFETY)) if f"Matter {one.id}:" in mail.text]
    assert told == [one.id for one in found]
    assert called(post) == [address(SAFETY)], "and what is due together is one mail"


def test_with_nothing_to_call_about_a_look_takes_one_statement_and_writes_nothing(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    scene.alert()
    make_calls(scene, post)
    said: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        said.append(statement)

    event.listen(scene.store.engine, "before_cursor_execute", note)
    try:
        assert call_due(scene.store.open_work, post.sender()) == 0
    finally:
        event.remove(scene.store.engine, "before_cursor_execute", note)
    asked = [one for one in said if "clock" not in one and one.upper() != "BEGIN"]
    assert len(asked) == 1 and asked[0].upper().startswith("SELECT")


def test_pretend_people_call_nobody(store: Store, post: Post) -> None:
    rehearsal = Scene(store, folder=watched())
    person, occasion = rehearsal.to_baseline()
    rehearsal.submit(person, occasion, DESPAIR)
    with rehearsal.work(OPERATOR, write=False) as work:
        assert not calls.any_due(work)
    assert call_due(store.open_work, post.sender()) == 0


def test_the_same_answers_sent_again_open_nothing_more(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    person, occasion = scene.to_baseline()
    for _ in range(3):
        scene.submit(person, occasion, DESPAIR, submission="the same")
    assert make_calls(scene, post) == [address(SAFETY)]
