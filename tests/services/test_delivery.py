"""Sending: what is due goes out once, what is not wanted any more does not, and what went wrong is told apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.core.protocols import rewritten
from tests.mail.hostile import hostile_server
from tests.servers.process import free_port
from tests.services.post import LINK, Meanwhile, Post
from tests.services.scene import OPERATOR, Scene
from tests.services.test_fencing import leases_lapse
from tests.storage.stores import content, run
from trial.core.delivery import Contact, ContactState
from trial.services import links, trials
from trial.services.delivery import run_once
from trial.storage import claims
from trial.storage.work import Store

S = ContactState
HER = "her@mailbox.example"
# the evening's mail is of use until nine, an hour before the night
UNTIL_NINE = rewritten(("{id: evening, stream: exercises, latest: 4", "{id: evening, stream: exercises, latest: 2"))
EVENING, STILL = "Your writing for this evening", "Your writing still waits"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    """Somebody randomised, on the first evening at seven; her code came two days ago."""
    person = scene.enrol(HER)
    post.deliver(scene)
    scene.move_to(scene.occasions(person)[0].opens_at)
    return person


def the(scene: Scene, person: int, message: str = "evening") -> Contact:
    return scene.contacts(person, message)[0]


def row(scene: Scene, contact: Contact) -> Any:
    return next(one for one in content(scene.store)["delivery"] if one["id"] == contact.id)


def test_a_mail_leaves_when_it_is_due_and_not_before(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    post.deliver(scene)
    opens = scene.occasions(person)[0].opens_at
    scene.move_to(opens - timedelta(microseconds=1))
    assert post.deliver(scene) == 0
    scene.move_to(opens)
    assert post.deliver(scene) == 1
    assert post.subjects(HER)[1:] == [EVENING]


def test_an_accepted_mail_is_on_record_with_the_servers_answer(scene: Scene, post: Post, her: int) -> None:
    post.deliver(scene)
    kept = row(scene, the(scene, her))
    assert (kept["state"], kept["attempt"], kept["reason"]) == ("accepted", 1, None)
    assert kept["reply"].startswith("250 2.0.0")
    assert kept["ended_at"] == scene.now


def test_the_link_in_the_mail_leads_to_the_evening_it_announces(scene: Scene, post: Post, her: int) -> None:
    post.deliver(scene)
    mail = post.mails(HER)[-1]
    tokens = set(LINK.findall(mail.text))
    assert len(tokens) == 1
    with scene.work(write=False) as work:
        target = links.follow(work, tokens.pop())
    assert (target.participant_id, target.occasion_id) == (her, scene.occasions(her)[0].id)
    assert "Rehearsal" in mail.text
    assert mail.headers["list-id"] == "<exercises.trial.example>"


def test_a_mail_is_dated_and_its_window_told_in_the_persons_own_time(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER, zone="Pacific/Auckland")
    post.deliver(scene)
    scene.move_to(scene.occasions(person)[0].opens_at)
    post.deliver(scene)
    mail = post.mails(HER)[-1]
    assert mail.date == scene.now
    # opened on Tuesday the 5th at 19:00, for 20 hours
    assert "Wednesday 6 March, 15:00" in mail.text


def test_once_the_answer_is_in_no_reminder_follows(scene: Scene, post: Post, her: int) -> None:
    post.deliver(scene)
    evening = scene.occasions(her)[0]
    assert scene.submit(her, evening.id, {"writing": "done"}).state == "kept"
    scene.move(hours=2)
    post.deliver(scene)
    assert STILL not in post.subjects(HER)
    reminder = the(scene, her, "evening_reminder")
    assert (reminder.state, reminder.reason) == (S.SUPPRESSED, "already_answered")


def test_an_answer_between_claim_and_data_still_stops_the_reminder(scene: Scene, post: Post, her: int) -> None:
    post.deliver(scene)
    scene.move(hours=2)
    evening = scene.occasions(her)[0]
    answer = Meanwhile(post.mailer(), before_data=lambda: scene.submit(her, evening.id, {"writing": "done"}))
    post.deliver(scene, answer)
    assert [one.kind for one in answer.replies] == ["withdrawn"]
    assert STILL not in post.subjects(HER)


def test_without_an_answer_the_reminder_comes(scene: Scene, post: Post, her: int) -> None:
    post.deliver(scene)
    scene.move(hours=2)
    post.deliver(scene)
    assert post.subjects(HER)[1:] == [EVENING, STILL]


def pause(scene: Scene) -> None:
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)


def resume(scene: Scene) -> None:
    with scene.work(OPERATOR) as work:
        trials.resume(work, scene.slug)


def test_a_paused_trial_holds_its_mails_and_sends_them_when_it_goes_on(scene: Scene, post: Post, her: int) -> None:
    pause(scene)
    post.deliver(scene)
    assert the(scene, her).state is S.HELD
    assert len(post.mails(HER)) == 1
    scene.move(hours=1)
    resume(scene)
    assert (the(scene, her).state, the(scene, her).reason) == (S.DUE, None)
    post.deliver(scene)
    assert post.subjects(HER)[1:] == [EVENING]


def test_a_pause_between_claim_and_data_holds_the_mail_in_hand(scene: Scene, post: Post, her: int) -> None:
    post.deliver(scene, Meanwhile(post.mailer(), before_data=lambda: pause(scene)))
    assert the(scene, her).state is S.HELD
    assert len(post.mails(HER)) == 1


def test_a_pause_in_one_trial_holds_nothing_of_another(scene: Scene, post: Post, her: int) -> None:
    other = Scene(scene.store, slug="other-trial")
    pause(scene)
    other.to_code("other@mailbox.example")
    post.deliver(scene)
    assert len(post.mails("other@mailbox.example")) == 1


def test_a_long_pause_ends_without_a_heap_of_stale_mails(scene: Scene, post: Post, her: int) -> None:
    pause(scene)
    scene.move(days=2)
    post.deliver(scene)
    resume(scene)
    post.deliver(scene)
    # days 1 and 2 are over; the third evening, due at this very hour, is sent
    assert post.subjects(HER)[1:] == [EVENING]
    assert {one.state for one in scene.contacts(her, "evening")} == {S.SUPPRESSED, S.ACCEPTED}


def test_a_mail_past_its_latest_useful_time_is_skipped_and_says_so(scene: Scene, post: Post, her: int) -> None:
    scene.move(hours=4, seconds=1)
    post.deliver(scene)
    evening = the(scene, her)
    assert (evening.state, evening.reason) == (S.SKIPPED_LATE, "past_latest_useful_time")
    assert len(post.mails(HER)) == 1


def test_a_mail_at_its_latest_useful_time_is_sent(store: Store, post: Post) -> None:
    scene = Scene(
        store,
        folder=rewritten(("id: evening, stream: exercises, latest: 4", "id: evening, stream: exercises, latest: 2")),
    )
    her = scene.enrol(HER)
    post.deliver(scene)
    scene.move_to(scene.occasions(her)[0].opens_at + timedelta(hours=2))
    post.deliver(scene)
    assert the(scene, her).state is S.ACCEPTED


def test_a_mail_whose_window_is_over_is_not_sent(scene: Scene, post: Post, her: int) -> None:
    scene.move(hours=20)
    post.deliver(scene)
    assert (the(scene, her).state, the(scene, her).reason) == (S.SUPPRESSED, "window_closed")


# --- what servers say ------------------------------------------------------------------------------------------


def test_a_postponed_mail_waits_by_the_machines_clock_and_then_goes_out(scene: Scene, post: Post, her: int) -> None:
    post.refuse(f"{HER} 451 4.2.0 try later")
    assert post.deliver(scene) == 1
    evening = the(scene, her)
    assert (evening.state, evening.reason, evening.attempt) == (S.RETRY, "deferred", 1)
    with scene.work(write=False) as work:
        wait = row(scene, evening)["retry_from"] - work.machine_now
    assert timedelta(seconds=30) < wait <= timedelta(minutes=1)
    post.accept_all()
    # an hour of the trial's time is not a minute of the machine's
    scene.move(hours=1)
    assert post.deliver(scene) == 0
    wait_is_over(scene)
    assert post.deliver(scene) == 1
    assert the(scene, her).state is S.ACCEPTED
    assert post.subjects(HER)[1:] == [EVENING]


def wait_is_over(scene: Scene) -> None:
    """As if the machine's clock had gone on to the end of every pause."""
    passed = {"sqlite": "datetime(retry_from, '-1 day')", "postgresql": "retry_from - interval '1 day'"}
    run(
        scene.store, f"update delivery set retry_from = {passed[scene.store.engine.dialect.name]} where state = 'retry'"
    )


