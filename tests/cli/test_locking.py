"""`equipoise lock` and `unlock`: two accounts, or one where the protocol declares it, with the digest of the data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.members import joined, signed_in
from tests.services.scene import OPERATOR, Scene
from tests.services.test_two_person import declared
from trial.cli.places import ready_store, settings_of
from trial.core.access import Role
from trial.services import trials

HOME = ("--home", "home")
WHY = "Every window has closed."


def closed_trial(tmp_path: Path, *solo: str) -> Scene:
    made = ready_store(settings_of(home=tmp_path / "home"), new=True)
    scene = Scene(made, pretend=False, folder=declared(*solo))
    scene.to_baseline()
    with made.open_work(OPERATOR) as work:
        trials.close(work, scene.slug)
    return scene


def test_one_member_asks_another_approves_and_unlocking_takes_both_again(equipoise: Shell, tmp_path: Path) -> None:
    store = closed_trial(tmp_path).store
    assert "may not" in equipoise.refused(1, "lock", "evenings", "--ask", WHY, *HOME), "the operator is neither"
    owner, custodian = (joined(store, "evenings", one) for one in (Role.OWNER, Role.CUSTODIAN))
    for command, state in (("lock", "locked"), ("unlock", "closed"), ("lock", "locked")):
        signed_in(store, tmp_path / "home", owner)
        assert "takes two people" in equipoise.refused(1, command, "evenings", *HOME)
        asked = equipoise(command, "evenings", "--ask", WHY, *HOME)
        assert asked.code == 0 and "Asked." in asked.out
        assert equipoise(command, "evenings", "--approve", *HOME).code == 1, "not who asked"
        signed_in(store, tmp_path / "home", custodian)
        done = equipoise(command, "evenings", "--approve", *HOME)
        assert done.code == 0 and WHY in done.out and f"evenings is {state}." in done.out, done
        assert bool(re.search(r"digest of the data  [0-9a-f]{64}$", done.out, re.MULTILINE)) == (command == "lock")
    assert "Nobody has asked" in equipoise(command, "evenings", "--approve", *HOME).err


@pytest.mark.parametrize("solo", [(), ("lock",)])
def test_alone_only_where_the_protocol_declares_it(equipoise: Shell, tmp_path: Path, solo: tuple[str, ...]) -> None:
    store = closed_trial(tmp_path, *solo).store
    signed_in(store, tmp_path / "home", joined(store, "evenings", Role.OWNER))
    done = equipoise("lock", "evenings", "--ask", WHY, "--alone", *HOME)
    assert (done.code, "monitoring.solo" in done.err) == ((0, False) if solo else (1, True)), done
