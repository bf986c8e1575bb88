"""A list from an outside statistician: given once at the opening, sealed, printed nowhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from trial.protocol_files import shipped

OPEN = ("--test", "--placeholder-wording", "--home", "home")
ARMS = ("letter", "optimism", "early_memory")
ROWS = [f"{level},{n},{ARMS[n % 3]}" for level in ("high", "low") for n in range(1, 401)]


@pytest.fixture
def mine(tmp_path: Path) -> str:
    """The shipped trial, going by a list."""
    folder = tmp_path / "mine"
    shutil.copytree(shipped("shapira-mongrain-2010"), folder)
    file = folder / "protocol.yaml"
    text = file.read_text(encoding="utf-8")
    blocks = "  method: permuted_blocks\n  block_sizes: [3, 6, 9]\n"
    assert text.count(blocks) == 1
    listed = "  method: listed\n  outside_list: {made_by: A statistician elsewhere, how: Blocks of twelve by dice.}\n"
    file.write_text(text.replace(blocks, listed), encoding="utf-8")
    return str(folder)


def a_list(tmp_path: Path, rows: list[str]) -> str:
    file = tmp_path / "list.csv"
    file.write_text("\n".join(["stratum,number,arm", *rows]) + "\n", encoding="utf-8")
    return str(file)


def test_a_trial_opens_with_a_list_that_nothing_prints(equipoise: Shell, mine: str, tmp_path: Path) -> None:
    rows = [*ROWS, "low,401,optimism"]
    done = equipoise("open", mine, *OPEN, "--list", a_list(tmp_path, rows))
    assert done.code == 0, done.err
    assert not any(arm in done.out + done.err for arm in ARMS)
    kept = equipoise.rows().tables["allocation_list"]
    assert len(kept) == len(rows) and len({len(one["sealed_arm"]) for one in kept}) == 1
    assert not any(arm.encode() in one["sealed_arm"] for one in kept for arm in ARMS)


def test_a_wrong_list_is_refused_with_its_line_and_nothing_opens(equipoise: Shell, mine: str, tmp_path: Path) -> None:
    said = equipoise.refused(2, "open", mine, *OPEN, "--list", a_list(tmp_path, [*ROWS, "low,401,something"]))
    assert "list.csv:802" in said and "no such arm" in said
    assert "cannot be read" in equipoise.refused(2, "open", mine, *OPEN, "--list", str(tmp_path / "nowhere.csv"))
    assert "--list" in equipoise.refused(1, "open", mine, *OPEN)
    said = equipoise.refused(1, "open", "shapira-mongrain-2010", *OPEN, "--list", a_list(tmp_path, ROWS))
    assert "does not go by a list" in said
