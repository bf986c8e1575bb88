"""A client's process is killed, or meets an error, between the draw and the commit of an allocation: it leaves nothing
behind, and the next person gets what the dead one would have got. On both databases.

The control keeps each statement by itself and is left with a person who has an arm and no trial.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial
from itertools import count

import pytest
from sqlalchemy import select

from tests.core.protocols import FOLDER, rewritten
from tests.core.staged import STAGED
from tests.faults.allocating import PLACES, PLACES_OF_A_STAGE, PLACES_OF_A_TEAM, WAYS, Press, broken_off
from tests.faults.ground import UNBLINDED
from tests.services.scene import MOODS, Scene
from tests.services.staged_scene import LOW, enrolled, to_week_2
from tests.services.test_clusters import FOLDER as OF_TEAMS
from tests.services.test_methods_of_allocation import BLOCKS, METHODS
from tests.storage.stores import content, shared_postgres, shared_sqlite, store
from trial.core.participant import ParticipantState
from trial.core.randomization import CLUSTERS, STAGE, configuration_digest, record_of
from trial.protocol_files import ProtocolFolder
from trial.services import verifying
from trial.storage.tables import allocation, cluster_allocation
from trial.storage.work import Store

__all__ = ["shared_postgres", "shared_sqlite", "store"]
END = {"killed": -signal.SIGKILL, "an error": 1}
TEAMS = ("north", "south", "east", "west", "middle", "coast")


def url_of(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


class Allocating:
    """A trial in which people come one answer short of an allocation; `record` is the latest that was kept."""

    places = PLACES
    table, stage, form = allocation, STAGE, MOODS[0]

    def __init__(self, store: Store, folder: ProtocolFolder) -> None:
        self.scene = Scene(store, folder=folder)

    def comes(self) -> tuple[int, int]:
        """Somebody new, and the form that they are about to send in."""
        return self.scene.to_baseline()

    @property
    def record(self) -> dict[str, object]:
        query = select(self.table.c.record).order_by(self.table.c.sequence.desc()).limit(1)
        if self.table is allocation:
            query = query.where(allocation.c.stage == self.stage)
        with self.scene.work(write=False) as work:
            return dict(work.rows.execute(query).scalar_one())


class OfTeams(Allocating):
    """Everybody is the first of a team of their own; `record` is the latest team's."""

    places, table, stage = PLACES_OF_A_TEAM, cluster_allocation, CLUSTERS

    def __init__(self, store: Store) -> None:
        super().__init__(store, OF_TEAMS)
        self.teams = count()

    def comes(self) -> tuple[int, int]:
        return self.scene.to_baseline(screened={"region": TEAMS[next(self.teams)]})


class OfAStage(Allocating):
    """Everybody has the arm that is allocated once more, and feels low in week 2."""

    places, stage, form = PLACES_OF_A_STAGE, "second", LOW

    def __init__(self, store: Store) -> None:
        super().__init__(store, STAGED)
        people = [enrolled(self.scene, "letter") for _ in range(1 + 2 * len(self.places) * len(WAYS))]
        to_week_2(self.scene, people[-1])
        self.people = iter(people)

    def comes(self) -> tuple[int, int]:
        person = next(self.people)
        return person, self.scene.occasions(person, "week_2")[0].id


GROUNDS: dict[str, Callable[[Store], Allocating]] = {
    "blocks": partial(Allocating, folder=FOLDER),
    "minimisation": partial(Allocating, folder=rewritten((BLOCKS, METHODS["minimisation-1"]))),
    "a second stage": OfAStage,
}


def made_again(scene: Scene) -> bool:
    with scene.work(UNBLINDED, write=False) as work:
        return verifying.verify(work, scene.slug).holds


@pytest.mark.parametrize("design", ["blocks", pytest.param("minimisation", marks=pytest.mark.long), "a second stage"])
def test_what_was_broken_off_left_nothing_and_the_next_person_gets_its_place(store: Store, design: str) -> None:
    """One trial in which a client dies in each place and in each way, again and again."""
    ground = GROUNDS[design](store)
    scene = ground.scene
    first, occasion = ground.comes()
    scene.submit(first, occasion, ground.form)
    configuration = configuration_digest(scene.folder.protocol, ground.stage)
    for place in ground.places:
        for way in WAYS:
            (person, occasion), (other, elsewhere) = ground.comes(), ground.comes()
            before = content(store)
            press = Press(person, occasion, dict(ground.form), "form")
            code, decision = broken_off(url_of(store), press, place, way)
            assert code == END[way]
            assert content(store) == before
            # somebody else of the same levels comes first now, and gets the number, the draw and the arm
            assert scene.submit(other, elsewhere, ground.form).state == "kept"
            assert ground.record == record_of(decision, configuration)
            # and who heard nothing presses again, and gets the next
            assert scene.submit(person, occasion, ground.form, submission="form").state == "kept"
            assert ground.record["number"] == decision.number + 1
    given = [one["stage"] for one in content(store)["allocation"]]
    assert given.count(ground.stage) == 1 + 2 * len(ground.places) * len(WAYS)
    assert made_again(scene)


@pytest.mark.parametrize("way", WAYS)
def test_a_team_that_was_broken_off_left_nothing_and_gets_its_place_when_somebody_presses_again(
    store: Store, way: str
) -> None:
    """The next first person of a team presses, here the one who heard nothing: the team gets what it would have got."""
    ground = OfTeams(store)
    scene = ground.scene
    configuration = configuration_digest(scene.folder.protocol, CLUSTERS)
    for place in ground.places:
        person, occasion = ground.comes()
        before = content(store)
        code, decision = broken_off(url_of(store), Press(person, occasion, MOODS[0], "form"), place, way)
        assert code == END[way]
        assert content(store) == before
        assert scene.submit(person, occasion, MOODS[0], submission="form").allocated
        assert ground.record == record_of(decision, configuration)
    allocated = [one["cluster"] for one in content(store)["cluster_allocation"]]
    assert sorted(allocated) == sorted(TEAMS[: len(ground.places)])
    assert made_again(scene)


@pytest.mark.parametrize("way", WAYS)
def test_the_control_without_a_unit_of_work_leaves_a_person_with_an_arm_and_no_trial(store: Store, way: str) -> None:
    scene = Scene(store)
    person, occasion = scene.to_baseline()
    press = Press(person, occasion, MOODS[0], "form")
    code, decision = broken_off(url_of(store), press, "after the allocation was written", way, naive=True)
    assert code == END[way]
    assert [one["arm"] for one in content(store)["allocation"]] == [decision.arm]
    assert scene.person(person).state is ParticipantState.CONSENTED
    assert "randomized" not in scene.events(person) and scene.contacts(person, "evening") == []
    # the button does not mend it: the form counts as sent
    assert not scene.submit(person, occasion, MOODS[0], submission="form").allocated
