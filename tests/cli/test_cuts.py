"""`equipoise cut`: blind files on the disk, a committee's closed report sealed, nothing of an arm in plain text."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.members import joined, signed_in
from tests.services.scene import Scene
from trial.cli.places import ready_store, settings_of
from trial.core.access import Role
from trial.storage import sealed_files

HOME = ("--home", "home")
SECRET = "a long passphrase of the committee"


@pytest.fixture
def scene(equipoise: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A trial that runs, four people in it, and a committee's pair of keys."""
    monkeypatch.setattr(sealed_files, "WORK_FACTOR", 2)
    made = Scene(ready_store(settings_of(home=tmp_path / "home"), new=True), pretend=False)
    for mood in (0, 1, 0, 1):
        made.enrol(mood=mood)
    (tmp_path / "secret.txt").write_text(SECRET)
    assert equipoise("keys", "custodian", "chair", "--passphrase-file=secret.txt").code == 0
    return made


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sums_hold(found: dict[str, bytes]) -> bool:
    lines = found["SHA256SUMS"].decode().splitlines()
    told = dict(reversed(line.split("  ")) for line in lines)  # type: ignore[misc]
    return told == {name: hashlib.sha256(data).hexdigest() for name, data in found.items() if name != "SHA256SUMS"}


def test_a_cut_is_pooled_where_nothing_else_is_asked_for(equipoise: Shell, scene: Scene, tmp_path: Path) -> None:
    signed_in(scene.store, tmp_path / "home", joined(scene.store, "evenings", Role.STATISTICIAN))
    done = equipoise("cut", "evenings", "--out=cuts", *HOME)
    assert done.code == 0 and "cut 1 of evenings: digest" in done.out, done
    found = files(tmp_path / "cuts" / "cut-1")
    assert sums_hold(found) and all("blinded-pooled" in name for name in found if name != "SHA256SUMS")
    told = json.loads(found["cut-1-blinded-pooled.json"])
    assert told["groups"] == [] and told["flow"]["randomised"] == 4
    event = [row for row in equipoise.rows().tables["event"] if row["event"] == "cut_taken"]
    assert len(event) == 1 and told["cut"]["digest"] in str(event[0]["detail"])
    assert scene.trial.state.value == "open"


def test_who_is_blinded_cannot_ask_for_arms_nor_name_a_reader(equipoise: Shell, scene: Scene, tmp_path: Path) -> None:
    signed_in(scene.store, tmp_path / "home", joined(scene.store, "evenings", Role.OWNER))
    for more in (["--closed"], ["--dsmb", "--reader=chair.pub"]):
        assert "may not read closed report" in equipoise.refused(1, "cut", "evenings", "--out=cuts", *more, *HOME)
    assert not (tmp_path / "cuts").exists()
    assert not [row for row in equipoise.rows().tables["event"] if row["event"] == "cut_taken"]


def test_a_cut_without_a_place_is_told_where_to_name_one(equipoise: Shell, scene: Scene) -> None:
    assert "--out" in equipoise.refused(2, "cut", "evenings", *HOME)


@pytest.mark.parametrize("more", [["--dsmb"], ["--reader=chair.pub"], ["--closed", "--dummy-arms"]])
def test_options_that_do_not_fit_are_said(equipoise: Shell, scene: Scene, more: list[str]) -> None:
    equipoise.refused(2, "cut", "evenings", "--out=cuts", *more, *HOME)


def test_a_committee_gets_both_reports_of_one_cut_and_the_closed_one_is_sealed(
    equipoise: Shell, scene: Scene, tmp_path: Path
) -> None:
    signed_in(scene.store, tmp_path / "home", joined(scene.store, "evenings", Role.UNBLINDED_STATISTICIAN))
    done = equipoise("cut", "evenings", "--out=cuts", "--dsmb", "--reader=chair.pub", *HOME)
    assert done.code == 0, done
    found = files(tmp_path / "cuts" / "cut-1")
    assert sums_hold(found)
    sealed = found.pop("cut-1-closed.sealed")
    arms = [arm.id for arm in scene.folder.protocol.arms]
    everything = b"".join([*found.values(), sealed]).lower() + "".join(found).encode()
    assert b'"estimates"' not in everything and not any(f'"{arm}"'.encode() in everything for arm in arms)
    for more in (["--private-key=other"], ["--private-key=chair"]):
        if more == ["--private-key=other"]:
            equipoise("keys", "custodian", "other", "--passphrase-file=secret.txt")
        opened = equipoise(
            "open-sealed", "cuts/cut-1/cut-1-closed.sealed", *more, "--passphrase-file=secret.txt", "--out=closed"
        )
        assert opened.code == (2 if "other" in more[0] else 0), opened
    closed = files(tmp_path / "closed")
    told = json.loads(closed["cut-1-closed.json"])
    assert told["cut"] == json.loads(found["cut-1-blinded-pooled.json"])["cut"], "the same cut"
    assert set(told["arms"]) == set(arms) and told["estimates"] and told["interim"]["look"] == 1
    looks = [row for row in equipoise.rows().tables["event"] if row["event"] == "interim_look"]
    assert len(looks) == 1


def test_who_opens_the_arms_looks_for_a_committee_or_not(equipoise: Shell, scene: Scene, tmp_path: Path) -> None:
    signed_in(scene.store, tmp_path / "home", joined(scene.store, "evenings", Role.UNBLINDED_STATISTICIAN))
    assert equipoise("cut", "evenings", "--out=cuts", *HOME).code == 0
    assert not [row for row in equipoise.rows().tables["event"] if row["event"] == "interim_look"]
    for number in (2, 3):
        assert equipoise("cut", "evenings", "--out=cuts", "--closed", *HOME).code == 0
        told = json.loads((tmp_path / f"cuts/cut-{number}/cut-{number}-closed.json").read_text())
        looks = [row for row in equipoise.rows().tables["event"] if row["event"] == "interim_look"]
        assert told["interim"]["look"] == number - 1 == len(looks)


def test_dummy_labels_stand_where_they_tell_nothing(equipoise: Shell, scene: Scene, tmp_path: Path) -> None:
    signed_in(scene.store, tmp_path / "home", joined(scene.store, "evenings", Role.STATISTICIAN))
    assert equipoise("cut", "evenings", "--out=cuts", "--dummy-arms", *HOME).code == 0
    found = files(tmp_path / "cuts" / "cut-1")
    assert all("blinded-dummy-labels" in name for name in found if name != "SHA256SUMS")
    assert json.loads(found["cut-1-blinded-dummy-labels.json"])["groups"] == ["Group 1", "Group 2"]
    assert "may not read closed report" in equipoise.refused(1, "cut", "evenings", "--labels=1", *HOME)
    signed_in(scene.store, tmp_path / "home", joined(scene.store, "evenings", Role.UNBLINDED_STATISTICIAN))
    told = equipoise("cut", "evenings", "--labels=1", *HOME)
    assert told.code == 0 and sorted(line.split(": ")[0] for line in told.out.splitlines()) == ["Group 1", "Group 2"]
