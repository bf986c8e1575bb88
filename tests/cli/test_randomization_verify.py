"""`equipoise randomization verify` and the script of the documentation, on a trial rehearsed from end to end."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.core.published import script
from tests.system.commands import PROTOCOL, whole_evidence

CHECK = script()


def test_a_finished_demo_holds_by_the_command_and_by_the_script(equipoise: Shell) -> None:
    home, seal = whole_evidence().home, whole_evidence().one("seal")
    done = equipoise("randomization", "verify", PROTOCOL, "--home", home)
    people = len(whole_evidence().tables["allocation"])
    assert done.code == 0 and f"All {people} allocations are what seed, order and levels give" in done.out
    assert seal["digest"] in done.out
    assert f"All {people} allocations" in CHECK.verify(home, seal["digest"])


def test_one_arm_changed_in_the_database_ends_the_command_with_1(equipoise: Shell, tmp_path: Path) -> None:
    shutil.copytree(whole_evidence().home, tmp_path / "home", ignore=shutil.ignore_patterns("mailbox"))
    with closing(sqlite3.connect(tmp_path / "home" / "equipoise.sqlite")) as rows, rows:
        for (name,) in rows.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            rows.execute(f"drop trigger {name}")
        rows.execute("update allocation set arm = 'optimism' where sequence = (select max(sequence) from allocation"
                     " where arm != 'optimism')")  # fmt: skip
    done = equipoise("randomization", "verify", PROTOCOL, "--home", "home")
    assert done.code == 1 and "does NOT hold" in done.out and "is the first that differs, in its arm" in done.out
    told = json.loads(equipoise("randomization", "verify", PROTOCOL, "--home", "home", "--json").out)
    assert told["holds"] is False and told["difference"]["what"] == "arm" and told["difference"]["found"] == "optimism"


@pytest.mark.parametrize("name", ["allocation.csv", "allocation.json"])
def test_the_published_list_lies_within_the_digest_of_the_freeze(equipoise: Shell, tmp_path: Path, name: str) -> None:
    shutil.copytree(whole_evidence().home, tmp_path / "home", ignore=shutil.ignore_patterns("mailbox", "*.sqlite"))
    place = tmp_path / "home" / name
    text = place.read_text(encoding="utf-8")
    place.write_text(text[:-3] + ("0" if text[-3] != "0" else "1") + text[-2:], encoding="utf-8")
    assert "digest is another" in equipoise.refused(2, "report", "home")


def test_before_the_lock_the_operator_is_not_told_whether_the_list_holds(equipoise: Shell, trial: str) -> None:
    assert "may not verify allocation" in equipoise.refused(1, "randomization", "verify", trial, "--home", "home")
