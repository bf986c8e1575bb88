"""Each command acts as whom the guide says: the member who signed in, or the operator where the policy lets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from sqlalchemy import update

from tests.cli.conftest import Shell
from tests.cli.members import joined, signed_in, signed_out
from tests.commands_in_the_guide import MARK, table
from tests.core.protocols import FOLDER
from tests.services.scene import OPERATOR, Scene
from tests.tables_in_the_guide import shown
from trial.cli.main import app
from trial.cli.places import ready_store, settings_of
from trial.cli.whom import COMMANDS, Whom
from trial.core.access import KEPT_BY_OPERATOR, MAY, Role
from trial.core.trial import TrialKind
from trial.storage import restored, sealed_files
from trial.storage.tables import trial
from trial.storage.work import Store

HOME = "--home=home"
SECRET = "a long passphrase of the evening trial"


def commands(found: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that can be typed."""
    within = getattr(found, "commands", None)
    if within is None:
        yield " ".join(path)
    else:
        for name, one in within.items():
            yield from commands(one, (*path, name))


def test_every_command_says_whom_it_acts_as() -> None:
    assert set(commands(typer.main.get_command(app))) == set(COMMANDS), "name it in trial/cli/whom.py"


def test_the_guide_shows_the_table_as_it_is() -> None:
    assert shown(MARK) == table(), "write it anew: python -m tests.commands_in_the_guide"


# what is typed after a command, so that it gets as far as asking who may
WORDS = {
    "results": ["evenings", "--yes"],
    "prepare": ["mine", "--name=evenings", "--base-url=https://trial.example.org"],
    "backup": ["another", "--passphrase-file=secret.txt"],
    "restore": ["kept.backup", "--passphrase-file=secret.txt", "--replace", "--yes"],
    "drill": ["third", "--passphrase-file=secret.txt"],
    "release": ["evenings", "--ask=Because."],
    "open": ["mine", "--name=evenings"],
    "status": ["evenings"],
    "pause": ["evenings"],
    "resume": ["evenings", "--ask=Because."],
    "close": ["evenings"],
    "freeze": ["evenings", "--out=frozen"],
    "cut": ["evenings", "--out=cuts", "--closed"],
    "lock": ["evenings", "--ask=Because."],
    "unlock": ["evenings", "--ask=Because."],
    "member add": ["evenings", "Kim Example", "coordinator"],
    "member owner": ["evenings", "Kim Example", "kim@team.example"],
    "member invite": ["evenings", "Kim Example", "kim@team.example", "coordinator"],
    "member list": ["evenings"],
    "enrolment held": ["evenings"],
    "enrolment release": ["evenings", "EQ-1", "--reason=x"],
    "enrolment refuse": ["evenings", "EQ-1", "--reason=x"],
    "alert test": ["evenings"],
    "alert roster": ["evenings"],
    "protocol show": ["--trial=evenings", "--format=html", "--out=document"],
    "protocol diff": ["--trial=evenings", "mine"],
    "protocol amend": ["evenings", "mine", "--yes"],
    "capsule make": ["evenings", "--out=capsule"],
    "keys escrow": ["copies", "--recipient=custodian.pub"],
    "gate show": ["evenings"],
    "gate rehearsal": ["evenings", "demo", "--read"],
    "randomization verify": ["evenings"],
    "randomization share": ["evenings"],
    "randomization contribute": ["evenings", "--from=secret.txt", "--by=Somebody"],
    "randomization error": ["evenings", "EQ-1", "--reason=duplicate"],
    "mail doctor": ["evenings", "--to=tester@mailbox.example"],
    "delivery status": ["evenings"],
    "delivery explain": ["evenings", "EQ-1"],
    "delivery retime": ["evenings"],
}
ABOUT_A_TRIAL = [name for name, one in COMMANDS.items() if one.whom in (Whom.TRIAL, Whom.EVERYWHERE)]


def test_every_command_about_a_trial_is_tried_below() -> None:
    assert set(ABOUT_A_TRIAL) == set(WORDS)