def test_each_further_pause_is_longer_and_the_last_useful_time_ends_them(scene: Scene, post: Post, her: int) -> None:
    post.refuse(f"{HER} 451 4.2.0 try later")
    waits = []
    for _ in range(4):
        post.deliver(scene)
        with scene.work(write=False) as work:
            waits.append((row(scene, the(scene, her))["retry_from"] - work.machine_now).total_seconds() / 60)
        wait_is_over(scene)
    assert [round(one) for one in waits] == [1, 5, 15, 60]
    scene.move(hours=4, seconds=1)
    post.deliver(scene)
    assert (the(scene, her).state, the(scene, her).attempt) == (S.SKIPPED_LATE, 5)


def test_workers_that_die_before_the_server_is_asked_lengthen_no_pause(scene: Scene, post: Post, her: int) -> None:
    """The pauses count how often the server put the mail off, whoever took it before."""
    for dies in ("first", "second"):
        with scene.work() as work:
            assert [one.participant_id for one in claims.claim(work, owner=dies, limit=5)] == [her]
        leases_lapse(scene)
        with scene.work() as work:
            claims.release_lapsed(work, "another")
    post.refuse(f"{HER} 451 4.2.0 try later")
    waits = []
    for _ in range(2):
        post.deliver(scene)
        with scene.work(write=False) as work:
            waits.append((row(scene, the(scene, her))["retry_from"] - work.machine_now).total_seconds() / 60)
        wait_is_over(scene)
    assert [round(one) for one in waits] == [1, 5]
    assert (the(scene, her).attempt, the(scene, her).deferrals) == (4, 2)


