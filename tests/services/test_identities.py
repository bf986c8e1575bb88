"""Opening an identity: only for a reason, only one person, and it is on record without saying who the person is."""

from __future__ import annotations

import pytest

from tests.services.team import COORDINATOR, OWNER, SAFETY, STATISTICIAN, TeamScene
from tests.storage.stores import holding
from trial.core.access import Role, member_actor
from trial.core.errors import NotAllowed, NotFound, Refused
from trial.core.matters import MatterAct
from trial.services import identities, matters
from trial.storage import events
from trial.storage.work import Store


@pytest.fixture
def scene(store: Store) -> TeamScene:
    return TeamScene(store)


def test_who_may_sees_the_address_and_name_of_this_person_and_of_no_other(scene: TeamScene) -> None:
    scene.enrol("other@mailbox.example")
    matter = scene.alert()
    person = matter.participant_id
    assert person is not None
    with scene.work(scene.actor(SAFETY)) as work:
        found = identities.open_for_matter(work, matter.id, "She may be in danger: I write to her.")
    assert (found.code, found.name) == (scene.person(person).code, "R. Example")
    assert found.address.startswith("person") and found.address.endswith("@mailbox.example")
    with scene.work(scene.actor(SAFETY), write=False) as work:
        last = matters.one(work, matter.id)[1][-1]
        (event,) = [one for one in events.of_trial(work, scene.id) if one.event == "identity_opened"]
    assert (last.act, last.by) == (MatterAct.IDENTITY_OPENED, f"member:{SAFETY}")
    assert last.detail == {"words": "She may be in danger: I write to her."}
    assert (event.participant_id, event.by, event.detail) == (person, f"member:{SAFETY}", {"matter": matter.id})
    assert holding(scene.store, found.address) == []


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_nobody_opens_an_identity_without_a_reason(scene: TeamScene, reason: str) -> None:
    matter = scene.alert()
    with pytest.raises(Refused, match="why"), scene.work(scene.actor(SAFETY)) as work:
        identities.open_for_matter(work, matter.id, reason)
    assert "identity_opened" not in scene.events()


@pytest.mark.parametrize("number", [COORDINATOR, STATISTICIAN])
def test_other_roles_open_nobody(scene: TeamScene, number: int) -> None:
    matter = scene.alert()
    assert matter.participant_id is not None
    with scene.work(scene.actor(number)) as work:
        with pytest.raises(NotAllowed):
            identities.open_for_matter(work, matter.id, "I want to know.")
        with pytest.raises(NotAllowed):
            identities.open_for_person(work, matter.participant_id, "I want to know.")


def test_a_member_of_another_trial_opens_nobody(scene: TeamScene) -> None:
    matter = scene.alert()
    assert matter.participant_id is not None
    with scene.work(member_actor(OWNER, frozenset({Role.OWNER}), scene.id + 1)) as work:
        with pytest.raises(NotFound):
            identities.open_for_matter(work, matter.id, "I want to know.")
        with pytest.raises(NotFound):
            identities.open_for_person(work, matter.participant_id, "I want to know.")
