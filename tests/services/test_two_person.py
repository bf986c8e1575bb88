"""Acts of two people: who asks cannot decide, what is approved is done once, and doing it alone leaves its mark."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.core.protocols import FOLDER
from tests.services.at_once import at_once
from tests.services.scene import MOODS, Scene
from trial.core.access import Actor, Role, member_actor
from trial.core.errors import NotAllowed, Refused
from trial.core.events import Event
from trial.core.trial import TrialKind, TrialState
from trial.core.two_person import ActKind, Decision
from trial.protocol_files import ProtocolFolder, read_files
from trial.services import answers, backups, freeze, trials, two_person
from trial.storage import allocations, events, restored
from trial.storage.work import Store

K = ActKind
WHY = "The person is in hospital, and the doctor asks."


def member(scene: Scene, number: int, *roles: Role) -> Actor:
    return member_actor(number, frozenset(roles), scene.id)


def owner(scene: Scene) -> Actor:
    return member(scene, 1, Role.OWNER)


def custodian(scene: Scene) -> Actor:
    return member(scene, 2, Role.CUSTODIAN)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def declared(*solo: str) -> ProtocolFolder:
    text = FOLDER.files["protocol.yaml"]
    monitoring = f"\nmonitoring: {{stopping: {{en: Nothing.}}, solo: [{', '.join(solo)}]}}\n"
    return read_files({**FOLDER.files, "protocol.yaml": text.rstrip() + monitoring})


def ask(scene: Scene, kind: ActKind, by: Actor, *, code: str | None = None) -> int:
    with scene.work(by) as work:
        return two_person.ask(work, scene.slug, kind, WHY, code=code).id


def close(scene: Scene) -> None:
    with scene.work(owner(scene)) as work:
        trials.close(work, scene.slug)


def happened(scene: Scene, what: Event) -> int:
    return scene.events().count(what.value)


# -- telling an arm --------------------------------------------------------------------------------------------------


def test_an_arm_is_told_to_who_asked_after_somebody_else_approved(scene: Scene) -> None:
    person = scene.enrol()
    act = ask(scene, K.UNBLINDING, owner(scene), code=scene.person(person).code)
    with scene.work(owner(scene)) as work, pytest.raises(NotAllowed, match="a day after the approval"):
        two_person.arm_of(work, act)
    with scene.work(custodian(scene)) as work:
        assert two_person.decide(work, act, approve=True).decision is Decision.APPROVED
    with scene.work(custodian(scene)) as work, pytest.raises(NotAllowed):
        two_person.arm_of(work, act)  # who approves stays blind
    with scene.work(owner(scene)) as work:
        assert two_person.arm_of(work, act) == allocations.arm_of(work, person)
    assert happened(scene, Event.UNBLINDED) == 1
    scene.move(hours=25)
    with scene.work(owner(scene)) as work, pytest.raises(NotAllowed):
        two_person.arm_of(work, act)


def test_who_asked_cannot_decide_even_with_both_roles(scene: Scene) -> None:
    both = member(scene, 1, Role.OWNER, Role.CUSTODIAN)
    act = ask(scene, K.UNBLINDING, both, code=scene.person(scene.enrol()).code)
    with scene.work(both) as work, pytest.raises(NotAllowed, match="second person"):
        two_person.decide(work, act, approve=True)


def test_a_refused_request_tells_nothing(scene: Scene) -> None:
    act = ask(scene, K.UNBLINDING, owner(scene), code=scene.person(scene.enrol()).code)
    with scene.work(custodian(scene)) as work:
        two_person.decide(work, act, approve=False)
    with scene.work(owner(scene)) as work, pytest.raises(NotAllowed):
        two_person.arm_of(work, act)
    with scene.work(custodian(scene)) as work, pytest.raises(Refused, match="decided already"):
        two_person.decide(work, act, approve=True)
    assert (happened(scene, Event.UNBLINDING_REFUSED), happened(scene, Event.UNBLINDED)) == (1, 0)


def test_alone_only_where_the_protocol_declares_it_and_then_it_says_so(store: Store) -> None:
    scene = Scene(store, folder=declared("unblinding"))
    person = scene.enrol()
    act = ask(scene, K.UNBLINDING, owner(scene), code=scene.person(person).code)
    with scene.work(member(scene, 3, Role.SAFETY_CONTACT)) as work, pytest.raises(NotAllowed, match="Only who asked"):
        two_person.do_alone(work, act)
    with scene.work(owner(scene)) as work:
        assert two_person.do_alone(work, act).solo
        assert two_person.arm_of(work, act) == allocations.arm_of(work, person)
    with scene.work(write=False) as work:
        told = [one for one in events.of_trial(work, scene.id) if one.event is Event.UNBLINDED]
    assert [one.detail["solo"] for one in told] == [1]


@pytest.mark.parametrize("solo", [(), ("lock", "release")])
def test_what_the_protocol_does_not_declare_takes_two(store: Store, solo: tuple[str, ...]) -> None:
    scene = Scene(store, folder=declared(*solo))
    act = ask(scene, K.UNBLINDING, owner(scene), code=scene.person(scene.enrol()).code)
    with scene.work(owner(scene)) as work, pytest.raises(Refused, match=r"monitoring\.solo"):
        two_person.do_alone(work, act)


@pytest.mark.parametrize("code", ["NOBODY", "", None])
def test_a_request_is_about_somebody_who_was_randomised(scene: Scene, code: str | None) -> None:
    with scene.work(owner(scene)) as work, pytest.raises(Refused, match="Nobody was randomised under this study code"):
        two_person.ask(work, scene.slug, K.UNBLINDING, WHY, code=code)


def test_who_consented_and_was_not_randomised_has_no_arm_to_tell(scene: Scene) -> None:
    code = scene.person(scene.to_baseline()[0]).code
    with scene.work(owner(scene)) as work, pytest.raises(Refused, match="Nobody was randomised"):
        two_person.ask(work, scene.slug, K.UNBLINDING, WHY, code=code)


def test_a_request_needs_a_reason_and_stands_once(scene: Scene) -> None:
    code = scene.person(scene.enrol()).code
    with scene.work(owner(scene)) as work, pytest.raises(Refused, match="Say why"):
        two_person.ask(work, scene.slug, K.UNBLINDING, "  ", code=code)
    ask(scene, K.UNBLINDING, owner(scene), code=code)
    with scene.work(owner(scene)) as work, pytest.raises(Refused, match="asked for already"):
        two_person.ask(work, scene.slug, K.UNBLINDING, WHY, code=code)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.STATISTICIAN, Role.CUSTODIAN, Role.UNBLINDED_STATISTICIAN])
def test_only_some_roles_may_ask_for_an_arm(scene: Scene, role: Role) -> None:
    code = scene.person(scene.enrol()).code
    with scene.work(member(scene, 5, role)) as work, pytest.raises(NotAllowed):
        two_person.ask(work, scene.slug, K.UNBLINDING, WHY, code=code)


# -- locking ---------------------------------------------------------------------------------------------------------


def test_locked_data_take_no_answer_until_two_people_unlock_them(scene: Scene) -> None:
    person = scene.enrol()
    occasion = scene.occasions(person, "week_2")[0]
    close(scene)
    scene.move_to(occasion.opens_at)
    act = ask(scene, K.LOCK, owner(scene))
    with scene.work(custodian(scene)) as work:
        two_person.decide(work, act, approve=True)
    assert scene.trial.state is TrialState.LOCKED
    assert scene.submit(person, occasion.id, MOODS[0]).state == "closed"
    back = ask(scene, K.UNLOCK, owner(scene))
    with scene.work(custodian(scene)) as work:
        two_person.decide(work, back, approve=True)
    assert scene.trial.state is TrialState.CLOSED
    with scene.work(write=False) as work:
        assert answers.show(work, person, occasion.id).is_open(work.now)
    assert (happened(scene, Event.LOCKED), happened(scene, Event.UNLOCKED)) == (1, 1)


def test_what_is_not_closed_cannot_be_locked_nor_what_is_not_locked_unlocked(scene: Scene) -> None:
    for kind in (K.LOCK, K.UNLOCK, K.RELEASE):
        with scene.work(owner(scene)) as work, pytest.raises(Refused):
            two_person.ask(work, scene.slug, kind, WHY)


def test_a_frozen_trial_can_be_unlocked_and_frozen_again(scene: Scene) -> None:
    scene.enrol()
    close(scene)
    with scene.work(Actor("operator:test", Role.OPERATOR)) as work:
        first = freeze.freeze(work, scene.slug)
    act = ask(scene, K.UNLOCK, owner(scene))
    with scene.work(custodian(scene)) as work:
        two_person.decide(work, act, approve=True)
    assert scene.trial.state is TrialState.CLOSED
    with scene.work(Actor("operator:test", Role.OPERATOR)) as work:
        again = freeze.freeze(work, scene.slug)
    assert again["dataset.csv"] == first["dataset.csv"]
    assert json.loads(first["freeze.json"])["acts"] == []
    assert json.loads(again["freeze.json"])["acts"] == [{"act": "unlock", "done": 1, "solo": 0}]
    assert happened(scene, Event.DATASET_FROZEN) == 2


# -- after a panic stop ----------------------------------------------------------------------------------------------


def test_a_stopped_trial_sends_again_once_a_second_person_said_so(scene: Scene) -> None:
    with scene.work(owner(scene)) as work:
        trials.pause(work, scene.slug)
    act = ask(scene, K.RELEASE, member(scene, 3, Role.COORDINATOR))
    assert scene.trial.state is TrialState.PAUSED
    with scene.work(owner(scene)) as work:
        two_person.decide(work, act, approve=True)
    assert scene.trial.state is TrialState.OPEN
    assert happened(scene, Event.RELEASED) == happened(scene, Event.TRIAL_RESUMED) == 1


@pytest.mark.parametrize(
    ("kind", "state"), [(TrialKind.REHEARSAL, TrialState.OPEN), (TrialKind.LIVE, TrialState.PAUSED)]
)
@pytest.mark.parametrize("by", [owner, lambda _: Actor("operator:test", Role.OPERATOR)], ids=["owner", "operator"])
def test_one_person_s_word_ends_the_stop_of_a_rehearsal_and_not_of_a_live_trial(
    store: Store, kind: TrialKind, state: TrialState, by: Callable[[Scene], Actor]
) -> None:
    scene = Scene(store, kind=kind)
    with scene.work(by(scene)) as work:
        trials.pause(work, scene.slug)
    with suppress(Refused), scene.work(by(scene)) as work:
        trials.resume(work, scene.slug)
    assert scene.trial.state is state


def test_what_a_restore_holds_is_released_by_two_in_a_live_trial(store: Store) -> None:
    scene = Scene(store, kind=TrialKind.LIVE)
    with scene.work(owner(scene)) as work, pytest.raises(Refused, match="Nothing of evenings is held"):
        two_person.ask(work, scene.slug, K.RESTORED, WHY)
    scene.to_baseline()
    with scene.work() as work:
        restored.hold(work)
        count = restored.count(work, scene.id)
    assert count
    for by in (owner(scene), Actor("operator:test", Role.OPERATOR)):
        with scene.work(by) as work, pytest.raises(Refused, match="takes two people"):
            backups.release(work, scene.slug)
    act = ask(scene, K.RESTORED, member(scene, 3, Role.COORDINATOR))
    with scene.work(custodian(scene)) as work:
        two_person.decide(work, act, approve=True)
        assert restored.count(work, scene.id) == 0
    with scene.work(write=False) as work:
        told = [one.detail for one in events.of_trial(work, scene.id) if one.event is Event.RELEASED]
    assert told == [{"act": act, "released": count, "reason": "restored"}]


def test_a_team_of_one_that_declared_it_releases_alone_and_the_record_says_so(store: Store) -> None:
    scene = Scene(store, kind=TrialKind.LIVE, folder=declared("release"))
    scene.to_baseline()
    with scene.work() as work:
        restored.hold(work)
    with scene.work(owner(scene)) as work:
        trials.pause(work, scene.slug)
    for kind in (K.RELEASE, K.RESTORED):
        act = ask(scene, kind, owner(scene))
        with scene.work(owner(scene)) as work:
            assert two_person.do_alone(work, act).solo
    assert scene.trial.state is TrialState.OPEN
    with scene.work(write=False) as work:
        told = [one.detail["solo"] for one in events.of_trial(work, scene.id) if one.event is Event.RELEASED]
    assert told == [1, 1]


def test_twenty_approvals_at_once_release_once(scene: Scene) -> None:
    with scene.work(owner(scene)) as work:
        trials.pause(work, scene.slug)
    act = ask(scene, K.RELEASE, member(scene, 3, Role.COORDINATOR))

    def approve(number: int) -> str:
        try:
            with scene.work(member(scene, 100 + number, Role.OWNER)) as work:
                two_person.decide(work, act, approve=True)
            return "released"
        except Refused as refused:
            return type(refused).__name__

    assert sorted(at_once(approve, range(20))) == ["Refused"] * 19 + ["released"]
    assert happened(scene, Event.RELEASED) == 1


def test_the_list_shows_a_role_only_what_it_may_ask_or_decide(scene: Scene) -> None:
    code = scene.person(scene.enrol()).code
    ask(scene, K.UNBLINDING, owner(scene), code=code)
    with scene.work(owner(scene)) as work:
        trials.pause(work, scene.slug)
    ask(scene, K.RELEASE, owner(scene))
    seen = {}
    for role in (Role.OWNER, Role.COORDINATOR, Role.CUSTODIAN, Role.UNBLINDED_STATISTICIAN):
        with scene.work(member(scene, 7, role)) as work:
            seen[role] = {one.kind for one in two_person.listed(work, scene.slug)}
    assert seen == {
        Role.OWNER: {K.UNBLINDING, K.RELEASE},
        Role.COORDINATOR: {K.RELEASE},
        Role.CUSTODIAN: {K.UNBLINDING, K.RELEASE},
        Role.UNBLINDED_STATISTICIAN: {K.UNBLINDING},
    }
    with scene.work(member(scene, 8, Role.STATISTICIAN)) as work, pytest.raises(NotAllowed):
        two_person.listed(work, scene.slug)
