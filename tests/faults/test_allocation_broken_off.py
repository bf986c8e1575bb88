"""A client's process is killed, or meets an error, between the draw and the commit of an allocation: it leaves nothing
behind, and the next person gets what the dead one would have got. On both databases.

The control keeps each statement by itself and is left with a person who has an arm and no trial.
"""

from __future__ import annotations

import signal

import pytest
from sqlalchemy import select

from tests.core.protocols import FOLDER, rewritten
from tests.faults.allocating import PLACES, WAYS, Press, broken_off
from tests.services.scene import MOODS, Scene
from tests.services.test_methods_of_allocation import BLOCKS, METHODS
from tests.services.test_randomization import replayed
from tests.storage.stores import content, shared_postgres, shared_sqlite, store
from trial.core.participant import ParticipantState
from trial.core.randomization import configuration_digest, record_of
from trial.storage.tables import allocation
from trial.storage.work import Store

__all__ = ["shared_postgres", "shared_sqlite", "store"]
END = {"killed": -signal.SIGKILL, "an error": 1}
DESIGNS = {"blocks": FOLDER, "minimisation": rewritten((BLOCKS, METHODS["minimisation-1"]))}


def url_of(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


def last_record(scene: Scene) -> dict[str, object]:
    with scene.work(write=False) as work:
        query = select(allocation.c.record).order_by(allocation.c.sequence.desc()).limit(1)
        return dict(work.rows.execute(query).scalar_one())


@pytest.mark.parametrize("design", ["blocks", pytest.param("minimisation", marks=pytest.mark.long)])
def test_what_was_broken_off_left_nothing_and_the_next_person_gets_its_place(store: Store, design: str) -> None:
    """One trial in which a client dies in each place and in each way, again and again."""
    scene = Scene(store, folder=DESIGNS[design])
    scene.enrol(mood=0)
    protocol = configuration_digest(scene.folder.protocol)
    for place in PLACES:
        for way in WAYS:
            person, occasion = scene.to_baseline()
            other, elsewhere = scene.to_baseline()
            before = content(store)
            press = Press(person, occasion, MOODS[0], "form")
            code, decision = broken_off(url_of(store), press, place, way)
            assert code == END[way]
            assert content(store) == before
            # somebody else of the same levels comes first now, and gets the number, the draw and the arm
            assert scene.submit(other, elsewhere, MOODS[0]).allocated
            assert last_record(scene) == record_of(decision, protocol)
            # and who heard nothing presses again, and gets the next
            assert scene.submit(person, occasion, MOODS[0], submission="form").allocated
            assert last_record(scene)["number"] == decision.number + 1
    assert len(content(store)["allocation"]) == 1 + 2 * len(PLACES) * len(WAYS)
    assert replayed(scene)


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
