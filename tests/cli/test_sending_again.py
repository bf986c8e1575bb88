"""`equipoise resume` and `release` follow the desk's rule: one person in a test trial, two in a live one."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from tests.cli.conftest import Shell
from tests.cli.members import joined, signed_in, signed_out
from tests.services.scene import OPERATOR, Scene
from trial.cli.places import ready_store, settings_of
from trial.core.access import SYSTEM, Role
from trial.core.trial import TrialKind
from trial.services import trials
from trial.storage import restored
from trial.storage.tables import trial as table
from trial.storage.work import Store

HOME = ("--home", "home")
WHY = "The log of the mail server was read."


@pytest.fixture
def store(equipoise: Shell, tmp_path: Path) -> Store:
    """A live trial that is stopped after a restore, one mail of which is held."""
    made = ready_store(settings_of(home=tmp_path / "home"), new=True)
    scene = Scene(made)
    scene.enrol()
    with made.open_work(SYSTEM) as work:
        work.rows.execute(update(table).values(kind=TrialKind.LIVE.value))
        restored.hold(work)
    with made.open_work(OPERATOR) as work:
        trials.pause(work, "evenings")
    return made


@pytest.mark.parametrize("command", ["resume", "release"])
def test_in_a_live_trial_one_member_asks_and_another_approves(
    equipoise: Shell, store: Store, tmp_path: Path, command: str
) -> None:
    home = tmp_path / "home"
    alone = equipoise(command, "evenings", *HOME, *(["--yes"] if command == "release" else []))
    assert alone.code == 1 and "takes two people" in alone.err, "the operator is nobody of the two"
    assert equipoise(command, "evenings", "--ask", WHY, *HOME).code == 1
    coordinator, custodian = (joined(store, "evenings", one) for one in (Role.COORDINATOR, Role.CUSTODIAN))
    signed_in(store, home, coordinator)
    asked = equipoise(command, "evenings", "--ask", WHY, *HOME)
    assert asked.code == 0 and "Asked." in asked.out
    assert equipoise(command, "evenings", "--approve", *HOME).code == 1, "not who asked"
    signed_in(store, home, custodian)
    done = equipoise(command, "evenings", "--approve", *HOME)
    assert done.code == 0 and WHY in done.out, done
    if command == "release":
        same = [line for line in asked.out.splitlines() if "would go out now" in line or "too late" in line]
        assert same and all(line in done.out for line in same), "who decides sees what who asked saw"
    event = [row for row in equipoise.rows().tables["event"] if row["event"] == "released"]
    assert [row["by"] for row in event] == [f"member:{custodian}"]
    again = equipoise(command, "evenings", "--approve", *HOME)
    assert again.code == 1 and ("Nobody has asked" in again.err or "Nothing of evenings" in again.err)


def test_alone_is_refused_where_the_protocol_does_not_declare_it(
    equipoise: Shell, store: Store, tmp_path: Path
) -> None:
    signed_in(store, tmp_path / "home", joined(store, "evenings", Role.OWNER))
    done = equipoise("resume", "evenings", "--ask", WHY, "--alone", *HOME)
    assert done.code == 1 and "monitoring.solo" in done.err
    assert equipoise.rows().tables["two_person_act"] == [], "nothing is asked for either"
    signed_out(tmp_path / "home")


def test_in_a_test_trial_the_operator_goes_on_alone(equipoise: Shell, trial: str) -> None:
    equipoise("pause", trial, *HOME)
    assert "no live trial" in equipoise.refused(1, "resume", trial, "--ask", WHY, *HOME)
    assert equipoise("resume", trial, *HOME).out == f"{trial} is open.\n"
