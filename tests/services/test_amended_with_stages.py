"""An amendment of the design beside further stages, which never change, and where teams are the unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.staged import CROSS_OVER, SECOND, STAGED, changed, folder_of
from tests.services.scene import Scene
from tests.services.staged_scene import LOW, answer, options_of
from tests.services.test_amended_designs import CHECK, list_of, published, verdict
from tests.services.test_amending import VERSION, amended, apply
from tests.services.test_clusters import FOLDER as TEAMS
from tests.services.test_clusters import SMALL, UNIT, enrolled
from trial.core.errors import Refused
from trial.storage.work import Store

RULE = STAGED.protocol.allocation.model_dump(mode="json", exclude_unset=True)
NEW = folder_of(SECOND, CROSS_OVER, version="1.1", allocation=RULE | {"block_sizes": [6]})


def test_further_stages_go_on_while_the_first_begins_an_epoch(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, folder=STAGED)
    people = [scene.enrol() for _ in range(3)]
    answer(scene, people[0], LOW)
    done = apply(scene, NEW)
    assert done.epoch is not None and (done.epoch.number, done.epoch.first) == (2, 4)
    answer(scene, people[1], LOW)
    scene.enrol()
    assert options_of(scene, people[0]) and options_of(scene, people[1])
    told = [(one.stage, one.sequence, one.record["epoch"]) for one in list_of(scene)]
    assert [one for one in told if one[0] == "main"] == [("main", 1, 1), ("main", 2, 1), ("main", 3, 1), ("main", 4, 2)]
    assert {epoch for stage, _, epoch in told if stage == "second"} == {1}
    assert verdict(scene).holds
    assert "From number 4 on by the rule" in CHECK.verify(published(scene, tmp_path))


def test_a_further_stage_itself_is_not_amended(store: Store) -> None:
    scene = Scene(store, folder=STAGED)
    scene.enrol()
    other = folder_of(changed(SECOND, allocation={"method": "simple"}), CROSS_OVER, version="1.1")
    before = scene.events()
    with pytest.raises(Refused, match="does not carry out"):
        apply(scene, other)
    assert scene.events() == before


def test_teams_that_come_later_go_by_the_new_rule_and_who_joins_an_earlier_one_has_its_arm(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, folder=TEAMS)
    north, _ = enrolled(scene, "north"), enrolled(scene, "south")
    apply(scene, amended(VERSION, ("protocol.yaml", SMALL, "  method: simple\n"), of=TEAMS))
    joins, _ = enrolled(scene, "north"), enrolled(scene, "east")
    arms = {one.participant_id: one.arm for one in list_of(scene)}
    assert arms[north] == arms[joins]
    assert [one.record["epoch"] for one in list_of(scene)] == [1, 1, 2, 2]
    assert verdict(scene).holds
    assert "From number 3 on by the rule" in CHECK.verify(published(scene, tmp_path))


def test_the_unit_of_allocation_is_not_amended(store: Store) -> None:
    scene = Scene(store, folder=TEAMS)
    enrolled(scene, "north")
    with pytest.raises(Refused, match="does not carry out"):
        apply(scene, amended(VERSION, ("protocol.yaml", UNIT, ""), of=TEAMS))
