"""Mails in our own words: they go whatever the trial does, say nothing of it, and an old address is soon forgotten."""

from __future__ import annotations

import pytest

from tests.core.protocols import FOLDER
from tests.services.post import Post
from tests.services.scene import OPERATOR, Scene
from tests.storage.stores import content
from trial.core.delivery import ContactState
from trial.core.participant import StopLevel
from trial.pages.service_mail import OWN_MAILS, OwnMail, own_message
from trial.services import service_mails, trials
from trial.storage import participants, wishes
from trial.storage.work import Store

HER = "her@mailbox.example"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    person = scene.enrol(HER)
    post.deliver(scene)
    return person


def send(scene: Scene, person: int, name: OwnMail, to: str | None = None) -> None:
    with scene.work() as work:
        whom = participants.by_id(work, person)
        dated = name in ("withdrawal", "erasure", "address_changed")
        wish = wishes.add(work, whom, "withdraw_data", work.now) if dated else None
        service_mails.send(work, whom, name, occurrence=wish.id if wish else None, to=to)


# two tell how it ended: who stopped everything reads that on a page (test_ending.py); an answer and an explanation
# have words of their own (test_replies.py, test_payees.py), a voucher a code (test_incentives.py)
_ELSEWHERE = ("study_over", "results", "answer", "explained", "voucher")


@pytest.mark.parametrize("name", [one for one in OWN_MAILS if one not in _ELSEWHERE])
def test_each_of_our_mails_is_sent_to_somebody_who_stopped_everything_in_a_paused_trial(
    scene: Scene, post: Post, her: int, name: OwnMail
) -> None:
    scene.stop(her, StopLevel.EVERYTHING)
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    send(scene, her, name, HER if own_message(name) in service_mails.TO_ANOTHER else None)
    post.deliver(scene)
    mail = post.mails(HER)[-1]
    told = [FOLDER.protocol.title["en"], *(arm.label["en"] for arm in FOLDER.protocol.arms)]
    assert len(post.mails(HER)) == 2
    assert not [one for one in told if one.lower() in f"{mail.subject} {mail.text} {mail.headers['from']}".lower()]
    assert FOLDER.protocol.administrative.contact_email in mail.text


def test_a_mail_to_another_address_goes_there_and_the_address_is_then_forgotten(
    scene: Scene, post: Post, her: int
) -> None:
    send(scene, her, "address_changed", "before@mailbox.example")
    assert [row["kind"] for row in content(scene.store)["words"] if row["kind"] == "address"] == ["address"]
    post.deliver(scene)
    assert post.subjects("before@mailbox.example") == ["Your address was changed"]
    assert len(post.mails(HER)) == 1
    assert not [row for row in content(scene.store)["words"] if row["kind"] == "address"]


def test_one_of_our_mails_that_could_not_leave_for_a_week_is_not_sent_later(scene: Scene, post: Post, her: int) -> None:
    send(scene, her, "new_link")
    scene.move(days=8)
    post.deliver(scene)
    assert scene.contacts(her, "own:new_link")[0].state is ContactState.SKIPPED_LATE
