"""A trial that allocates teams: on both databases a team has one allocation, and its people have it with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from tests.core.protocols import rewritten
from tests.core.published import laid_down, lines, script
from tests.services.at_once import at_once
from tests.services.scene import MOODS, OPERATOR, Scene
from tests.services.test_methods_of_allocation import BLOCKS, LISTED
from tests.services.test_verifying import PUBLISHED, after, unguarded, verdict
from tests.storage.stores import content, kept_store
from trial.core.published_list import LIST
from trial.services import freeze, trials
from trial.storage.tables import allocation_state, cluster_allocation
from trial.storage.work import Store, Work

STRATA = """\
  strata:
    - id: mood_level
      label: {en: Mood at the start}
      levels:
        - {id: low, label: {en: 5 or more}, when: low_mood >= 5}
        - {id: good, label: {en: Under 5}}
"""
UNIT = "  unit: cluster\n  cluster: {question: region, label: {en: Region}}\n"
REGIONS = "        - {value: south, label: {en: South}}\n"
MORE = "".join(f"        - {{value: {one}, label: {{en: {one}}}}}\n" for one in ("east", "west", "middle", "coast"))
SMALL = "  method: permuted_blocks\n  block_sizes: [2]\n"
TABLE = ("low_mood, mood_level]", "low_mood]")
FOLDER = rewritten((BLOCKS, SMALL), (STRATA, UNIT), (REGIONS, REGIONS + MORE), TABLE)
ORDER = ("north", "south", "north", "east", "north", "west", "south", "east")


def enrolled(scene: Scene, region: str) -> int:
    return scene.enrol(screened={"region": region})


@pytest.fixture
def scene(store: Store) -> Scene:
    found = Scene(store, folder=FOLDER)
    for region in ORDER:
        enrolled(found, region)
    return found


def test_each_team_is_allocated_once_when_its_first_person_is_ready_and_the_rest_have_its_arm(scene: Scene) -> None:
    rows = content(scene.store)
    teams = sorted(rows["cluster_allocation"], key=lambda one: one["sequence"])
    assert [(one["cluster"], one["number"]) for one in teams] == [("north", 1), ("south", 2), ("east", 3), ("west", 4)]
    arms = {one["cluster"]: one["arm"] for one in teams}
    assert {arms["north"], arms["south"]} == {arms["east"], arms["west"]} == {"letter", "list"}
    people = sorted(rows["allocation"], key=lambda one: one["sequence"])
    assert [(one["stratum"], one["arm"]) for one in people] == [(region, arms[region]) for region in ORDER]
    assert [one["number"] for one in people] == [1, 1, 2, 1, 3, 1, 2, 2]
    assert {one["record"]["rule_version"] for one in people} == {"cluster-1"} == {rows["seal"][0]["rule_version"]}
    assert {one["record"]["rule_version"] for one in teams} == {"permuted-blocks-1"}
    assert [one["allocated_at"] for one in teams] == [people[n]["allocated_at"] for n in (0, 1, 3, 5)]
    # what each has to do is that of the arm
    exercises = {one["participant_id"]: one["activity"] for one in rows["occasion"] if one["timepoint"] == "evening"}
    assert exercises == {one["participant_id"]: one["arm"] for one in people}


def test_the_target_counts_people(store: Store) -> None:
    scene = Scene(store, folder=FOLDER, target=3)
    for region in ("north", "north", "south"):
        enrolled(scene, region)
    assert not scene.trial.recruits
    assert len(content(store)["cluster_allocation"]) == 2


def test_it_is_verified_and_published_and_the_script_follows(scene: Scene, tmp_path: Path) -> None:
    assert verdict(scene).holds and verdict(scene).allocations == len(ORDER) + 4
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        digest = trials.seed_digest(work, scene.id)
        files = freeze.freeze(work, scene.slug)
    listed = lines(files[LIST])
    assert [one["participant"] for one in listed if one["stage"] == "clusters"] == ["north", "south", "east", "west"]
    folder = laid_down(tmp_path, {name: files[name] for name in PUBLISHED})
    assert "The seed fits the digest that you gave. All 12" in script().verify(folder, digest)


def _team(**parts: object) -> Callable[[Work], object]:
    def harm(work: Work) -> None:
        kept = work.rows.execute(select(cluster_allocation).where(cluster_allocation.c.sequence == 3)).one()
        values = {name: value for name, value in parts.items() if name in cluster_allocation.c}
        record = kept.record | {name: value for name, value in parts.items() if name in kept.record}
        work.rows.execute(
            update(cluster_allocation).where(cluster_allocation.c.sequence == 3).values(values | {"record": record})
        )

    return harm


def _rename(work: Work) -> None:
    _team(cluster="coast")(work)


HARM: dict[str, tuple[Callable[[Work], object], str]] = {
    "the arm": (_team(arm="nowhere"), "arm"),
    "its draw": (_team(draw="0" * 64), "draw"),
    "its number": (_team(number=9), "number"),
    "its order": (_team(sequence=9), "order"),
    "its name": (_rename, "cluster"),
    "left out": (
        lambda work: work.rows.execute(delete(cluster_allocation).where(cluster_allocation.c.sequence == 4)), "cluster",
    ),
    "the state of its method": (
        lambda work: work.rows.execute(
            update(allocation_state).where(allocation_state.c.stage == "clusters").values(number=9)
        ),
        "the state kept",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The same on one database for all that is tampered with; each test throws its transaction away."""
    with kept_store(request, "sqlite", tmp_path_factory.mktemp("teams")) as store:
        found = Scene(store, folder=FOLDER)
        for region in ORDER:
            enrolled(found, region)
        unguarded(store)
        yield found


@pytest.mark.parametrize("what", HARM)
def test_whatever_is_changed_in_the_row_of_a_team_is_named(lived: Scene, what: str) -> None:
    harm, named = HARM[what]
    found = after(lived, harm)
    assert found.difference is not None and named in found.difference.what, found


def test_an_outside_list_has_places_for_teams(store: Store) -> None:
    entries = {("all", n): ("list", "letter", "letter", "list")[n % 4] for n in range(1, 7)}
    scene = Scene(store, folder=rewritten((BLOCKS, LISTED), (STRATA, UNIT), TABLE), entries=entries)
    for region in ("south", "north", "south"):
        enrolled(scene, region)
    assert [one["arm"] for one in content(store)["cluster_allocation"]] == [entries["all", 1], entries["all", 2]]
    assert verdict(scene).holds


# --- at once -----------------------------------------------------------------------------------------------------


def ready(scene: Scene, people: int) -> list[tuple[int, int]]:
    """So many of one team, each one answer away from the allocation."""
    return [scene.to_baseline(screened={"region": "coast"}) for _ in range(people)]


def test_first_people_of_one_team_who_come_at_once_get_one_allocation_of_it(store: Store) -> None:
    scene = Scene(store, folder=FOLDER)
    done = at_once(lambda one: scene.submit(*one, MOODS[0]), ready(scene, 8))
    assert all(one.allocated for one in done)
    rows = content(store)
    assert [one["cluster"] for one in rows["cluster_allocation"]] == ["coast"]
    assert {one["arm"] for one in rows["allocation"]} == {one["arm"] for one in rows["cluster_allocation"]}
    assert sorted(one["number"] for one in rows["allocation"]) == list(range(1, 9))
    assert verdict(scene).holds
    assert json.dumps(rows["allocation_state"], default=str).count('"clusters"') == 1
