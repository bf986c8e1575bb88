"""`equipoise delivery …`: the hours around now and what became of each mail, and one person's mails in plain words."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.running import OPERATOR, evenings
from tests.mail.hostile import HANG_UP, hostile_server
from tests.services.post import Post, mailbox, post
from tests.services.test_clocks import EARLY_SUMMER, rules
from trial.cli.places import ready_store, settings_of
from trial.services.delivery import run_once
from trial.services.delivery_status import COLUMNS
from trial.storage import clock, deliveries, participants, passing_time
from trial.storage.work import Store

__all__ = ["mailbox", "post"]

HOME = "--home=home"


@pytest.fixture
def store(tmp_path: Path, post: Post) -> Store:
    """Three people in the middle of their week."""
    evenings(tmp_path / "home", post, people=3, days=3)
    return ready_store(settings_of(home=tmp_path / "home"))


def code(store: Store) -> str:
    with store.open_work(OPERATOR, write=False) as work:
        return participants.of_trial(work, 1)[0].code


def the_first_is_due(store: Store) -> None:
    with store.open_work(OPERATOR) as work:
        due = deliveries.next_due(work)
        assert due is not None
        clock.move(work, due)


def test_the_hours_are_told_by_message_and_nothing_is_late(store: Store, equipoise: Shell) -> None:
    done = equipoise("delivery", "status", "evenings", HOME)
    assert done.code == 0, done
    assert done.out.splitlines()[0].split() == ["hour", "(UTC)", "message", "sent"]
    assert "evening " in done.out and "Nothing is late; 0 being sent now." in done.out
    told = json.loads(equipoise("delivery", "status", "evenings", "--hours=72", "--json", HOME).out)
    sums = {name: sum(one["numbers"].get(name, 0) for one in told["lines"]) for name in ("planned", "sent", "due")}
    with store.open_work(OPERATOR, write=False) as work:
        ledger = [one for one in deliveries.of_trial(work, 1) if one.due_at <= work.now]
    assert sums["sent"] == sum(one.state.value == "accepted" for one in ledger) > 0
    assert sums["due"] == 0


def test_what_is_late_ends_with_1_and_says_since_when(store: Store, equipoise: Shell) -> None:
    with store.open_work(OPERATOR) as work:
        due = deliveries.next_due(work)
        assert due is not None
        clock.move(work, due + timedelta(hours=1, minutes=10))
    done = equipoise("delivery", "status", "evenings", HOME)
    assert done.code == 1
    assert "the oldest for 1 h 10 min" in done.out
    assert " due" in done.out.splitlines()[0]


def test_a_person_s_mails_are_told_in_words_with_the_server_s_answer_and_no_address(
    store: Store, equipoise: Shell, post: Post
) -> None:
    the_first_is_due(store)
    with hostile_server({"content": HANG_UP}) as server:
        mailer = post.mailer(server.url)
        mailer._timeout = 0.3
        run_once(store.open_work, post.sender(mailer), limit=1)
    person = code(store)
    done = equipoise("delivery", "explain", "evenings", person, HOME)
    assert done.code == 0, done
    assert done.out.startswith(f"{person}, Europe/Berlin")
    assert "The code that confirms the address" in done.out
    assert "the mail server said: 250" in done.out
    assert "mailbox.example" not in done.out and "@" not in done.out
    told = json.loads(equipoise("delivery", "explain", "evenings", person, "--json", HOME).out)
    assert [one["due_at"] for one in told["mails"]] == sorted(one["due_at"] for one in told["mails"])
    assert "nobody" in equipoise.refused(2, "delivery", "explain", "evenings", "EQ-NOBODY", HOME)


def test_of_a_mail_that_is_put_off_it_is_told_when_it_is_tried_again(
    store: Store, equipoise: Shell, post: Post
) -> None:
    the_first_is_due(store)
    post.refuse(*(f"person{number}@mailbox.example 451 4.2.0 try later" for number in range(3)))
    run_once(store.open_work, post.sender())
    person = code(store)
    said = equipoise("delivery", "explain", "evenings", person, HOME).out
    assert "waiting to be tried again, in 1 min\n  The other mail server asked to try again later.\n" in said
    with store.open_work(OPERATOR) as work:
        passing_time.end_waits(work)
    assert "tried again, in" not in equipoise("delivery", "explain", "evenings", person, HOME).out


def test_what_is_to_come_lies_at_its_hour_and_where_rules_changed_it_is_brought_there(
    store: Store, equipoise: Shell, tmp_path: Path
) -> None:
    done = equipoise("delivery", "retime", "evenings", HOME)
    assert done.code == 0, done
    assert done.out.startswith("Nothing moved")
    with store.open_work(OPERATOR, write=False) as work:
        before = [one.due_at for one in deliveries.of_trial(work, 1)]
    with rules(tmp_path, EARLY_SUMMER):
        said = equipoise("delivery", "retime", "evenings", HOME).out
    assert "of 3 people moved to their hour" in said
    with store.open_work(OPERATOR, write=False) as work:
        after = [one.due_at for one in deliveries.of_trial(work, 1)]
    assert after != before and len(after) == len(before)


def test_the_help_explains_each_word_of_the_table(equipoise: Shell) -> None:
    said = " ".join(equipoise("delivery", "status", "--help").out.split())
    for name in COLUMNS:
        assert f" {name}: " in said
