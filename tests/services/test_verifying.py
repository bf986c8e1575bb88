"""Verifying a trial: its record holds, whoever touched a row of it is found out, and it is shown to who may see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from tests.core.published import laid_down, script
from tests.services.scene import OPERATOR, Scene
from tests.storage.stores import kept_store
from trial.core.access import Actor, Role
from trial.core.errors import NotAllowed, Refused
from trial.core.published_list import LIST, SEAL
from trial.core.trial import TrialKind, TrialState
from trial.services import freeze, preparing, trials, verifying
from trial.storage import trials as stored
from trial.storage.tables import allocation, allocation_state, event, participant, seal, trial
from trial.storage.work import Store, Work

UNBLINDED, CUSTODIAN = Actor("member:1", Role.UNBLINDED_STATISTICIAN), Actor("member:2", Role.CUSTODIAN)
CHECK = script()


@pytest.fixture
def scene(store: Store) -> Scene:
    """Seven people in two strata."""
    found = Scene(store)
    for number in range(7):
        found.enrol(mood=number % 2)
    return found


@pytest.fixture(scope="module")
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The same, on one database for all that is tampered with; each test throws its transaction away."""
    with kept_store(request, "sqlite", tmp_path_factory.mktemp("verified")) as store:
        found = Scene(store)
        for number in range(7):
            found.enrol(mood=number % 2)
        unguarded(store)
        yield found


def unguarded(store: Store) -> None:
    """Nothing in the database refuses a change any more."""
    with store.engine.begin() as rows:
        guards = rows.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all()
        for name in guards:
            rows.execute(text(f"drop trigger {name}"))


def verdict(scene: Scene, by: Actor = UNBLINDED) -> verifying.Verdict:
    with scene.work(by, write=False) as work:
        return verifying.verify(work, scene.slug)


class Undone(Exception):
    """Leaves a transaction without keeping what was done in it."""


def after(scene: Scene, harm: Callable[[Work], object], by: Actor = UNBLINDED) -> verifying.Verdict:
    """What is found once this was done to the rows."""
    found: list[verifying.Verdict] = []
    with suppress(Undone), scene.work(by) as work:
        harm(work)
        found.append(verifying.verify(work, scene.slug))
        raise Undone
    return found[0]


def test_a_trial_that_nobody_touched_holds(scene: Scene) -> None:
    found = verdict(scene)
    assert found.holds and found.allocations == 7
    with scene.work(write=False) as work:
        assert found.digest == trials.seed_digest(work, scene.id)


def test_a_trial_holds_before_anybody_came_and_not_before_its_seed_is_sealed(store: Store) -> None:
    assert verdict(Scene(store)).allocations == 0
    with store.open_work(OPERATOR) as work:
        preparing.prepare(work, Scene.__init__.__kwdefaults__["folder"], slug="coming", base_url="https://x.example")
    with store.open_work(UNBLINDED, write=False) as work, pytest.raises(Refused, match="in preparation"):
        verifying.verify(work, "coming")


def _of(sequence: int) -> Any:
    return allocation.c.sequence == sequence


def _record(**parts: Any) -> Callable[[Work], object]:
    def harm(work: Work) -> None:
        kept = work.rows.execute(select(allocation.c.record).where(_of(4))).scalar_one()
        work.rows.execute(update(allocation).where(_of(4)).values(record=kept | parts))

    return harm


def _column(**parts: Any) -> Callable[[Work], object]:
    return lambda work: work.rows.execute(update(allocation).where(_of(4)).values(parts))


def _swap_people(work: Work) -> None:
    people = dict(work.rows.execute(select(allocation.c.sequence, allocation.c.participant_id)).all())
    for one, other in ((3, 999), (5, people[3]), (3, people[5])):
        work.rows.execute(text("pragma defer_foreign_keys = on"))
        work.rows.execute(update(allocation).where(_of(one)).values(participant_id=other))


