"""A process of ours: started, waited for, stopped or killed with all its children, its log kept for errors."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def dies_with_us(death: signal.Signals) -> Callable[[], None] | None:
    """Return what makes the child get this signal when the thread that starts it ends, even by SIGKILL."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, int(death))


def wait_until(what: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Return once it is so; TimeoutError when it is not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s in vain")
        time.sleep(0.005)


def alive(process: psutil.Process) -> bool:
    """Say whether a process still runs; one that only waits to be collected by its parent does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all it started, without a word, and wait until they are gone."""
    try:
        children = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        children = []
    process.kill()
    for child in children:
        # it may have ended with its supervisor already
        with suppress(psutil.NoSuchProcess):
            child.kill()
    process.wait()
    deadline = time.monotonic() + 10
    while any(map(alive, children)) and time.monotonic() < deadline:
        time.sleep(0.005)


def freeze_tree(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Stop a process and all it started in mid-step; return them, to be thawed by `resume()`."""
    found = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for one in found:
        one.suspend()
    return found


class ManagedProcess(ABC):
    """One process with a temporary folder of its own; `with` starts it and, at the end, stops it and its folder."""

    name = "process"
    stop_signal = signal.SIGTERM
    account: tuple[int, int] | None = None  # uid and gid to run as; None: our own
    start_patience, stop_patience = 30.0, 15.0  # seconds

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"equipoise-{self.name}-"))
        self.log = self.folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def argv(self) -> list[str]:
        """Return the command line."""

    @abstractmethod
    def answers(self) -> bool:
        """Say whether the process does its work yet."""

    def environment(self) -> dict[str, str]:
        """Return the variables the process gets: ours, without the settings of another installation."""
        return {key: value for key, value in os.environ.items() if not key.startswith(("EQUIPOISE_", "PG"))}

    def start(self) -> None:
        """Start the process and return once it answers; raise RuntimeError with the end of its log otherwise."""
        uid, gid = self.account or (None, None)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env=self.environment(), user=uid, group=gid, extra_groups=[] if uid is not None else None,
                start_new_session=True, preexec_fn=dies_with_us(self.stop_signal),
            )  # fmt: skip
        deadline = time.monotonic() + self.start_patience
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                state = f"exit code {self.process.poll()}" if self.process.poll() is not None else "no answer"
                self.kill()
                raise RuntimeError(f"{self.name} did not start ({state}); its log ends:\n{self.last_words()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask the process to end, and kill it if it does not."""
        if self.process is None:
            return
        try:
            self.process.send_signal(self.stop_signal)
            self.process.wait(self.stop_patience)
        except subprocess.TimeoutExpired:
            kill_tree(self.process)
        self.process = None

    def kill(self) -> None:
        """End the process and its children at once, as a power cut would."""
        if self.process is not None:
            kill_tree(self.process)
        self.process = None

    def kill_while(self, what: Callable[[], bool], *, tries: int = 200) -> None:
        """Kill the process and its children in a moment of which `what` is true: they are frozen while it looks."""
        assert self.process is not None
        for _ in range(tries):
            frozen = freeze_tree(self.process)
            if what():
                break
            for one in frozen:
                one.resume()
            time.sleep(0.004)
        else:
            raise AssertionError(f"{self.name} was never in the state to be killed in")
        self.kill()

    def restart(self) -> None:
        """Stop the process if it runs, and start it again in the same folder."""
        self.stop()
        self.start()

    def last_words(self, lines: int = 25) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Server(ManagedProcess):
    """A process that listens on a port of 127.0.0.1, which it keeps over a restart."""

    port = 0

    @property
    @abstractmethod
    def url(self) -> str:
        """Return the address for a client."""

    def start(self) -> None:
        """Start as above; a first start looks for another port when someone else just took the chosen one."""
        if self.port:
            return super().start()
        for _ in range(3):
            self.port = free_port()
            try:
                return super().start()
            except RuntimeError as error:
                if "in use" not in str(error):
                    raise
                last = error
        raise last
