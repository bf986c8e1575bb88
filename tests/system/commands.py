"""The real command in a process of its own, and the one rehearsal that several files of tests look at."""

from __future__ import annotations

import atexit
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from tests.servers.process import kill_tree
from tests.system.evidence import Evidence, read_sqlite
from trial.cli.main import run

T = TypeVar("T")

EQUIPOISE = Path(sys.executable).with_name("equipoise")
PROTOCOL = "shapira-mongrain-2010"

# every way out of a trial is taken by somebody of this seed; nothing is asked of its estimates
PEOPLE, SEED, EFFECT = 40, 30, 1.5
# tests/distribution.py keeps those who look at it in one process, so that it is lived once


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended, and the id that its process had."""

    code: int
    out: str
    err: str
    pid: int = 0


def environment(**settings: str) -> dict[str, str]:
    """Our variables without the settings of another installation, and these EQUIPOISE_ ones, in capitals."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("EQUIPOISE_", "PG"))}
    return ours | {f"EQUIPOISE_{name}": value for name, value in settings.items()}


def equipoise(*words: str | Path, cwd: Path, timeout: float = 240, **settings: str) -> Done:
    """Run the installed command to its end."""
    argv, pipe = [str(EQUIPOISE), *map(str, words)], subprocess.PIPE
    with subprocess.Popen(argv, cwd=cwd, env=environment(**settings), stdout=pipe, stderr=pipe, text=True) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Done(process.returncode, out, err, process.pid)


def in_this_process(*words: str | Path, cwd: Path) -> Done:
    """The same command without a process of its own, for tests of what it leaves behind rather than of how it starts:
    a third of a small rehearsal is spent on importing what this process has imported long ago."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in os.environ.keys() - environment().keys():
            patch.delenv(name)
        patch.chdir(cwd)
        patch.setattr(sys, "argv", [EQUIPOISE.name, *map(str, words)])
        code = ended()
    return Done(code, out.getvalue(), err.getvalue(), os.getpid())


def ended() -> int:
    """The code with which the command ends that stands in `sys.argv`; an error that is not ours fails the test."""
    try:
        run()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@contextmanager
def running(*words: str | Path, cwd: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command while it runs, its words in the files `out` and `err` of the folder; killed at the end."""
    argv = [str(EQUIPOISE), *map(str, words)]
    with (cwd / "out").open("wb") as out, (cwd / "err").open("wb") as err:
        process = subprocess.Popen(
            argv, cwd=cwd, env=environment(**settings), stdout=out, stderr=err, preexec_fn=_as_in_a_terminal
        )
    try:
        yield process
    finally:
        kill_tree(process)


def _as_in_a_terminal() -> None:
    """A shell's background job, and all it starts, is deaf to an interrupt; people press ^C in the foreground."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(what: Callable[[], T | None], *, process: subprocess.Popen[bytes], seconds: float = 60) -> T:
    """The first answer that is not empty, while the process lives."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert process.poll() is None, f"the command ended early with {process.returncode}"
        if time.monotonic() > deadline:
            raise TimeoutError("waited in vain")
        time.sleep(0.01)
    return found


def same_bytes(one: Path, other: Path, *names: str) -> bool:
    """Whether these files of two folders are the same, byte for byte."""
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


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
