"""A mail server that refuses us burns no list of due mails, marks no address, and is told once to who can mend it."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.mail.hostile import hostile_server
from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import OPERATOR, Scene
from tests.services.team import COORDINATOR, OWNER, STATISTICIAN, TeamScene, address
from tests.services.test_delivery import wait_is_over
from tests.services.test_replies import Tray, report
from tests.storage.stores import ON_POSTGRESQL, ON_SQLITE, content
from trial.core.access import SYSTEM
from trial.core.delivery import ContactState
from trial.core.troubles import IN_A_ROW, Kind
from trial.services import delivery_status, sending_alarm, troubles
from trial.services.calling import call_due
from trial.services.delivery import BATCH, run_once
from trial.services.replies import receive
from trial.storage import troubles as stored
from trial.storage.work import Store, Work
from workers.timetable import send_due

S = ContactState
POLICY = "550 5.7.26 mail from trial.example is not authenticated"
SUBJECT = "A mail server refuses mails of the study"
MANY = BATCH + 5


@pytest.fixture
def scene(store: Store) -> TeamScene:
    return TeamScene(store)


@pytest.fixture
def due(scene: TeamScene) -> TeamScene:
    """Codes for many people are due."""
    for number in range(MANY):
        scene.to_code(f"p{number}@mailbox.example")
    return scene


@pytest.fixture
def few(scene: TeamScene) -> TeamScene:
    """Codes for as many people are due as a server must refuse before the account pauses."""
    for number in range(IN_A_ROW):
        scene.to_code(f"p{number}@mailbox.example")
    return scene


def pause_is_over(scene: Scene, hours: int = 1) -> None:
    """As if the machine's clock had gone on."""
    postgresql = scene.store.engine.dialect.name == "postgresql"
    for column in ("since", "last_at", "paused_until", "told_at"):
        earlier = f"{column} - interval '{hours} hours'" if postgresql else f"datetime({column}, '-{hours} hours')"
        with scene.store.engine.begin() as rows:
            rows.execute(text(f"update send_trouble set {column} = {earlier} where {column} is not null"))


def states(scene: Scene) -> dict[tuple[str, str | None], int]:
    found: dict[tuple[str, str | None], int] = {}
    for one in scene.contacts():
        found[one.state.value, one.reason] = found.get((one.state.value, one.reason), 0) + 1
    return found


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "content"])
def test_a_refusal_by_policy_marks_no_address_and_the_mail_waits_long(scene: TeamScene, post: Post, step: str) -> None:
    person, _ = scene.to_code("her@mailbox.example")
    with hostile_server({step: POLICY}) as server:
        post.deliver(scene, post.mailer(server.url))
    (mail,) = scene.contacts(person)
    assert (mail.state, mail.reason) == (S.RETRY, "refused_by_policy")
    assert scene.person(person).bounced_at is None
    assert content(scene.store)["matter"] == []
    with scene.work(write=False) as work:
        (row,) = content(scene.store)["delivery"]
        minutes = (row["retry_from"].replace(tzinfo=work.machine_now.tzinfo) - work.machine_now).total_seconds() / 60
    assert 25 < minutes <= 30
    wait_is_over(scene)
    post.deliver(scene)
    assert scene.contacts(person)[0].state is S.ACCEPTED


def test_a_burst_pauses_the_account_and_the_rest_of_the_list_is_not_run_into_it(due: TeamScene, post: Post) -> None:
    with hostile_server({"RCPT": POLICY}) as server:
        for _ in range(10):
            send_due(due.store.open_work, post.sender(post.mailer(server.url)))
        assert server.seen.count("RCPT") == IN_A_ROW
    assert states(due) == {
        ("retry", "refused_by_policy"): IN_A_ROW,
        ("retry", "account_paused"): BATCH - IN_A_ROW,  # what that batch had in hand
        ("planned", None): MANY - BATCH,
    }
    with due.work(SYSTEM, write=False) as work:
        assert stored.any_paused(work)
    assert delivery_status.lateness(due.store.open_work)[0].paused


