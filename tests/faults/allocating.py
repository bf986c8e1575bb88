"""Clients that send in the last answer of a baseline: many at the same moment, or one that dies on the way.

Each runs in a thread of one of several processes, with a connection of its own; all wait at one barrier. Between what
the services read and what they write a pause is injected, so that whoever did not hold a lock would be overtaken.

`naive` is the control: the same services with every statement in a transaction of its own, as code without a unit of
work has it. No lock outlives its statement, and no crash takes anything back.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, Protocol

from sqlalchemy import create_engine

from tests.storage.stores import KEYS
from trial.core.access import participant_actor
from trial.core.randomization import Decision
from trial.services import answers, randomization, stages
from trial.storage.columns import VAULT
from trial.storage.engine import connect
from trial.storage.work import Store

PROCESSES, THREADS = 8, 8
CLIENTS = PROCESSES * THREADS
PAUSE = 0.001
# after reading that there is nothing yet: once in a trial, but in the control everybody who comes in time reads it,
# and goes on when so many have that two are of the same person or team, however slow the machine is
LATE, PATIENCE = 0.02, 10.0
# forks of a server without threads: what they need is loaded once, however many processes there are
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.allocating", "tests.faults.submitting"])


SLOW: tuple[tuple[Any, str, int], ...] = (
    (answers, "show", CLIENTS // 2),
    (randomization, "allocate", CLIENTS // 2),
    (randomization.clusters, "arm_of", CLIENTS // 8),
)


class Counted(Protocol):
    """A number that the processes share."""

    value: int

    def get_lock(self) -> AbstractContextManager[Any]: ...


@dataclass(frozen=True, slots=True)
class Press:
    """One press of the button under the last questionnaire of somebody's baseline."""

    person: int
    occasion: int
    form: dict[str, str]
    submission: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the client heard: how the form was taken and whether it allocated, or an error."""

    person: int
    state: str = ""
    allocated: bool = False
    error: str = ""


def press(store: Store, one: Press) -> Told:
    with store.open_work(participant_actor(one.person)) as work:
        done = answers.submit(
            work, one.person, one.occasion, one.form, submission=one.submission, opened_at=work.now
        )  # fmt: skip
    return Told(one.person, done.state, done.allocated)


def store_at(url: str, *, naive: bool = False) -> Store:
    """The tests' store; the naive one commits each statement by itself."""
    if not naive:
        return Store(connect(url, durable=False), KEYS)
    lite = url.startswith("sqlite")
    engine = create_engine(
        url, isolation_level="AUTOCOMMIT",
        connect_args={"timeout": 30, "check_same_thread": False} if lite else {},
        execution_options={"schema_translate_map": {VAULT: None}} if lite else {},
    )  # fmt: skip
    return Store(engine, KEYS)


# --- many at the same moment -------------------------------------------------------------------------------------


@dataclass
class Clients:
    """The processes, started once for as many rounds as are asked."""

    pipes: list[Connection]
    readers: list[Counted]

    def press(self, url: str, presses: Sequence[Press], *, naive: bool = False) -> list[Told]:
        """Everybody presses at the same moment; what each was told."""
        assert len(presses) == CLIENTS
        for one in self.readers:
            one.value = 0
        for number, pipe in enumerate(self.pipes):
            pipe.send((url, naive, presses[number::PROCESSES]))
        return [told for pipe in self.pipes for told in pipe.recv()]


@contextmanager
def clients() -> Iterator[Clients]:
    barrier, readers = CONTEXT.Barrier(CLIENTS), [CONTEXT.Value("i", 0) for _ in SLOW]
    ends, processes = [], []
    for _ in range(PROCESSES):
        ours, theirs = CONTEXT.Pipe()
        processes.append(CONTEXT.Process(target=serve, args=(theirs, barrier, readers), daemon=True))
        ends.append(ours)
    for process in processes:
        process.start()
    try:
        yield Clients(ends, readers)
    finally:
        for process in processes:
            process.kill()
            process.join()


def serve(pipe: Connection, barrier: Barrier, readers: Sequence[Counted]) -> None:
    """Send in what comes over the pipe, each form in a thread of its own, until the process is ended."""
    control = [False]
    for (module, name, many), counted in zip(SLOW, readers, strict=True):
        setattr(module, name, _slowly(getattr(module, name), control, counted, many))
    place, store = None, None
    while True:
        url, naive, presses = pipe.recv()
        control[0] = naive
        if store is None or place != (url, naive):
            if store is not None:
                store.engine.dispose()
            place, store = (url, naive), store_at(url, naive=naive)

        def at_the_barrier(one: Press, store: Store = store) -> Told:
            barrier.wait(60)
            try:
                return press(store, one)
            except Exception as error:
                return Told(one.person, error=f"{type(error).__name__}: {error}".partition("\n")[0])

        with ThreadPoolExecutor(THREADS) as pool:
            told = list(pool.map(at_the_barrier, presses))
        if url.startswith("sqlite"):
            store.engine.dispose()  # another file will lie in this place
        pipe.send(told)


def _slowly(read: Callable[..., Any], control: list[bool], readers: Counted, many: int) -> Callable[..., Any]:
    """What was read is old by the time it is used."""

    def slow(*given: Any, **named: Any) -> Any:
        found = read(*given, **named)
        if found or not control[0]:
            time.sleep(PAUSE if found else LATE)
            return found
        with readers.get_lock():
            readers.value += 1
        deadline = time.monotonic() + PATIENCE
        while readers.value < many and time.monotonic() < deadline:
            time.sleep(LATE)
        return found

    return slow


# --- one that dies -----------------------------------------------------------------------------------------------

# where a submission is broken off: each is the last thing that is done
PLACES: dict[str, tuple[Any, str]] = {
    "after the draw": (randomization, "allocate"),
    "after the allocation was written": (randomization.allocations, "add"),
    "after the event was written": (randomization, "plan_after_randomization"),
    "after all was planned": (answers, "randomize"),
}
PLACES_OF_A_STAGE: dict[str, tuple[Any, str]] = {
    "after the draw": PLACES["after the draw"],
    "after the allocation was written": PLACES["after the allocation was written"],
    "after the event of the stage was written": (stages, "plan_after_stage"),
    "after all of the stage was planned": (stages, "answered"),
}
PLACES_OF_A_TEAM = {"after the team was allocated": (randomization.clusters, "add")} | PLACES
Way = Callable[[], object]


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def error() -> None:
    raise ZeroDivisionError


WAYS: dict[str, Way] = {"killed": killed, "an error": error}


def broken_off(url: str, one: Press, place: str, way: str, *, naive: bool = False) -> tuple[int | None, Decision]:
    """A client's end: the exit code of its process, and the decision that it had come to."""
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=breaking_off, args=(theirs, url, one, place, way, naive), daemon=True)
    process.start()
    theirs.close()
    decision = ours.recv()
    process.join(60)
    return process.exitcode, decision


def breaking_off(pipe: Connection, url: str, one: Press, place: str, way: str, naive: bool) -> None:
    decide = randomization.allocate

    def telling(*given: Any) -> Decision:
        decision = decide(*given)
        pipe.send(decision)
        return decision

    randomization.allocate = telling
    module, name = (PLACES_OF_A_TEAM | PLACES_OF_A_STAGE)[place]
    act = getattr(module, name)

    def last(*given: Any, **named: Any) -> None:
        act(*given, **named)
        WAYS[way]()

    setattr(module, name, last)
    press(store_at(url, naive=naive), one)
