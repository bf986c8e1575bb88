"""`equipoise capsule`: looked at before, made from a frozen folder or a frozen trial, and checked anywhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.reports.builder import build_freeze
from tests.reports.capsule.conftest import answered, asking
from tests.services.scene import Scene
from trial.cli.places import ready_store, settings_of

HOME = "--home=home"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("kept")
    frozen = build_freeze(place / "frozen", protocol=asking(place / "protocol"), randomized=80, seed=13)
    return answered(frozen, lambda number, _: number % 5 != 0)


@pytest.fixture
def frozen(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "frozen"))


def test_a_look_says_what_would_be_in_it_and_writes_nothing(equipoise: Shell, frozen: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    done = equipoise("capsule", "frozen", "--public", "--dry-run")
    assert done.code == 0, done
    assert "public capsule: 64 of 80 randomised" in done.out and "Nothing was written." in done.out
    assert "classes of fewer than 5 by age" in done.out and "age: " in done.out and "data/ (" in done.out
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", ["restricted", "public"])
def test_it_is_made_and_checked(equipoise: Shell, frozen: Path, tmp_path: Path, kind: str) -> None:
    done = equipoise("capsule", "make", "frozen", f"--{kind}", "--out", "made", "--date", "2031-05-20")
    assert done.code == 0 and "equipoise capsule verify made" in done.out, done
    shutil.move(tmp_path / "made", tmp_path / "elsewhere")
    shutil.rmtree(frozen)
    said = equipoise("capsule", "verify", "elsewhere")
    assert said.code == 0 and "the same" in said.out, said
    crate = json.loads((tmp_path / "elsewhere" / "ro-crate-metadata.json").read_text())
    assert crate["@graph"][1]["datePublished"] == "2031-05-20"
    assert json.loads(equipoise("capsule", "verify", "elsewhere", "--json").out)["holds"] is True


def test_the_restricted_one_is_what_is_made_unless_another_is_asked_for(equipoise: Shell, frozen: Path) -> None:
    assert "restricted capsule: 80 of 80" in equipoise("capsule", "frozen", "--dry-run").out


def test_a_changed_capsule_ends_with_2_and_names_the_file(equipoise: Shell, frozen: Path, tmp_path: Path) -> None:
    equipoise("capsule", "frozen", "--out", "made")
    (tmp_path / "made" / "README.md").write_text("else")
    assert "README.md is not what it was" in equipoise.refused(2, "capsule", "verify", "made")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["frozen"], 2, "no folder is named"),
        (["no/folder", "--out", "made"], 2, "there is no such folder"),
        (["frozen", "--out", "made", "--date", "tomorrow"], 2, "is no date"),
        (["frozen", "--public", "--leave-out", "height", "--dry-run"], 1, "no baseline fact"),
        (["frozen", "--out", "frozen"], 1, "is not empty"),
    ],
)
def test_what_cannot_be_is_said(equipoise: Shell, frozen: Path, words: list[str], code: int, said: str) -> None:
    assert said in equipoise.refused(code, "capsule", *words)


def test_before_the_freeze_there_is_no_capsule(equipoise: Shell, trial: str) -> None:
    assert f"{trial} is open: freeze it first" in equipoise.refused(1, "capsule", trial, "--out", "made", HOME)
    assert f"{trial} is open: freeze it first" in equipoise.refused(1, "capsule", trial, "--dry-run", HOME)


def test_a_frozen_trial_gives_the_capsule_of_its_frozen_folder(equipoise: Shell, tmp_path: Path) -> None:
    store = ready_store(settings_of(home=tmp_path / "home"), new=True)
    Scene(store).enrol()
    assert equipoise("close", "evenings", HOME).code == 0
    assert equipoise("freeze", "evenings", "--out", "frozen", HOME).code == 0
    frozen = json.loads((tmp_path / "frozen" / "freeze.json").read_text())
    before = [row["event"] for row in equipoise.rows().tables["event"]]
    look = equipoise("capsule", "evenings", "--dry-run", HOME)
    assert look.code == 0, look
    assert [row["event"] for row in equipoise.rows().tables["event"]] == before
    done = equipoise("capsule", "evenings", "--out", "made", HOME)
    assert done.code == 0, done
    assert json.loads((tmp_path / "made" / "capsule.json").read_text())["freeze_digest"] == frozen["digest"]
    assert [row["event"] for row in equipoise.rows().tables["event"]] == [*before, "dataset_frozen"]
    said = equipoise("capsule", "verify", "made")
    assert said.code == 0 and "allocations are what seed, order and levels give" in said.out, said
    assert "does not ask" in equipoise.refused(1, "capsule", "evenings", "--public", "--dry-run", HOME)


def test_an_allocation_that_does_not_hold_is_found_in_the_capsule(equipoise: Shell, tmp_path: Path) -> None:
    from reports.capsule.checking import CHECKSUMS, checksums

    store = ready_store(settings_of(home=tmp_path / "home"), new=True)
    Scene(store).enrol()
    for words in (["close", "evenings"], ["freeze", "evenings", "--out", "frozen"], ["capsule", "evenings", "--out=m"]):
        assert equipoise(*words, HOME).code == 0
    made = tmp_path / "m"
    script = made / "scripts" / "verify_allocation.py"
    script.write_text("print('all is well')\n")  # that of the capsule is never run
    seal = made / "frozen" / "allocation.json"
    said = json.loads(seal.read_text())
    seal.write_text(json.dumps(said | {"seed": "00" * 32}))
    files = {one.relative_to(made).as_posix(): one.read_bytes() for one in made.rglob("*") if one.is_file()}
    (made / CHECKSUMS).write_bytes(checksums({name: data for name, data in files.items() if name != CHECKSUMS}))
    assert equipoise("capsule", "verify", "m").code == 2
