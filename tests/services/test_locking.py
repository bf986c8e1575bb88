"""A lock: open matters closed or spoken for, a digest of the data each time, and every lock told in the record."""

from __future__ import annotations

import json

import pytest

from tests.services.scene import OPERATOR, Scene
from trial.core.access import Actor, Role, member_actor
from trial.core.errors import Refused
from trial.core.matters import MatterKind
from trial.core.participant import StopLevel
from trial.core.trial import TrialState
from trial.core.two_person import ActKind
from trial.services import freeze, locking, trials, two_person
from trial.storage import matters
from trial.storage.work import Store

K = ActKind


def owner(scene: Scene) -> Actor:
    return member_actor(1, frozenset({Role.OWNER}), scene.id)


def custodian(scene: Scene) -> Actor:
    return member_actor(2, frozenset({Role.CUSTODIAN}), scene.id)


@pytest.fixture
def scene(store: Store) -> Scene:
    """A trial that has ended recruitment."""
    made = Scene(store)
    made.enrol()
    with made.work(owner(made)) as work:
        trials.close(work, made.slug)
    return made


def open_matter(scene: Scene, about: int) -> None:
    with scene.work() as work:
        matters.open_one(work, scene.id, MatterKind.DEVIATION, about, participant_id=None)


def ask(scene: Scene, kind: ActKind, why: str, *, with_open: bool = False) -> int:
    with scene.work(owner(scene)) as work:
        return two_person.ask(work, scene.slug, kind, why, with_open=with_open).id


def approve(scene: Scene, act: int) -> None:
    with scene.work(custodian(scene)) as work:
        two_person.decide(work, act, approve=True)


def test_open_matters_are_closed_or_spoken_for_before_a_lock(scene: Scene) -> None:
    open_matter(scene, 1)
    with pytest.raises(Refused, match="Matters are open: 1 deviation"):
        ask(scene, K.LOCK, "Done.")
    act = ask(scene, K.LOCK, "The deviation waits for the ethics board.", with_open=True)
    approve(scene, act)
    with scene.work(write=False) as work:
        (told,) = locking.listed(work, scene.id)
    assert told["open"] == {"deviation": 1} and told["reason"] == "The deviation waits for the ethics board."


def test_a_matter_that_came_after_the_request_keeps_the_data_open(scene: Scene) -> None:
    act = ask(scene, K.LOCK, "Done.")
    open_matter(scene, 1)
    with pytest.raises(Refused, match="Since the lock was asked for"):
        approve(scene, act)
    assert scene.trial.state is TrialState.CLOSED


def test_the_digest_of_a_lock_is_that_of_the_freeze_and_every_lock_is_listed(scene: Scene) -> None:
    approve(scene, ask(scene, K.LOCK, "All windows have closed."))
    with scene.work(OPERATOR) as work:
        first = json.loads(freeze.freeze(work, scene.slug)["freeze.json"])
    approve(scene, ask(scene, K.UNLOCK, "Paper was found."))
    scene.stop(scene.contacts()[0].participant_id, StopLevel.EVERYTHING)
    approve(scene, ask(scene, K.LOCK, "The paper is in."))
    with scene.work(OPERATOR) as work:
        again = json.loads(freeze.freeze(work, scene.slug)["freeze.json"])
    told = again["locks"]
    assert [one["what"] for one in told] == ["locked", "unlocked", "locked"]
    assert [one["reason"] for one in told] == ["All windows have closed.", "Paper was found.", "The paper is in."]
    assert told[0]["digest"] == first["digest"] and told[2]["digest"] == again["digest"] != first["digest"]
    assert told[1]["digest"] is None
    assert {(one["asked_by"], one["decided_by"], one["solo"]) for one in told} == {("owner", "custodian", False)}
