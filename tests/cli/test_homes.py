"""A slip of the keyboard in --home leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.commands import equipoise

COMMANDS = (
    ("status", "some-trial"),
    ("pause", "some-trial"),
    ("resume", "some-trial"),
    ("close", "some-trial"),
    ("freeze", "some-trial", "--out", "frozen"),
    ("member", "list", "some-trial"),
    ("member", "add", "some-trial", "A. Person", "coordinator"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_a_home_that_is_not_there_is_named_and_not_made(words: tuple[str, ...], tmp_path: Path) -> None:
    done = equipoise(*words, "--home", "typo", cwd=tmp_path)
    assert done.code == 2
    assert "typo: no trial was ever opened here. Name the trial's folder with --home" in " ".join(done.err.split())
    assert list(tmp_path.iterdir()) == []
