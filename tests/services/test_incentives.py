"""Incentives: earned once by sending in, one code each, sent once, kept on withdrawal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from tests.core.protocols import FOLDER
from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import MOODS, Scene
from trial.core.access import SYSTEM, Actor, Role, member_actor
from trial.core.delivery import ContactState
from trial.core.errors import BadInput, NotAllowed, Refused
from trial.core.events import Event
from trial.core.participant import StopLevel
from trial.protocol_files import read_files
from trial.services import incentives, service_mails
from trial.storage import participants
from trial.storage.tables_desk import earning, voucher
from trial.storage.work import Store

HER = "her@mailbox.example"
GIVES = "incentives:\n  - {id: thanks, earned_at: week_2, what: {en: A voucher}}\n"
SUBJECT = "A thank-you for you"


@pytest.fixture
def scene(store: Store) -> Scene:
    text = FOLDER.files["protocol.yaml"].rstrip() + "\n" + GIVES
    return Scene(store, folder=read_files({**FOLDER.files, "protocol.yaml": text}))


def coordinator(scene: Scene) -> Actor:
    return member_actor(2, frozenset({Role.COORDINATOR}), scene.id)


def bring(scene: Scene, *codes: str) -> tuple[int, int]:
    with scene.work(coordinator(scene)) as work:
        return incentives.upload(work, scene.slug, "thanks", codes)


def answer_week_2(scene: Scene, person: int) -> None:
    occasion = scene.occasions(person, "week_2")[0]
    if scene.now < occasion.opens_at:
        scene.move_to(occasion.opens_at)
    assert scene.submit(person, occasion.id, {**MOODS[0], "after_worse": "no"}).state == "kept"


def earners(scene: Scene, *addresses: str) -> list[int]:
    people = [scene.enrol(one) for one in addresses]
    for one in people:
        answer_week_2(scene, one)
    return people


def figures(scene: Scene) -> tuple[int, int, int, int]:
    with scene.work(coordinator(scene)) as work:
        (one,) = incentives.ledger(work, scene.slug).stock
    return one.waiting, one.given, one.refused, one.codes


def give(scene: Scene) -> int:
    return incentives.give_due(scene.store.open_work)


def thanks(scene: Scene, post: Post, address: str = HER) -> int:
    give(scene)
    post.deliver(scene)
    return post.subjects(address).count(SUBJECT)


def test_what_is_earned_waits_for_a_code_which_comes_by_mail_once(scene: Scene, post: Post) -> None:
    earners(scene, HER)
    assert figures(scene) == (1, 0, 0, 0)
    assert thanks(scene, post) == 0
    assert bring(scene, "AB-12*_34", "CD-56") == (2, 0)
    assert thanks(scene, post) == 1
    mail = post.mails(HER)[-1]
    assert "AB-12*_34" in mail.text, "the code is said as it is, no mark in it becomes Markdown"
    assert figures(scene) == (0, 1, 0, 1)
    scene.move(days=3)
    assert thanks(scene, post) == 1


def test_only_a_questionnaire_of_its_timepoint_earns_it(scene: Scene) -> None:
    person = scene.enrol(HER)
    assert figures(scene)[0] == 0
    evening = scene.occasions(person)[0]
    scene.move_to(evening.opens_at)
    scene.submit(person, evening.id, {"writing": "some words"})
    assert figures(scene)[0] == 0
    answer_week_2(scene, person)
    assert figures(scene)[0] == 1
    assert scene.events(person).count(Event.INCENTIVE_EARNED.value) == 1


def test_who_stops_everything_keeps_what_was_earned(scene: Scene, post: Post) -> None:
    (person,) = earners(scene, HER)
    scene.stop(person, StopLevel.EVERYTHING)
    bring(scene, "AB-12")
    assert thanks(scene, post) == 1


def test_an_address_that_bounces_keeps_its_code_for_later(scene: Scene, post: Post) -> None:
    (person,) = earners(scene, HER)
    bring(scene, "AB-12")
    with scene.work(SYSTEM) as work:
        participants.mark_bounced(work, person)
    assert give(scene) == 0
    assert figures(scene) == (1, 0, 0, 1)


def test_codes_are_kept_once_and_sealed(scene: Scene) -> None:
    assert bring(scene, "AB-12", " AB-12 ", "", "CD-34") == (2, 1)
    assert bring(scene, "CD-34", "EF-56") == (1, 1)
    with scene.work() as work:
        kept = [bytes(one) for one in work.rows.execute(select(voucher.c.sealed)).scalars()]
    assert len(kept) == 3 and not any(b"AB-12" in one for one in kept)


@pytest.mark.parametrize(
    ("codes", "said"),
    [([], "no code"), ([" "], "no code"), (["x" * 101], "longer than 100"), (["ok", "bad\x07"], "cannot be printed")],
)
def test_a_list_with_a_mistake_is_refused_whole(scene: Scene, codes: Sequence[str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        bring(scene, *codes)
    assert figures(scene)[3] == 0


def test_codes_for_something_else_are_refused(scene: Scene) -> None:
    with scene.work(coordinator(scene)) as work, pytest.raises(Refused, match="what these codes are for"):
        incentives.upload(work, scene.slug, "another", ["AB-12"])


def test_a_refusal_has_a_reason_and_gives_no_code(scene: Scene, post: Post) -> None:
    earners(scene, HER)
    bring(scene, "AB-12")
    with scene.work(coordinator(scene)) as work:
        _, earned = incentives.ledger(work, scene.slug).earnings[0]
        with pytest.raises(Refused, match="Say why"):
            incentives.refuse(work, earned.id, " ")
        assert incentives.refuse(work, earned.id, "The same person came twice.").state == "refused"
        with pytest.raises(Refused, match="refused already"):
            incentives.refuse(work, earned.id, "Again.")
    assert thanks(scene, post) == 0
    assert figures(scene) == (0, 0, 1, 1)


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.SAFETY_CONTACT, Role.CUSTODIAN, Role.UNBLINDED_STATISTICIAN])
def test_only_the_office_sees_and_gives_incentives(scene: Scene, role: Role) -> None:
    with scene.work(member_actor(5, frozenset({role}), scene.id)) as work:
        with pytest.raises(NotAllowed):
            incentives.ledger(work, scene.slug)
        with pytest.raises(NotAllowed):
            incentives.upload(work, scene.slug, "thanks", ["AB-12"])


def test_workers_at_once_give_each_code_to_one_person(scene: Scene) -> None:
    people = earners(scene, *(f"p{number}@mailbox.example" for number in range(6)))
    bring(scene, *(f"CODE-{number}" for number in range(6)))
    assert sum(at_once(lambda _: give(scene), range(4))) == len(people)
    with scene.work() as work:
        given = list(work.rows.execute(select(earning.c.voucher_id)).scalars())
    assert None not in given and len(set(given)) == len(people)


def test_a_naive_hand_gives_a_code_twice(scene: Scene) -> None:
    """The control: who looks for a free code in one transaction and takes it in another gives some of them twice."""
    people = earners(scene, *(f"p{number}@mailbox.example" for number in range(4)))
    bring(scene, *(f"CODE-{number}" for number in range(4)))

    def naive(person: int) -> int:
        with scene.work(SYSTEM, write=False) as work:
            free = work.rows.execute(select(voucher.c.id).where(voucher.c.given_at.is_(None)).limit(1)).scalar_one()
        return int(free)

    looked = at_once(naive, people)
    with scene.work(SYSTEM) as work:
        for person, free in zip(people, looked, strict=True):
            mine = update(voucher).where(voucher.c.id == free)
            work.rows.execute(mine.values(participant_id=person, given_at=work.now))
    assert Counter(looked).most_common(1)[0][1] > 1


def test_a_mail_about_a_code_that_is_not_there_fails_by_itself(scene: Scene, post: Post) -> None:
    (person,) = earners(scene, HER)
    with scene.work(SYSTEM) as work:
        service_mails.send(work, participants.by_id(work, person), "voucher", occurrence=999)
        service_mails.send(work, participants.by_id(work, person), "new_link")
    post.deliver(scene)
    assert post.subjects(HER).count(SUBJECT) == 0
    assert [one.state for one in scene.contacts(person, "own:voucher")] == [ContactState.FAILED]
    assert [one.state for one in scene.contacts(person, "own:new_link")] == [ContactState.ACCEPTED]