def _other_arm(work: Work) -> None:
    arm = work.rows.execute(select(allocation.c.arm).where(_of(4))).scalar_one()
    other = "list" if arm == "letter" else "letter"
    _column(arm=other)(work)
    _record(arm=other)(work)


def _one_more(work: Work) -> None:
    person = dict(work.rows.execute(select(participant)).first()._mapping)  # type: ignore[union-attr]
    work.rows.execute(insert(participant).values(person | {"id": 99, "number": 99, "code": "ANOTHER9"}))


HARM: dict[str, tuple[Callable[[Work], object], str, int | None]] = {
    "rule version": (_record(rule_version="simple-9"), "rule version", 4),
    "configuration": (_record(configuration="0" * 64), "configuration", 4),
    "stage in the record": (_record(stage="second"), "stage", 4),
    "epoch": (_record(epoch=2), "epoch", 4),
    "stratum in the record": (_record(stratum="elsewhere"), "stratum", 4),
    "number in the record": (_record(number=9), "number", 4),
    "levels": (_record(levels={"mood_level": "nowhere"}), "stratum", 4),
    "no levels": (_record(levels={}), "levels", 4),
    "state seen": (_record(state_seen={"block": 7, "left": [1, 1]}), "state seen", 4),
    "probabilities": (_record(probabilities={"letter": "3/4", "list": "1/4"}), "probabilities", 4),
    "draw": (_record(draw="0" * 64), "draw", 4),
    "something more": (_record(override="yes"), "override", 4),
    "arm": (_other_arm, "arm", 4),
    "arm in its column": (_column(arm="elsewhere"), "arm", 4),
    "stratum in its column": (_column(stratum="elsewhere"), "stratum", 4),
    "number in its column": (_column(number=40), "number", 4),
    "order": (_column(sequence=40), "order", 5),
    "one left out": (lambda work: work.rows.execute(delete(allocation).where(_of(4))), "order", 5),
    "the last left out": (lambda work: work.rows.execute(delete(allocation).where(_of(7))), "there is none", None),
    "two people": (_swap_people, "person", 3),
    "seed": (lambda work: work.rows.execute(update(seal).values(sealed_seed=b"x" * 60)), "sealed seed", None),
    "salt": (lambda work: work.rows.execute(update(seal).values(salt=b"x" * 32)), "published digest", None),
    "digest": (lambda work: work.rows.execute(update(seal).values(digest="0" * 64)), "at the opening", None),
    "its rule": (lambda work: work.rows.execute(update(seal).values(rule_version="x")), "rule version beside", None),
    "the state of a stratum": (
        lambda work: work.rows.execute(update(allocation_state).values(state={"block": 1, "left": [9, 0]})),
        "state kept", None,
    ),
    "the act of sealing": (
        lambda work: work.rows.execute(delete(event).where(event.c.event == "seed_sealed")), "at the opening", None,
    ),
    "one more who counts as randomised": (_one_more, "there is none", None),
}  # fmt: skip


@pytest.mark.parametrize("what", HARM)
def test_whatever_is_changed_in_the_rows_is_named(lived: Scene, what: str) -> None:
    harm, named, sequence = HARM[what]
    assert verdict(lived).holds
    found = after(lived, harm)
    assert found.difference is not None, "nothing was noticed"
    assert named in found.difference.what and found.difference.sequence == sequence, found.difference


def test_one_who_has_two_is_named(lived: Scene) -> None:
    """The database refuses it: what a copy without its constraints could hold is put before the query itself."""

    def harm(work: Work) -> None:
        names = [one.name for one in allocation.c]
        work.rows.execute(text("create temp table kept as select * from allocation"))
        work.rows.execute(text("update kept set participant_id = 1 where sequence = 7"))
        work.rows.execute(text(f"create temp view allocation as select {', '.join(names)} from kept"))

    found = after(lived, harm)
    assert found.difference is not None and found.difference.sequence == 7 and "person" in found.difference.what


