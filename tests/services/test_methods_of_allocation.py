"""Every method allocates people who answer a baseline, on both databases, and is replayed from the opened seed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from tests.core.protocols import rewritten
from tests.services.scene import CHANCE, MOODS, Scene
from tests.services.test_amending import VERSION, amended, apply
from tests.services.test_randomization import replayed
from tests.services.test_verifying import UNBLINDED
from tests.storage.stores import content
from trial.core.access import Actor, Role
from trial.core.errors import Refused
from trial.core.matters import Matter, MatterKind
from trial.core.participant import ParticipantState
from trial.core.randomization import commitment
from trial.services import deviations, verifying
from trial.services.overview import overview_of
from trial.storage import matters
from trial.storage.tables import allocation_list
from trial.storage.work import Store

BLOCKS = "  method: permuted_blocks\n  block_sizes: [2, 4]\n"
METHODS = {
    "simple-1": "  method: simple\n",
    "big-stick-1": "  method: big_stick\n  largest_imbalance: 2\n",
    "biased-coin-1": "  method: biased_coin\n  probability: 2/3\n",
    "urn-1": "  method: urn\n  urn: {start: 0, added: 1}\n",
    "minimisation-1": "  method: minimisation\n  imbalance: variance\n  probability: 0.8\n  first_simple: 2\n",
}


@pytest.mark.parametrize("version", METHODS)
def test_a_method_allocates_in_a_trial_and_every_allocation_is_replayed(store: Store, version: str) -> None:
    scene = Scene(store, folder=rewritten((BLOCKS, METHODS[version])))
    for number in range(6):
        scene.enrol(mood=number % 2)
    rows = content(store)
    assert replayed(scene)
    assert rows["seal"][0]["rule_version"] == version
    assert {one["record"]["rule_version"] for one in rows["allocation"]} == {version}
    keys = ["all"] if version == "minimisation-1" else ["good", "low"]
    assert sorted(one["stratum"] for one in rows["allocation_state"]) == keys
    assert sum(one["number"] for one in rows["allocation_state"]) == 6


LISTED = "  method: listed\n  outside_list: {made_by: A statistician, how: Blocks of four by hand.}\n"
ENTRIES = {("good", n): "letter" for n in (1, 2)} | {("low", n): ("list", "letter")[n % 2] for n in range(1, 41)}


def test_a_list_is_followed_stratum_by_stratum_sealed_and_over_when_it_is_over(store: Store) -> None:
    scene = Scene(store, folder=rewritten((BLOCKS, LISTED)), entries=ENTRIES)
    for mood in (0, 1, 1, 0, 1):
        scene.enrol(mood=mood)
    rows = content(store)
    kept = sorted(rows["allocation"], key=lambda one: one["sequence"])
    assert [(one["stratum"], one["number"], one["arm"]) for one in kept] == [
        ("good", 1, "letter"), ("low", 1, "letter"), ("low", 2, "list"), ("good", 2, "letter"), ("low", 3, "letter"),
    ]  # fmt: skip
    assert {one["record"]["probabilities"]["letter"] for one in kept} == {"0", "1"}
    sealed = [one["sealed_arm"] for one in rows["allocation_list"]]
    assert len(sealed) == len(set(sealed)) == 42 and len({len(one) for one in sealed}) == 1
    assert not any(b"letter" in one or b"list" in one for one in sealed)
    assert replayed(scene, ENTRIES)
    with scene.work(UNBLINDED, write=False) as work:
        assert verifying.verify(work, scene.slug) == verifying.Verdict(scene.slug, rows["seal"][0]["digest"], 5, None)
    # the third of a stratum with two places is turned away, and the others go on
    person, occasion = scene.to_baseline()
    assert not scene.submit(person, occasion, MOODS[0]).allocated
    assert scene.person(person).state is ParticipantState.RECRUITMENT_CLOSED
    assert scene.person(scene.enrol(mood=1)).state is ParticipantState.RANDOMIZED
    digests = {commitment(CHANCE.seed, CHANCE.salt, scene.folder.protocol, one) for one in (ENTRIES, None, {})}
    assert rows["seal"][0]["digest"] == commitment(CHANCE.seed, CHANCE.salt, scene.folder.protocol, ENTRIES)
    other = ENTRIES | {("good", 2): "list"}
    assert commitment(CHANCE.seed, CHANCE.salt, scene.folder.protocol, other) not in digests


@pytest.mark.parametrize(("said", "entries"), [(LISTED, None), (BLOCKS, ENTRIES)])
def test_a_list_belongs_to_its_method_and_its_method_needs_one(store: Store, said: str, entries: Any) -> None:
    with pytest.raises(Refused, match="equipoise open"):
        Scene(store, folder=rewritten((BLOCKS, said)), entries=entries)
    assert content(store)["trial"] == content(store)["allocation_list"] == []


def test_a_place_of_the_list_that_was_exchanged_is_named(store: Store) -> None:
    scene = Scene(store, folder=rewritten((BLOCKS, LISTED)), entries=ENTRIES)
    scene.enrol(mood=1)
    at = allocation_list.c
    with scene.work() as work:
        first = work.rows.execute(select(at.sealed_arm).where(at.stratum == "low", at.number == 1)).scalar_one()
        work.rows.execute(update(allocation_list).where(at.stratum == "low", at.number == 2).values(sealed_arm=first))
    with scene.work(UNBLINDED, write=False) as work:
        found = verifying.verify(work, scene.slug).difference
    assert found is not None and "sealed list" in found.what


OWNER = Actor("member:1", Role.OWNER)


def waiting(scene: Scene) -> tuple[tuple[int, int], list[Matter]]:
    """What the home says of the list, and what waits for the team because of it."""
    with scene.work(OWNER, write=False) as work:
        home = overview_of(work, scene.slug)
        return (home.list_low, home.list_ended), matters.listed(work, scene.id, MatterKind.DEVIATION)


def test_a_list_that_runs_out_in_a_stratum_is_told_to_the_team_in_time_and_once(store: Store) -> None:
    entries = {("good", n): ("list", "letter")[n % 2] for n in range(1, 11)} | {
        ("low", n): "list" for n in range(1, 41)
    }
    scene = Scene(store, folder=rewritten((BLOCKS, LISTED)), entries=entries)
    for _ in range(8):
        scene.enrol()
    assert waiting(scene) == ((0, 0), [])
    scene.enrol()
    assert waiting(scene) == ((1, 0), [])  # one place of ten is left
    scene.enrol()
    for _ in range(2):
        person, occasion = scene.to_baseline()
        assert scene.submit(person, occasion, MOODS[0]).state == "closed"
    told, (matter,) = waiting(scene)
    assert told == (0, 1) and matter.urgent and matter.participant_id is None
    with scene.work(OWNER, write=False) as work:
        said = deviations.one(work, matter.id)
    assert said.by == "system" and "thanked and was not allocated" in said.description
    assert not any(word in said.description for word in ("good", "low", "letter"))
    # the trial goes on by another method, and the list is no matter any more
    apply(scene, amended(VERSION, ("protocol.yaml", LISTED, METHODS["simple-1"]), of=scene.folder))
    assert waiting(scene)[0] == (0, 0)
    assert scene.person(scene.enrol()).state is ParticipantState.RANDOMIZED
    with scene.work(UNBLINDED, write=False) as work:
        verified = verifying.verify(work, scene.slug)
    assert verified.holds and (verified.allocations, verified.epochs) == (11, 2)
