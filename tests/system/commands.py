"""The real command in a process of its own, and the one rehearsal that several files of tests look at."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.system.evidence import Evidence, read_sqlite

EQUIPOISE = Path(sys.executable).with_name("equipoise")
PROTOCOL = "shapira-mongrain-2010"

# every way out of a trial is taken by somebody of this seed; nothing is asked of its estimates
PEOPLE, SEED, EFFECT = 40, 30, 1.5
# tests that look at it stay in one process, so that it is lived once
WHOLE_TRIAL = "the whole trial"


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended."""

    code: int
    out: str
    err: str


def environment(**settings: str) -> dict[str, str]:
    """Our variables without the settings of another installation, and these EQUIPOISE_ ones, in capitals."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("EQUIPOISE_", "PG"))}
    return ours | {f"EQUIPOISE_{name}": value for name, value in settings.items()}


def equipoise(*words: str | Path, cwd: Path, timeout: float = 240, **settings: str) -> Done:
    """Run the installed command to its end."""
    argv = [str(EQUIPOISE), *map(str, words)]
    ended = subprocess.run(
        argv, cwd=cwd, env=environment(**settings), capture_output=True, text=True, timeout=timeout, check=False
    )
    return Done(ended.returncode, ended.stdout, ended.stderr)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A finished demo: where it lies and what the command printed."""

    home: Path
    done: Done


@cache
def whole_trial() -> Rehearsal:
    """Forty pretend people, once per process, on the embedded defaults."""
    place = Path(tempfile.mkdtemp(prefix="equipoise-whole-trial-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    wish = ("--participants", str(PEOPLE), "--seed", str(SEED), "--effect", str(EFFECT), "--out", "lived")
    return Rehearsal(place / "lived", equipoise("demo", *wish, cwd=place))


@cache
def whole_evidence() -> Evidence:
    """What that rehearsal left behind."""
    home, done = whole_trial().home, whole_trial().done
    assert done.code == 0, done.err
    return Evidence(home, read_sqlite(home / "equipoise.sqlite"))