@pytest.fixture
def store(equipoise: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A live trial with an owner who can sign in, its protocol's folder, a backup, and a custodian's key."""
    monkeypatch.setattr(sealed_files, "WORK_FACTOR", 2)
    made = ready_store(settings_of(home=tmp_path / "home"), new=True)
    Scene(made, pretend=False).to_baseline()
    with made.open_work(OPERATOR) as work:
        restored.hold(work)
        work.rows.execute(update(trial).values(kind=TrialKind.LIVE.value))
    for name, text in FOLDER.files.items():
        (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name).write_text(text, encoding="utf-8")
    (tmp_path / "demo").mkdir()
    marker = {"finished": True, "digest": FOLDER.digest, "participants": 20, "seed": 1}
    (tmp_path / "demo" / "rehearsal.json").write_text(json.dumps(marker))
    (tmp_path / "secret.txt").write_text(SECRET)
    equipoise("keys", "custodian", "custodian", "--passphrase-file=secret.txt")
    assert equipoise("backup", "kept", "--passphrase-file=secret.txt", HOME).code == 0
    joined(made, "evenings", Role.OWNER)
    return made


def typed(name: str, folder: Path) -> list[str]:
    words = [*name.split(), *WORDS[name], HOME]
    return [str(next((folder / "kept").glob("*.backup"))) if one == "kept.backup" else one for one in words]


def test_a_member_who_may_not_is_refused_by_each_command_and_nothing_happens(
    equipoise: Shell, store: Store, tmp_path: Path
) -> None:
    signed_in(store, tmp_path / "home", joined(store, "evenings", Role.STATISTICIAN))
    before = equipoise.rows().tables["event"]
    for name in ABOUT_A_TRIAL:
        done = equipoise(*typed(name, tmp_path))
        may = all(one in MAY[Role.STATISTICIAN] for one in COMMANDS[name].verbs)
        assert (done.code, "may not" in done.err) == ((0, False) if may else (1, True)), (name, done)
    assert equipoise.rows().tables["event"] == before


def test_beside_a_team_the_operator_is_refused_what_a_member_decides(
    equipoise: Shell, store: Store, tmp_path: Path
) -> None:
    signed_out(tmp_path / "home")
    refused = [
        name for name in ABOUT_A_TRIAL if not all(one in KEPT_BY_OPERATOR for one in COMMANDS[name].verbs)
    ]  # fmt: skip
    assert {"results", "restore", "open", "close", "freeze", "protocol amend"} < set(refused)
    for name in refused:
        done = equipoise(*typed(name, tmp_path))
        assert done.code == 1 and ("may not" in done.err or "takes two people" in done.err), (name, done)
    assert [row["event"] for row in equipoise.rows().tables["event"]][-1] == "member_joined"
    for name in ("status", "gate show", "backup", "pause"):
        assert "may not" not in equipoise(*typed(name, tmp_path)).err, name


def test_what_a_member_did_by_a_command_stands_under_their_number(
    equipoise: Shell, store: Store, tmp_path: Path
) -> None:
    owner, custodian = joined(store, "evenings", Role.OWNER, 2), joined(store, "evenings", Role.CUSTODIAN)
    signed_in(store, tmp_path / "home", custodian)
    for name in ("backup", "keys escrow", "drill"):
        assert equipoise(*typed(name, tmp_path)).code == 0, name
    signed_in(store, tmp_path / "home", owner)
    assert equipoise(*typed("close", tmp_path)).code == 0
    rows = equipoise.rows().tables
    by = {row["event"]: row["by"] for row in rows["event"] if row["by"].startswith("member:")}
    assert by["backed_up"] == by["evidence_recorded"] == f"member:{custodian}"
    assert by["recruitment_closed"] == f"member:{owner}"
    assert {row["by"] for row in rows["evidence"]} == {f"member:{custodian}"}


def test_a_custodian_lets_a_backup_replace_a_live_trial_and_the_record_names_whose_hands_did_it(
    equipoise: Shell, store: Store, tmp_path: Path
) -> None:
    signed_in(store, tmp_path / "home", joined(store, "evenings", Role.CUSTODIAN))
    done = equipoise(*typed("restore", tmp_path))
    assert done.code == 0 and "Put back and compared" in done.out, done
    last = equipoise.rows().tables["event"][-1]
    assert last["event"] == "restored" and last["by"].startswith("operator:")
