"""The command line in this process: what it prints, the code it ends with, and never a traceback."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.system.commands import Done, ended
from tests.system.evidence import Evidence, read_sqlite

# `file:line: what, and how to mend it`; a setting or an option stands where there is no file
LOCATED = re.compile(r"^[^\s:][^:]*(:\d+)?: .+[.!?…/]$")


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs `equipoise` in a folder of the test's own; an error that is not ours fails the test as a traceback would."""

    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]
    folder: Path

    def __call__(self, *words: object, **settings: str) -> Done:
        """`settings` are EQUIPOISE_ variables, names in capitals."""
        with self.patch.context() as patch:
            for name in [one for one in os.environ if one.startswith("EQUIPOISE_")]:
                patch.delenv(name)
            for name, value in settings.items():
                patch.setenv(f"EQUIPOISE_{name}", value)
            patch.setattr(sys, "argv", ["equipoise", *map(str, words)])
            code = ended()
        out, err = self.capture.readouterr()
        return Done(code, out, err)

    def refused(self, code: int, *words: object, **settings: str) -> str:
        """What is said on standard error by a command that must end with this code, and says nothing else."""
        done = self(*words, **settings)
        assert done.code == code, done
        assert done.out == "" and done.err, done
        return done.err

    def rows(self, home: str = "home") -> Evidence:
        """The database of a home, read by SQL."""
        return Evidence(self.folder / home, read_sqlite(self.folder / home / "equipoise.sqlite"))


@pytest.fixture
def equipoise(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capsys, tmp_path)


@pytest.fixture
def trial(equipoise: Shell) -> str:
    """A test trial in the folder `home`: its name."""
    done: Any = equipoise(
        "open", "shapira-mongrain-2010", "--test", "--placeholder-wording", "--name", "evenings", "--home", "home"
    )
    assert done.code == 0, done
    return "evenings"