@ON_SQLITE
def test_without_the_pause_every_mail_of_the_list_would_have_been_refused(
    due: TeamScene, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The naive control of the test above."""
    monkeypatch.setattr(troubles.rules, "IN_A_ROW", 10**6)
    with hostile_server({"RCPT": POLICY}) as server:
        send_due(due.store.open_work, post.sender(post.mailer(server.url)))
        assert server.seen.count("RCPT") == MANY


def test_after_a_pause_one_mail_is_tried_and_when_it_is_taken_all_go_on(due: TeamScene, post: Post) -> None:
    with hostile_server({"RCPT": POLICY}) as server:
        mailer = post.mailer(server.url)
        send_due(due.store.open_work, post.sender(mailer))
        pause_is_over(due)
        for _ in range(3):
            send_due(due.store.open_work, post.sender(mailer))
        assert server.seen.count("RCPT") == IN_A_ROW + 1
    pause_is_over(due)
    wait_is_over(due)
    assert run_once(due.store.open_work, post.sender()) == 1
    send_due(due.store.open_work, post.sender())
    assert states(due) == {("accepted", None): MANY}


@ON_SQLITE
def test_an_account_that_is_not_let_in_is_tried_once_and_not_once_a_mail(due: TeamScene, post: Post) -> None:
    with hostile_server({"greeting": "554 5.7.1 not from there"}) as server:
        mailer = post.mailer(server.url)
        for _ in range(3):
            send_due(due.store.open_work, post.sender(mailer))
    with due.work(SYSTEM, write=False) as work:
        found = stored.of_account(work, "")
    assert found is not None
    assert (found.kind, found.refused) == (Kind.ACCOUNT, 1)
    assert states(due) == {("retry", "account_paused"): BATCH, ("planned", None): MANY - BATCH}


@ON_SQLITE
def test_another_account_goes_on(due: TeamScene, post: Post) -> None:
    with hostile_server({"RCPT": POLICY}) as server:
        send_due(due.store.open_work, post.sender(post.mailer(server.url)))
    assert send_due(due.store.open_work, replace(post.sender(), account="other@relay.example")) == MANY - BATCH


@ON_SQLITE
def test_a_mail_that_is_put_off_or_has_a_dead_address_pauses_nothing(due: TeamScene, post: Post) -> None:
    post.refuse(*(f"p{number}@mailbox.example 451 4.7.1 greylisted" for number in range(10)))
    post.refuse(*(f"p{number}@mailbox.example" for number in range(10, 20)))
    assert send_due(due.store.open_work, post.sender()) == MANY
    assert content(due.store)["send_trouble"] == []


def test_a_mail_that_is_refused_until_it_is_of_no_use_is_not_sent_any_more(scene: TeamScene, post: Post) -> None:
    person, _ = scene.to_code("her@mailbox.example")
    post.refuse(f"her@mailbox.example {POLICY}")
    post.deliver(scene)
    (mail,) = scene.contacts(person)
    scene.move_to(mail.not_after)
    scene.move(seconds=1)
    wait_is_over(scene)
    post.accept_all()
    post.deliver(scene)
    assert (scene.contacts(person)[0].state, post.mails("her@mailbox.example")) == (S.SKIPPED_LATE, [])


# --- who is told ----------------------------------------------------------------------------------------------------


def told(scene: Scene, post: Post) -> list[str]:
    """Who was told by now; the team's mail server takes what the participants' refuses."""
    sending_alarm.look(scene.store.open_work)
    while call_due(scene.store.open_work, post.sender()):
        pass
    return [one.envelope_to for one in post.mails() if one.subject == SUBJECT]


BOTH = [address(OWNER), address(COORDINATOR)]
HOSTILE = "550 5.7.1 [click](http://evil.example) <b>her@mailbox.example</b> [[links]] {{ link }} refused"


def refuse_once(scene: Scene, post: Post, said: str = POLICY) -> None:
    with hostile_server({"RCPT": said}) as server:
        post.deliver(scene, post.mailer(server.url))


def test_owner_and_coordinator_are_told_once_for_a_burst_and_anew_when_it_begins_anew(
    few: TeamScene, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    assert told(few, post) == []
    refuse_once(few, post)
    with caplog.at_level(logging.ERROR):
        assert told(few, post) == BOTH
    assert "5.7.26" in caplog.text and "mailbox.example" not in caplog.text
    for _ in range(3):
        pause_is_over(few)
        refuse_once(few, post)
        assert told(few, post) == BOTH
    pause_is_over(few, hours=25)
    wait_is_over(few)
    refuse_once(few, post)
    assert told(few, post) == BOTH * 2  # it has gone on for a day
    pause_is_over(few)
    wait_is_over(few)
    post.deliver(few)  # it has ended
    post.deliver(few)
    pause_is_over(few, hours=7)
    few.to_code("late@mailbox.example")
    assert told(few, post) == BOTH * 2
    refuse_once(few, post)
    assert told(few, post) == BOTH * 3


@ON_SQLITE
def test_the_mail_says_what_the_server_said_as_text_and_what_to_do(few: TeamScene, post: Post) -> None:
    refuse_once(few, post, HOSTILE)
    told(few, post)
    mail = next(one for one in post.mails() if one.subject == SUBJECT)
    assert "equipoise mail doctor" in mail.text and "5.7.1 [click](http://evil.example)" in mail.text
    assert "her@mailbox.example" not in mail.text + mail.html
    assert "<b>" not in mail.html and 'href="http://evil.example' not in mail.html
    assert mail.text.count("http://127.0.0.1:8766/") == 1


@ON_SQLITE
def test_status_and_desk_show_it_until_it_is_over_and_the_words_to_who_explains_mails(
    few: TeamScene, post: Post
) -> None:
    refuse_once(few, post)

    def shown(by: object) -> list[troubles.Standing]:
        with few.work(by, write=False) as work:
            return list(delivery_status.sending_of(work, few.slug).troubles)

    (one,) = shown(OPERATOR)
    assert (one.said, one.refused, one.kind) == (POLICY, IN_A_ROW, Kind.POLICY)
    assert one.paused_for is not None and "not at fault" in one.mend
    (blinded,) = shown(few.actor(STATISTICIAN))
    assert (blinded.said, blinded.refused) == ("", 0)
    (office,) = shown(few.actor(COORDINATOR))
    assert (office.said, office.refused) == (POLICY, 0)
    pause_is_over(few)
    wait_is_over(few)
    post.deliver(few)
    assert len(shown(OPERATOR)) == 1
    pause_is_over(few, hours=7)
    assert shown(OPERATOR) == []


# --- what comes back later ------------------------------------------------------------------------------------------


def test_a_report_of_a_refusal_by_policy_is_told_marks_nobody_and_pauses_nothing(scene: TeamScene, post: Post) -> None:
    people = [scene.to_code(f"p{number}@mailbox.example")[0] for number in range(IN_A_ROW + 1)]
    post.deliver(scene)
    raw = [
        report(one.headers["message-id"], "5.7.1").replace(b"<b@mail", f"<{number}@mail".encode())
        for number, one in enumerate(post.mails())
    ]
    letters = Tray({str(number): one for number, one in enumerate(raw)})
    assert receive(scene.store.open_work, letters, "study@trial.example") == len(people)
    assert states(scene) == {("failed", "refused_by_policy"): len(people)}
    assert not any(scene.person(one).bounced_at for one in people)
    with scene.work(SYSTEM, write=False) as work:
        assert not stored.any_paused(work)
    assert told(scene, post) == BOTH
    scene.to_code("next@mailbox.example")
    assert post.deliver(scene) == 1


# --- mails to the team ----------------------------------------------------------------------------------------------


@ON_SQLITE
def test_an_account_that_is_shut_out_is_tried_by_one_call_and_not_by_all_of_them(scene: TeamScene, post: Post) -> None:
    scene.to_code("her@mailbox.example")
    refuse_once(scene, post)
    assert sending_alarm.look(scene.store.open_work) == len(BOTH)
    with hostile_server({"greeting": "554 5.7.1 not from there"}) as server:
        assert call_due(scene.store.open_work, post.sender(post.mailer(server.url))) == len(BOTH)
        assert server.connections == 1
    assert {row["state"] for row in content(scene.store)["call"]} == {"retry"}


@ON_SQLITE
def test_an_alarm_that_is_refused_by_policy_itself_waits_and_is_dropped_when_it_is_over(
    scene: TeamScene, post: Post
) -> None:
    scene.to_code("her@mailbox.example")
    post.refuse(f"her@mailbox.example {POLICY}", *(f"{one} {POLICY}" for one in BOTH))
    post.deliver(scene)
    assert told(scene, post) == []
    assert {row["state"] for row in content(scene.store)["call"]} == {"retry"}
    post.accept_all()
    wait_is_over(scene)
    post.deliver(scene)
    pause_is_over(scene, hours=7)
    with scene.store.engine.begin() as rows:
        rows.exec_driver_sql("update call set retry_from = datetime(retry_from, '-1 day')")
    assert told(scene, post) == []
    assert {row["state"] for row in content(scene.store)["call"]} == {"cancelled"}


# --- several workers ------------------------------------------------------------------------------------------------


def begun_at_once(scene: TeamScene) -> list[int]:
    """How many mails each of four workers may take, which look at the same moment, after a pause."""

    def begin(_: int) -> int:
        with scene.store.open_work(SYSTEM) as work:
            return troubles.begin(work, "", 20).may

    return at_once(begin, range(4))


def after_a_pause(few: TeamScene, post: Post) -> None:
    refuse_once(few, post)
    pause_is_over(few)


def test_of_several_workers_that_look_at_the_same_moment_one_tries_one_mail(few: TeamScene, post: Post) -> None:
    after_a_pause(few, post)
    assert sorted(begun_at_once(few)) == [0, 0, 0, 1]


@ON_POSTGRESQL
def test_workers_that_look_without_a_lock_would_all_try(
    few: TeamScene, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The naive control of the test above."""
    after_a_pause(few, post)
    read, all_have_read = stored.of_account, threading.Barrier(4)

    def without_a_lock(work: Work, account: str, *, lock: bool = False) -> stored.Trouble | None:
        found = read(work, account)
        if lock:
            all_have_read.wait(20)
        return found

    monkeypatch.setattr(stored, "of_account", without_a_lock)
    assert begun_at_once(few) == [1, 1, 1, 1]
