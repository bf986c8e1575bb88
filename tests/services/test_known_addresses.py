"""An address that is known and one that is not: the same answer, and the same work behind it.

Steps are counted, not seconds: each is one statement to the database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from tests.services.scene import Scene
from trial.core.participant import StopLevel
from trial.storage import events, participants, trials, vault
from trial.storage.work import Store, Work

# so few statements are lost in the time that any page takes
NEAR = 3


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def steps(scene: Scene, act: Callable[[], object]) -> int:
    """How many statements an act sends to the database."""
    sent: list[str] = []

    def see(*args: Any) -> None:
        sent.append(args[2])

    event.listen(scene.store.engine, "before_cursor_execute", see)
    try:
        act()
    finally:
        event.remove(scene.store.engine, "before_cursor_execute", see)
    return len(sent)


def address_of(scene: Scene, person: int) -> str:
    with scene.work(write=False) as work:
        return vault.address_of(work, person)


def everybody(scene: Scene) -> dict[str, str]:
    """One address of each kind: unknown, on the way, taking part, stopped, declined."""
    kinds = {"unknown": scene.new_address()}
    kinds["not confirmed"] = address_of(scene, scene.to_code()[1])
    kinds["consenting"] = address_of(scene, scene.to_consent())
    kinds["taking part"] = address_of(scene, scene.enrol())
    stopped = scene.enrol()
    scene.stop(stopped, StopLevel.EVERYTHING)
    kinds["stopped"] = address_of(scene, stopped)
    return kinds


def test_every_address_costs_the_same_work(scene: Scene) -> None:
    found = {}
    for kind, address in everybody(scene).items():
        screening = scene.eligible()
        found[kind] = steps(scene, lambda screening=screening, address=address: scene.give(screening, address))
    assert max(found.values()) - min(found.values()) <= NEAR, found


def test_the_count_above_tells_a_plain_look_up_apart(scene: Scene) -> None:
    """The naive way, which looks first and makes a person only where there is none."""

    def naive(work: Work, screening: int, address: str) -> None:
        known = vault.find(work, scene.id, address)
        if known is None:
            person = participants.add(
                work, scene.id, protocol_id=trials.by_id(work, scene.id).protocol_id, language="en",
                zone="Europe/Berlin", source="", code_expires_at=work.now,
            )  # fmt: skip
            vault.keep_identity(work, scene.id, person.id, address)
            known = person.id
        participants.link_screening(work, screening, known)

    def give(address: str) -> None:
        with scene.work() as work:
            naive(work, screening, address)

    screening, known = scene.eligible(), address_of(scene, scene.enrol())
    assert steps(scene, lambda: give(scene.new_address())) - steps(scene, lambda: give(known)) > NEAR


def test_what_is_done_for_show_leaves_nothing_behind(scene: Scene) -> None:
    person = scene.enrol()
    address, before = address_of(scene, person), scene.person(person)
    mails = scene.contacts()
    for _ in range(3):
        assert scene.give(scene.eligible(), address) is None
    with scene.work(write=False) as work:
        assert len(participants.of_trial(work, scene.id)) == 1
        known = [one for one in events.of_trial(work, scene.id) if one.event.value == "address_known"]
    assert scene.contacts() == mails
    assert scene.person(person) == before
    assert len(known) == 3


def test_the_next_person_gets_the_next_number(scene: Scene) -> None:
    first = scene.enrol()
    scene.give(scene.eligible(), address_of(scene, first))
    second = scene.enrol()
    assert (scene.person(first).number, scene.person(second).number) == (1, 2)


@pytest.mark.parametrize("spelling", ["ROBIN@Mailbox.Example", " robin@mailbox.example ", "ｒobin@mailbox.example"])
def test_one_mailbox_is_one_person_however_it_is_spelt(scene: Scene, spelling: str) -> None:
    scene.enrol("robin@mailbox.example")
    answer = scene.give(scene.eligible(), spelling)
    with scene.work(write=False) as work:
        assert len(participants.of_trial(work, scene.id)) == 1
    assert answer in (None, "bad_address")
