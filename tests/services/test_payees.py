"""What is sent in another way than by a code: paid once by whoever clicks, forgotten in time, never owed for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import select

from tests.core.protocols import FOLDER
from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import Scene
from tests.services.test_incentives import answer_week_2
from trial.core.access import SYSTEM, Actor, Role, member_actor, participant_actor
from trial.core.errors import NotAllowed, Refused
from trial.core.payee import clean, faults
from trial.protocol_files import read_files
from trial.services import incentives, payees, withdrawal
from trial.storage import incentives as ledger
from trial.storage import participants, vault
from trial.storage.tables_desk import earning
from trial.storage.work import Store

HER = "her@mailbox.example"
GIVES = """incentives:
  - {id: book, earned_at: week_2, what: {en: A book}, given_by: post, keep_payee: 7 days}
"""
WHERE = {"name": "Robin Example", "address": "1 Test Street\nTestville"}
DETAILS = {**WHERE}


@pytest.fixture
def scene(store: Store) -> Scene:
    text = FOLDER.files["protocol.yaml"].rstrip() + "\n" + GIVES
    return Scene(store, folder=read_files({**FOLDER.files, "protocol.yaml": text}))


def owner(scene: Scene) -> Actor:
    return member_actor(1, frozenset({Role.OWNER}), scene.id)


def earner(scene: Scene, address: str = HER, *, told: bool = True) -> tuple[int, int]:
    """(a person who earned it, the number of the earning)."""
    person = scene.enrol(address)
    answer_week_2(scene, person)
    if told:
        with scene.work(participant_actor(person)) as work:
            assert payees.tell(work, person, "post", WHERE) == {}
    with scene.work(SYSTEM, write=False) as work:
        (one,) = ledger.of_participant(work, person)
    return person, one.id


def kept(scene: Scene, person: int) -> dict[int, dict[str, str]]:
    with scene.work(SYSTEM, write=False) as work:
        return payees.details_of(work, participants.by_id(work, person))


def months(scene: Scene, post: Post, number: int) -> None:
    """So much time with a worker at work: mails leave, and what people asked for is carried out."""
    for _ in range(number):
        scene.move(days=30)
        post.deliver(scene)
        withdrawal.carry_out_due(scene.store.open_work)


def test_who_earned_it_is_asked_by_mail_where_to_send_it_once(scene: Scene, post: Post) -> None:
    earner(scene, told=False)
    post.deliver(scene)
    scene.move(days=1)
    post.deliver(scene)
    assert post.subjects(HER).count("A thank-you for you") == 1
    assert "tell us where to send it" in " ".join(post.mails(HER)[-1].text.split())


def test_clicks_at_once_pay_once(scene: Scene) -> None:
    person, number = earner(scene)

    def click(_: int) -> int:
        with suppress(Refused), scene.work(owner(scene)) as work:
            payees.paid(work, number)
            return 1
        return 0

    assert sum(at_once(click, range(4))) == 1
    assert scene.events(person).count("incentive_given") == 1


def test_naive_clicks_pay_again_and_again(scene: Scene) -> None:
    """The control: who looks in one transaction and pays in another pays as often as there are clicks."""
    person, number = earner(scene)

    def look(_: int) -> bool:
        with scene.work(SYSTEM, write=False) as work:
            return ledger.by_id(work, number).state == "earned"

    paid = 0
    for unpaid in at_once(look, range(4)):
        with scene.work(owner(scene)) as work:
            if unpaid:
                ledger.change(work, number, state="given", given_at=work.now)
                paid += 1
    assert paid == 4 and kept(scene, person)


def test_workers_at_once_forget_it_once_and_only_when_its_time_has_come(scene: Scene) -> None:
    person, number = earner(scene)
    with scene.work(owner(scene)) as work:
        payees.paid(work, number)
    scene.move(days=6)
    incentives.give_due(scene.store.open_work)
    assert kept(scene, person) == {number: DETAILS}
    scene.move(days=1)
    at_once(lambda _: incentives.give_due(scene.store.open_work), range(4))
    assert kept(scene, person) == {} and scene.events(person).count("payee_forgotten") == 1


def test_only_what_a_person_said_where_to_send_can_be_paid(scene: Scene) -> None:
    person, number = earner(scene, told=False)
    with scene.work(owner(scene)) as work, pytest.raises(Refused, match="nobody said where to"):
        payees.paid(work, number)
    with scene.work(owner(scene)) as work, pytest.raises(Refused, match="has not said where"):
        payees.open_one(work, number, "It is payday.")
    assert scene.events(person).count("payee_opened") == 0


def test_codes_cannot_be_brought_for_what_is_sent_by_post(scene: Scene) -> None:
    with scene.work(owner(scene)) as work, pytest.raises(Refused, match="what these codes are for"):
        incentives.upload(work, scene.slug, "book", ["AB-12"])


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.OWNER])
def test_nobody_but_an_owner_sees_or_sends(scene: Scene, role: Role) -> None:
    person, number = earner(scene)
    with scene.work(member_actor(5, frozenset({role}), scene.id)) as work:
        for act in (
            lambda: payees.open_one(work, number, "Why not."),
            lambda: payees.payment_list(work, scene.slug, "Why not."),
            lambda: payees.paid(work, number),
        ):
            with pytest.raises(NotAllowed):
                act()
    assert scene.events(person).count("payee_opened") == 0


def test_taking_answers_back_leaves_what_was_earned_and_erasing_waits_until_it_was_sent(
    scene: Scene, post: Post
) -> None:
    person, number = earner(scene)
    with scene.work(SYSTEM) as work:
        vault.destroy_answers(work, person)
        participants.change(work, person, data_withdrawn_at=work.now)
        withdrawal.ask(work, person, "erase", soon=False)
    months(scene, post, 5)
    assert kept(scene, person) == {number: DETAILS}, "what was earned is sent first"
    with scene.work(owner(scene)) as work:
        payees.paid(work, number)
    months(scene, post, 1)
    assert scene.person(person).erased_at is not None and kept(scene, person) == {}


def test_who_never_says_where_to_is_not_kept_from_being_erased(scene: Scene, post: Post) -> None:
    person, _ = earner(scene, told=False)
    with scene.work(SYSTEM) as work:
        withdrawal.ask(work, person, "erase", soon=False)
    months(scene, post, 5)
    assert scene.person(person).erased_at is not None


def test_the_list_of_the_desk_holds_numbers_and_states_alone(scene: Scene) -> None:
    person, number = earner(scene)
    with scene.work(owner(scene), write=False) as work:
        found = incentives.ledger(work, scene.slug)
    assert found.by_code == frozenset() and [one.id for _, one in found.earnings] == [number]
    assert "Testville" not in repr(found) and "Robin" not in repr(found)
    with scene.work(SYSTEM, write=False) as work:
        rows = repr(work.rows.execute(select(earning)).all())
    assert "Testville" not in rows and person


def spelled() -> Iterator[tuple[str, dict[str, str]]]:
    yield "GB82 WEST 1234 5698 7654 32", {}
    yield "gb82west12345698765432", {}
    yield "GB82 WEST 1234 5698 7654 23", {"account": "mistyped"}
    yield "0012345 / Test Bank", {}
    yield " ", {"account": "missing"}
    yield "1" * 61, {"account": "missing"}
    yield "12\x0734", {"account": "missing"}


@pytest.mark.parametrize(("account", "wrong"), list(spelled()))
def test_an_iban_with_a_slip_is_noticed_and_any_other_account_is_taken(account: str, wrong: dict[str, str]) -> None:
    assert faults(clean("transfer", {"name": "Robin Example", "account": account})) == wrong
