"""Processes that are there at once: one process loads everything, and each new one is a copy of it.

A Celery worker takes two seconds of a processor to load its modules; under a test that kills one every half second
none would ever be ready. What the copies run is the real program (`celery worker`, `equipoise serve`), with an
environment, a log and a process group of its own.

    python -m tests.servers.nursery LOG        orders on standard input, one JSON line each; ends with it
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
ROOT = Path(__file__).parents[2]
CELERY, EQUIPOISE = "celery.__main__:main", "trial.cli.main:run"
LOADED = (
    "celery.__main__",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.worker.strategy",
    "kombu.transport.redis",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "trial.cli.main",
    "trial.cli.serving",
    "trial.settings",
    "workers.timetable",
    "workers.watchdog",
)


@dataclass(slots=True)
class Child:
    """A process from the nursery, the first of its own group."""

    pid: int
    log: Path

    @property
    def lives(self) -> bool:
        """Whether anything of its group is there."""
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def send(self, number: signal.Signals, *, group: bool = True) -> None:
        """A signal to the whole group, or to the first process alone; none to who is gone."""
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.pid, number)

    def kill(self) -> None:
        """End the group at once, as a power cut would."""
        self.send(signal.SIGKILL)
        if not self.gone_within(10):
            raise RuntimeError(f"process group {self.pid} outlived SIGKILL")

    def stop(self, patience: float = 20.0) -> None:
        """Ask it to end, and end it where it does not."""
        self.send(signal.SIGTERM, group=False)
        if not self.gone_within(patience):
            self.kill()

    def gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.lives:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def says(self, words: str) -> bool:
        """Whether these words are in its log."""
        return words in self.log.read_text(errors="replace")


class Nursery:
    """The loaded process; `with` starts it, and ends it and all its children."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None
        self._number = 0

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        surroundings = {key: value for key, value in os.environ.items() if not key.startswith(("EQUIPOISE_", "PG"))}
        surroundings |= {"OPENBLAS_NUM_THREADS": "1"}  # no threads before a fork
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.nursery", str(self.folder / "nursery.log")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=surroundings,
        )  # fmt: skip
        if self._answer() != "ready":
            raise RuntimeError("the nursery did not start: " + (self.folder / "nursery.log").read_text())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def start(self, run: str, *words: str, first: Sequence[str] = (), **environment: str) -> Child:
        """A new process that runs `module:function` with these words; `first` are called before it."""
        assert self.process is not None
        assert self.process.stdin is not None
        self._number += 1
        log = self.folder / f"{self._number:04d}.log"
        log.touch()
        order = {"run": run, "words": words, "first": list(first), "environment": environment, "log": str(log)}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return Child(int(self._answer()), log)

    def _answer(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


def celery(app: str, *words: str) -> list[str]:
    """The words of a celery command line; quick to be ready, for nobody else's news is waited for."""
    return ["-A", app, *words, "--loglevel", "INFO"]


def worker_words(name: str, *, app: str = "workers.app", concurrency: int = 1) -> list[str]:
    """`celery worker` with so many processes."""
    quick = ("--without-gossip", "--without-mingle")
    return celery(app, "worker", "--hostname", f"{name}@localhost", "--concurrency", str(concurrency), *quick)


def _serve_orders(log: Path) -> None:
    log.touch()
    for name in LOADED:
        import_module(name)
    started: set[int] = set()
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # what a killed worker leaves is ours to collect
    signal.signal(signal.SIGCHLD, _collect)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("ready", flush=True)
    while line := sys.stdin.readline():
        order = json.loads(line)
        # a signal that came between fork and setsid would find no group
        parent_ready, child_ready = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(parent_ready)
            _become(order, child_ready)
        os.close(child_ready)
        os.read(parent_ready, 1)
        os.close(parent_ready)
        started.add(pid)
        print(pid, flush=True)
    for pid in started:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _collect(number: int, frame: FrameType | None) -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(order: Mapping[str, Any], ready: int) -> None:
    """In the new process: never returns."""
    code = 1
    try:
        os.setsid()
        os.write(ready, b".")
        os.close(ready)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if sys.platform.startswith("linux"):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        log = os.open(order["log"], os.O_WRONLY | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, nothing), (1, log), (2, log)):
            os.dup2(source, target)
        os.environ.update(order["environment"])
        for name in order["first"]:
            _called(name)
        sys.argv = [order["run"].partition(".")[0], *order["words"]]
        code = _called(order["run"]) or 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        logging.getLogger(__name__).exception("the process failed")
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _called(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)()


if __name__ == "__main__":
    _serve_orders(Path(sys.argv[1]))