def test_who_may_not_read_allocations_hears_which_one_differs_and_no_value(lived: Scene) -> None:
    seen, blind = after(lived, _other_arm), after(lived, _other_arm, CUSTODIAN)
    assert seen.difference is not None and {seen.difference.expected, seen.difference.found} == {"letter", "list"}
    assert blind.difference == replace(seen.difference, expected="", found="")


@pytest.mark.parametrize("role", list(Role))
def test_before_the_lock_it_is_for_two_roles_and_after_it_for_all(lived: Scene, role: Role) -> None:
    by = Actor("somebody", role)
    if role in (Role.UNBLINDED_STATISTICIAN, Role.CUSTODIAN):
        assert verdict(lived, by).holds
    else:
        with pytest.raises(NotAllowed):
            verdict(lived, by)
    locked = after(lived, lambda work: work.rows.execute(update(trial).values(state=TrialState.LOCKED.value)), by)
    assert locked.holds


def test_a_live_trial_holds_while_people_come_in(lived: Scene) -> None:
    live = after(lived, lambda work: work.rows.execute(update(trial).values(kind=TrialKind.LIVE.value)), CUSTODIAN)
    assert live.holds and live.allocations == 7


def _first_form(work: Work) -> None:
    """The record as version 0.1 wrote it."""
    for row in work.rows.execute(select(allocation).order_by(allocation.c.sequence)).all():
        record = row.record
        left = record["state_seen"]["left"]
        old = {
            "rule_version": record["rule_version"],
            "block": record["state_seen"]["block"] + (not any(left)),
            "state_seen": left,
            "probabilities": {"letter": 0.5, "list": 0.5} | _floats(record["probabilities"]),
            "draw": record["draw"],
        }
        work.rows.execute(update(allocation).where(allocation.c.id == row.id).values(record=old))


def _floats(chances: dict[str, str]) -> dict[str, float]:
    parts = {arm: [int(one) for one in chance.split("/")] for arm, chance in chances.items()}
    return {arm: part[0] / (part[1] if len(part) > 1 else 1) for arm, part in parts.items()}


def test_records_of_the_first_version_hold_and_are_published_in_full(lived: Scene, tmp_path: Path) -> None:
    def harm(work: Work) -> None:
        _first_form(work)
        trials.close(replace(work, by=OPERATOR), lived.slug)
        files.update(freeze.freeze(replace(work, by=OPERATOR), lived.slug))

    files: dict[str, str] = {}
    assert after(lived, harm).holds
    assert "The seed fits" in CHECK.verify(laid_down(tmp_path, {name: files[name] for name in PUBLISHED}))

    def worse(work: Work) -> None:
        _first_form(work)
        _record(draw="0" * 64)(work)

    found = after(lived, worse).difference
    assert found is not None and (found.what, found.sequence) == ("draw", 4)


PUBLISHED = (LIST, SEAL, "disposition.csv", "freeze.json")


def test_what_is_frozen_is_verified_by_the_script_and_opens_the_seed_that_was_sealed(
    scene: Scene, tmp_path: Path
) -> None:
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        digest = trials.seed_digest(work, scene.id)
        files = freeze.freeze(work, scene.slug)
    folder = laid_down(tmp_path, {name: files[name] for name in PUBLISHED})
    assert "The seed fits the digest that you gave. All 7" in CHECK.verify(folder, digest)
    assert bytes.fromhex(json.loads(files[SEAL])["seed"]) == b"s" * 32
    assert verdict(scene, OPERATOR).holds


def test_no_act_of_verifying_or_of_the_record_tells_the_seed_before(scene: Scene) -> None:
    with scene.work(write=False) as work:
        kept = stored.seal_of(work, scene.id)
    assert (b"s" * 32) not in kept["sealed_seed"]
    assert (b"s" * 32).hex() not in repr(verdict(scene))
