"""Sixty-four clients send in at the same moment what brings an allocation about, on both databases: one allocation per
person, stage and place, one per cluster, no place beyond the target, and each is made again from the seed.

The control does the same without a unit of work and without constraints: it must go wrong, else these tests would have
no power.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.core.protocols import FOLDER, rewritten
from tests.faults.allocating import CLIENTS, Clients, clients
from tests.faults.ground import Ground
from tests.faults.stage_ground import StageGround
from tests.services.test_clusters import FOLDER as OF_TEAMS
from tests.services.test_methods_of_allocation import BLOCKS, LISTED, METHODS
from tests.storage.stores import BOTH, kept_store
from trial.core.randomization import Entries
from trial.protocol_files import ProtocolFolder
from trial.storage.work import Store

# people, target: each presses in CLIENTS / people windows
SCENES = {"sixty-four people": (64, 64), "sixteen people for twelve places": (16, 12), "one person": (1, 40)}
ROUNDS = 1000
TEAMS = ("north", "south", "east")


@pytest.fixture(scope="module")
def crowd() -> Iterator[Clients]:
    with clients() as found:
        yield found


@pytest.fixture(scope="module", params=BOTH)
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with kept_store(request, request.param, tmp_path_factory.mktemp("ground")) as store:
        yield Ground(store, FOLDER)


def one_round(ground: Ground, crowd: Clients, scene: str, *, naive: bool = False) -> list[str]:
    """What was wrong after everybody pressed."""
    people, target = SCENES[scene]
    ground.lay(target=target)
    if naive:
        ground.without_constraints()
    told = crowd.press(ground.url, ground.presses(people), naive=naive)
    assert len(told) == CLIENTS
    return ground.wrong(told, people=people, target=target)


@pytest.mark.parametrize("scene", SCENES)
def test_however_many_press_at_once_each_is_allocated_once_and_each_place_given_once(
    ground: Ground, crowd: Clients, scene: str
) -> None:
    assert one_round(ground, crowd, scene) == []


# last for each database: it takes the constraints away
def test_the_control_without_a_unit_of_work_gives_places_twice(ground: Ground, crowd: Clients) -> None:
    wrong = one_round(ground, crowd, "sixteen people for twelve places", naive=True)
    said = [one for one in wrong if "met an error" not in one]
    print(*said, sep="\n")
    assert any(one.startswith("the places are") for one in said)
    assert any(one.startswith("made again") for one in said)


@pytest.fixture(scope="module", params=BOTH)
def team(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Sixteen people of three teams, of which nobody was allocated yet."""
    with kept_store(request, request.param, tmp_path_factory.mktemp("team")) as store:
        yield Ground(store, OF_TEAMS, people=16, teams=TEAMS)


def test_first_people_of_teams_who_press_at_once_get_one_allocation_of_each(team: Ground, crowd: Clients) -> None:
    assert one_round(team, crowd, "sixteen people for twelve places") == []
    assert team.teams() == sorted(set(team.teams()))
    assert one_round(team, crowd, "one person") == []
    assert team.teams() == ["north"]


# last for each database: it takes the constraints away
def test_the_control_without_a_unit_of_work_allocates_a_team_twice(team: Ground, crowd: Clients) -> None:
    assert one_round(team, crowd, "sixteen people for twelve places", naive=True)
    assert len(team.teams()) > len(set(team.teams()))


@pytest.fixture(scope="module", params=BOTH)
def second(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageGround]:
    with kept_store(request, request.param, tmp_path_factory.mktemp("stage")) as store:
        yield StageGround(store, people=16)


@pytest.mark.parametrize("scene", ["sixteen people for twelve places", "one person"])
def test_whoever_fits_has_one_allocation_of_the_second_stage(second: StageGround, crowd: Clients, scene: str) -> None:
    assert one_round(second, crowd, scene) == []


# last for each database: it takes the constraints away
def test_the_control_without_a_unit_of_work_gives_places_of_a_stage_twice(second: StageGround, crowd: Clients) -> None:
    wrong = one_round(second, crowd, "sixteen people for twelve places", naive=True)
    assert any(one.startswith("the places are") for one in wrong)
    assert any(one.startswith("made again") for one in wrong)


LONG_LIST = {(stratum, n): ("letter", "list")[n * n // 3 % 2] for stratum in ("good", "low") for n in range(1, 65)}
DESIGNS: dict[str, tuple[ProtocolFolder, Entries | None]] = {
    "permuted-blocks-1": (FOLDER, None),
    "listed-1": (rewritten((BLOCKS, LISTED)), LONG_LIST),
} | {version: (rewritten((BLOCKS, said)), None) for version, said in METHODS.items()}
GROUNDS: dict[str, Callable[[Store], Ground]] = {
    version: partial(Ground, folder=folder, entries=entries) for version, (folder, entries) in DESIGNS.items()
}
GROUNDS |= {"clusters": partial(Ground, folder=OF_TEAMS, teams=TEAMS), "a second stage": StageGround}
# all scenes, the dear one with sixty-four allocations once in eight rounds
IN_TURN = ["sixty-four people", "one person", *["sixteen people for twelve places"] * 6]


@pytest.mark.long
@pytest.mark.parametrize("version", GROUNDS)
@pytest.mark.parametrize("kind", BOTH)
def test_a_thousand_rounds_on_each_database_go_wrong_in_none(
    request: pytest.FixtureRequest, crowd: Clients, tmp_path: Path, kind: str, version: str
) -> None:
    rounds = -(-ROUNDS // len(GROUNDS))
    with kept_store(request, kind, tmp_path) as store:
        ground = GROUNDS[version](store)
        scenes = [IN_TURN[number % len(IN_TURN)] for number in range(rounds)]
        wrong = {(n, scene): found for n, scene in enumerate(scenes) if (found := one_round(ground, crowd, scene))}
    told = {"database": kind, "rule": version, "rounds": rounds, "forms": rounds * CLIENTS, "wrong": len(wrong)}
    print(json.dumps(told))
    assert wrong == {}
