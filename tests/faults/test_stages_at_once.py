"""Sixty-four clients send in at one moment what brings a second allocation about: one for each person and place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.core.staged import STAGED
from tests.faults.allocating import CLIENTS, Clients, Press, clients
from tests.faults.ground import UNBLINDED
from tests.services.scene import Scene
from tests.services.staged_scene import LOW, enrolled, rows_of, to_week_2
from tests.storage.stores import BOTH, kept_store
from trial.services import verifying


@pytest.fixture(scope="module")
def crowd() -> Iterator[Clients]:
    with clients() as found:
        yield found


@pytest.mark.parametrize("people", [16, 1], ids=["sixteen people", "one person"])
@pytest.mark.parametrize("kind", BOTH)
def test_however_many_press_at_once_each_has_one_allocation_of_the_stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, crowd: Clients, kind: str, people: int
) -> None:
    with kept_store(request, kind, tmp_path_factory.mktemp("stage")) as store:
        scene = Scene(store, folder=STAGED)
        low = [enrolled(scene, "letter") for _ in range(people)]
        to_week_2(scene, low[-1])
        forms = [(one, scene.occasions(one, "week_2")[0].id) for one in low]
        presses = [Press(*forms[n % people], dict(LOW), f"{n:064d}") for n in range(CLIENTS)]
        told = crowd.press(store.engine.url.render_as_string(hide_password=False), presses)
        assert [one.error for one in told if one.error] == []
        rows = rows_of(scene, "second")
        assert sorted(one["participant_id"] for one in rows) == sorted(low)
        assert sorted(one["sequence"] for one in rows) == list(range(1, people + 1))
        with scene.work(UNBLINDED, write=False) as work:
            assert verifying.verify(work, scene.slug).holds
