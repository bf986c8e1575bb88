"""A cut changes nothing but the record, says nothing of the arms to who is blinded, and takes its shuffle anew."""

from __future__ import annotations

import json

import pytest

from tests.services.scene import OPERATOR, Scene
from trial.core.access import Actor, Role, member_actor
from trial.core.cuts import CutKind
from trial.core.errors import NotAllowed, Refused
from trial.core.events import Event
from trial.core.trial import TrialState
from trial.services import cuts, freeze, looks, trials
from trial.storage import allocations, events
from trial.storage.work import Store

NONCE = b"n" * 16


def member(scene: Scene, role: Role) -> Actor:
    return member_actor(1, frozenset({role}), scene.id)


def take(scene: Scene, by: Actor, kind: CutKind = CutKind.POOLED, nonce: bytes = NONCE) -> cuts.Cut:
    with scene.work(by) as work:
        return cuts.take(work, scene.slug, kind, nonce)


@pytest.fixture
def scene(store: Store) -> Scene:
    made = Scene(store)
    made.enrol()
    made.enrol()
    return made


def test_a_cut_changes_nothing_but_the_record(scene: Scene) -> None:
    before, contacts = scene.trial, scene.contacts()
    first = take(scene, member(scene, Role.STATISTICIAN))
    second = take(scene, member(scene, Role.STATISTICIAN), nonce=b"m" * 16)
    assert scene.trial == before and scene.contacts() == contacts and before.state is TrialState.OPEN
    assert (first.number, second.number) == (1, 2)
    assert first.digest != second.digest, "the same rows: the salt is each cut's own"
    with scene.work(write=False) as work:
        told = [one.detail for one in events.of_trial(work, scene.id) if one.event is Event.CUT_TAKEN]
    assert [one["digest"] for one in told] == [first.digest, second.digest]
    assert json.loads(first.files["freeze.json"])["digest"] not in json.dumps([dict(one) for one in told])


def test_everybody_has_a_day_and_a_week(scene: Scene) -> None:
    scene.move(days=15)
    scene.enrol()
    taken = take(scene, member(scene, Role.OWNER))
    assert sorted(taken.days.values()) == [0, 15, 15] and taken.weeks == (2, 0, 1)
    assert taken.opened == scene.trial.opened_at.date()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SAFETY_CONTACT, Role.CUSTODIAN])
def test_only_some_roles_take_a_cut(scene: Scene, role: Role) -> None:
    with pytest.raises(NotAllowed):
        take(scene, member(scene, role))


@pytest.mark.parametrize("kind", [CutKind.CLOSED, CutKind.COMMITTEE])
@pytest.mark.parametrize("role", [Role.OWNER, Role.STATISTICIAN])
def test_who_is_blinded_gets_no_arm(scene: Scene, role: Role, kind: CutKind) -> None:
    with pytest.raises(NotAllowed, match="may not read closed report"):
        take(scene, member(scene, role), kind)
    assert take(scene, member(scene, Role.UNBLINDED_STATISTICIAN), kind).groups is None


def test_looks_are_kept_for_later_bounds_and_for_the_report(scene: Scene) -> None:
    unblinded = member(scene, Role.UNBLINDED_STATISTICIAN)
    for share in (0.25, 0.5):
        with scene.work(unblinded) as work:
            looks.looked(work, scene.slug, share)
    assert take(scene, unblinded, CutKind.COMMITTEE).looks == (0.25, 0.5)
    with scene.work(member(scene, Role.OWNER)) as work, pytest.raises(NotAllowed):
        looks.looked(work, scene.slug, 0.75)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        assert json.loads(freeze.freeze(work, scene.slug)["freeze.json"])["looks"] == [0.25, 0.5]


def test_the_shuffle_is_drawn_anew_and_cannot_be_made_from_the_database(scene: Scene) -> None:
    with scene.work(write=False) as work:
        sizes = {one.arm for one in allocations.of_trial(work, scene.id)}
    if len(sizes) == 1:  # equal sizes, where the schedules of the arms differ
        scene.enrol()
    seen = set()
    for number in range(20):
        groups = take(scene, member(scene, Role.STATISTICIAN), CutKind.DUMMY, bytes([number]) * 16).groups
        assert groups is not None
        seen.add(tuple(sorted(groups.items())))
    assert len(seen) == 2
    with scene.work(write=False) as work:
        details = [json.dumps(dict(one.detail)) for one in events.of_trial(work, scene.id)]
    assert not any("Group" in one for one in details)


def test_nothing_is_cut_before_anybody_is_in_nor_after_the_lock(store: Store) -> None:
    empty = Scene(store, slug="empty")
    with pytest.raises(Refused, match="Nobody was randomised"):
        take(empty, member(empty, Role.STATISTICIAN))
    empty.enrol()
    with empty.work(OPERATOR) as work:
        trials.close(work, empty.slug)
        freeze.freeze(work, empty.slug)
    with pytest.raises(Refused, match="are locked"):
        take(empty, member(empty, Role.STATISTICIAN))


def test_after_the_lock_the_team_reads_which_label_was_which_arm_and_the_record_says_so(scene: Scene) -> None:
    with scene.work(write=False) as work:
        sizes = {one.arm for one in allocations.of_trial(work, scene.id)}
    if len(sizes) == 1:
        scene.enrol()
    take(scene, member(scene, Role.STATISTICIAN))
    groups = [take(scene, member(scene, Role.STATISTICIAN), CutKind.DUMMY, bytes([n]) * 16).groups for n in range(6)]
    for early in (Role.STATISTICIAN, Role.OWNER):
        with scene.work(member(scene, early)) as work, pytest.raises(NotAllowed):
            cuts.labels_of(work, scene.slug, 2)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        freeze.freeze(work, scene.slug)
    names = {arm.id: arm.label["en"] for arm in scene.folder.protocol.arms}
    for number, its in enumerate(groups, start=2):
        assert its is not None
        with scene.work(member(scene, Role.STATISTICIAN)) as work:
            found = cuts.labels_of(work, scene.slug, number)
        assert found == {label: names[arm] for arm, label in its.items()} and list(found) == ["Group 1", "Group 2"]
    with scene.work(member(scene, Role.COORDINATOR)) as work, pytest.raises(NotAllowed):
        cuts.labels_of(work, scene.slug, 2)
    for number, why in ((1, "shows no dummy labels"), (0, "has no cut 0"), (9, "has no cut 9")):
        with scene.work(member(scene, Role.OWNER)) as work, pytest.raises(Refused, match=why):
            cuts.labels_of(work, scene.slug, number)
    with scene.work(write=False) as work:
        told = [one.detail for one in events.of_trial(work, scene.id) if one.event is Event.CUT_LABELS_OPENED]
    assert [one["cut"] for one in told] == [2, 3, 4, 5, 6, 7]