def test_a_later_attempt_is_the_same_mail_with_the_same_message_id(scene: Scene, post: Post, her: int) -> None:
    """So that whoever got it twice after all sees one mail."""
    ids = []
    for answer in ("451 4.3.0 later", "250 2.0.0 fine"):
        with hostile_server({"content": answer}) as server:
            post.deliver(scene, post.mailer(server.url))
            ids += [line for mail in server.mails for line in mail.splitlines() if line.startswith(b"Message-ID:")]
        wait_is_over(scene)
    assert len(ids) == 2
    assert ids[0] == ids[1]
    assert (the(scene, her).state, the(scene, her).attempt) == (S.ACCEPTED, 2)


def test_an_address_that_does_not_exist_is_marked_and_not_written_to_again(scene: Scene, post: Post, her: int) -> None:
    post.refuse(HER)
    post.deliver(scene)
    evening = the(scene, her)
    assert (evening.state, evening.reason) == (S.BOUNCED, "address_refused")
    assert scene.person(her).bounced_at == scene.now
    post.accept_all()
    scene.move(hours=2)
    post.deliver(scene)
    reminder = the(scene, her, "evening_reminder")
    assert (reminder.state, reminder.reason) == (S.SUPPRESSED, "address_bounced")
    assert len(post.mails(HER)) == 1
    assert scene.events(her).count("address_bounced") == 1


def test_a_mail_that_is_not_wanted_is_no_dead_address(scene: Scene, post: Post, her: int) -> None:
    post.refuse(f"{HER} 554 5.6.0 no")
    post.deliver(scene)
    assert (the(scene, her).state, the(scene, her).reason) == (S.FAILED, "refused")
    assert scene.person(her).bounced_at is None
    post.accept_all()
    scene.move(hours=2)
    post.deliver(scene)
    assert post.subjects(HER)[1:] == [STILL]


def test_a_server_that_is_away_postpones_everything_and_loses_nothing(scene: Scene, post: Post, her: int) -> None:
    scene.to_code("other@mailbox.example")
    post.deliver(scene, post.mailer(f"smtp://127.0.0.1:{free_port()}"))
    assert {one.state for one in scene.contacts() if one.due_at <= scene.now and one.state is not S.ACCEPTED} == {
        S.RETRY
    }
    wait_is_over(scene)
    post.deliver(scene)
    assert len(post.mails(HER)) == 2
    assert len(post.mails("other@mailbox.example")) == 1


def test_a_mail_that_cannot_be_written_fails_alone(store: Store, post: Post) -> None:
    """A researcher's slip that no check foresaw: the code's mail has no window to tell of."""
    slip = rewritten(("{{ code }}", "{{ code }} until {{ closes }}"), file="messages/code.en.md")
    broken, sound = Scene(store, folder=slip), Scene(store, slug="sound-trial")
    broken.to_code(HER)
    sound.to_code("other@mailbox.example")
    post.deliver(sound)
    (failed,) = broken.contacts()
    assert (failed.state, failed.reason) == (S.FAILED, "cannot_be_composed")
    assert post.mails(HER) == []
    assert len(post.mails("other@mailbox.example")) == 1


def test_a_batch_is_no_larger_than_asked_for(scene: Scene, post: Post) -> None:
    for _ in range(7):
        scene.to_code()
    sender = post.sender()
    assert [run_once(scene.store.open_work, sender, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert len(post.mails()) == 7


def test_mails_leave_in_the_order_in_which_they_fell_due(scene: Scene, post: Post) -> None:
    for minute in range(5):
        scene.to_code(f"person-{minute}@mailbox.example")
        scene.move(minutes=1)
    post.deliver(scene)
    assert [one.envelope_to for one in post.mails()] == [f"person-{minute}@mailbox.example" for minute in range(5)]
