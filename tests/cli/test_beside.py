"""`equipoise open --beside`: a test trial for the team, from the very protocol of a live trial."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.cli.conftest import Shell
from tests.services.scene import OPERATOR
from trial.cli.places import ready_store, settings_of
from trial.core.trial import TrialKind
from trial.storage.tables import trial as table

HOME = "--home=home"


@pytest.fixture
def live(equipoise: Shell, trial: str) -> str:
    """The same trial, live, whatever its gate would say."""
    store = ready_store(settings_of(home=equipoise.folder / "home"))
    with store.open_work(OPERATOR) as work:
        work.rows.execute(update(table).values(kind=TrialKind.LIVE.value))
    store.engine.dispose()
    return trial


def test_it_is_opened_with_a_name_of_its_own_and_says_beside_what_it_stands(equipoise: Shell, live: str) -> None:
    done = equipoise("open", "--beside", live, HOME)
    assert "Test trial evenings-test stands beside evenings" in done.out
    status = equipoise("status", "evenings-test", HOME).out
    assert "evenings-test (test, open)" in status and "evenings, of the same version" in status
    assert "stands beside" not in equipoise("status", live, HOME).out


def test_a_protocol_beside_it_is_refused_and_so_is_a_trial_that_is_not_live(equipoise: Shell, live: str) -> None:
    assert "do not go together" in equipoise("open", "mine", "--beside", live, HOME).err
    equipoise("open", "--beside", live, HOME)
    assert "beside an open live trial only" in equipoise("open", "--beside", "evenings-test", HOME).err
    assert "no protocol is named" in equipoise("open", HOME).err
