"""A rehearsal under faults: whoever sends is killed again and again by a seeded plan, and nothing may be lost by it.

Only processes that were started here are killed, by their own numbers. The plan's clock runs while mails are due, so
that it meets somebody at work. Machine time is let pass for what the dead held and for what was put off.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import typer

from trial.cli.celery_processes import log_of, worker_and_beat
from trial.core.access import SYSTEM
from trial.core.errors import BadInput, Refused, Unavailable
from trial.mail.mailbox_files import MISCHIEF
from trial.rehearsal.faults import FaultPlan, PutDown, put_down
from trial.rehearsal.oracle.mails import local_part
from trial.rehearsal.oracle.recount import Recount
from trial.services import rehearsing
from trial.settings import Settings
from trial.storage.work import Store

FILE = "faults.json"
PATIENCE = 600.0
LOOK, LET_PASS = 0.004, 0.25


@dataclass(slots=True)
class Faults:
    """The plan, and what it has come to."""

    plan: FaultPlan
    done: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class HungUp:
    """What the mail server, the witness, wrote down of itself: how often each fate, and which mails by their names."""

    counts: Counter[str]
    taken: Counter[str]
    lost: Counter[str]

    @classmethod
    def read(cls, mailbox: Path) -> HungUp:
        path = mailbox / MISCHIEF
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        said = [line.partition(" ")[::2] for line in lines]

        def named(fate: str) -> Counter[str]:
            return Counter(local_part(mail) for one, mail in said if one == fate and mail)

        return cls(Counter(fate for fate, _ in said), named("taken_unsaid"), named("lost_unsaid"))


def plan_of(seed: int, kills_a_minute: float, *, fast: bool, workers: bool) -> FaultPlan:
    """The plan, where there is something that it can be done to."""
    if fast:
        raise BadInput.at("--faults", "with --fast nothing is sent by a process of its own.", "Leave --fast out.")
    if not workers:
        raise BadInput.at("--faults", "only workers that this command started are killed.", "Leave --no-workers out.")
    return FaultPlan(seed, kills_a_minute)


def say_faults(faults: Faults | None, mailbox: Path, found: Recount, out: Path, *, quiet: bool) -> None:
    """What went wrong and what came of it: kept in `faults.json`, and said.

    Raises Refused where more mails are double or in doubt, beyond those that lost a connection of their own, than were
    kills.
    """
    if faults is None:
        return
    hung_up = HungUp.read(mailbox)
    done = faults.done + hung_up.counts
    blame = put_down(found.doubled, found.unknown, hung_up.taken, hung_up.lost)
    came_of_it = {name: found.compared[name] for name in ("lost", "doubled", "unknown")}
    plan = {"seed": faults.plan.seed, "kills_a_minute": faults.plan.kills_a_minute}
    kept = {"plan": plan, "faults": dict(sorted(done.items())), "mails": came_of_it, "put_down": asdict(blame)}
    (out / FILE).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    sentence = _sentence(faults.plan.seed, done, came_of_it, blame)
    if blame.by_kills > done["kills"]:
        raise Refused(
            f"{sentence} A kill leaves at most one mail in doubt, a lost connection answers for its own mail alone: "
            f"{done['kills']:,} kills cannot have done {blame.by_kills:,}. {out / FILE} has all of it."
        )
    if not quiet:
        typer.echo(sentence)


def _sentence(seed: int, done: Counter[str], came_of_it: dict[str, int], blame: PutDown) -> str:
    said = ", ".join(f"{done[name]:,} × {words}" for name, words in _SAID.items() if done[name])
    causes = {
        "doubled": (blame.doubled_by_connections, blame.doubled_by_kills),
        "unknown": (blame.unknown_by_connections, blame.unknown_by_kills),
    }
    ends = [f"{came_of_it['lost']:,} lost"]
    for name, (own, kills) in causes.items():
        why = f" ({own:,} by a lost connection of their own, {kills:,} by kills)" if own or kills else ""
        ends.append(f"{came_of_it[name]:,} {name}{why}")
    return f"Faults by the plan of seed {seed}: {said or 'none'}. Mails: {', '.join(ends)}."


_SAID = {
    "kills": "a sender killed",
    "mails in the hands of the dead": "a mail in its hands",
    "rings lost": "a ring of the bell lost",
    "put_off": "a mail put off by the server",
    "taken_unsaid": "a mail taken and the connection lost",
    "lost_unsaid": "a mail lost with the connection",
}
Postman = tuple[Callable[[], None], Callable[[], None]]


@contextmanager
def faulty_postman(settings: Settings, store: Store, faults: Faults) -> Iterator[Postman]:
    """(drain, ring): processes of their own send, and are killed by the plan."""
    with ExitStack() as stack:
        ring: Callable[[], None] = _silence
        if settings.broker_url:
            from workers.app import TICK, make_app, require_broker

            app = make_app(settings)
            stack.callback(app.close)
            require_broker(app)
            victims: _Victims = stack.enter_context(_celery_victims(settings))
            ring = _lossy(lambda: app.send_task(TICK, expires=60, ignore_result=True), faults)
        else:
            victims = stack.enter_context(_own_victims(settings))
        killer = stack.enter_context(_killing(victims, faults, store))
        yield lambda: _drained(store, ring, killer), ring


def _silence() -> None:
    """A process that looks all the time needs no bell."""


def _lossy(ring: Callable[[], object], faults: Faults) -> Callable[[], None]:
    """The bell, of which the plan loses some rings: the beat wakes the workers then."""

    def rung() -> None:
        faults.done["rings"] += 1
        if faults.plan.loses_ring(faults.done["rings"]):
            faults.done["rings lost"] += 1
        else:
            ring()

    return rung


def _drained(store: Store, ring: Callable[[], None], killer: _Killer) -> None:
    """Wait until nothing is due or in hand, however often somebody is killed meanwhile."""
    began = looked = time.monotonic()
    if _idle(store):
        return
    ring()
    killer.at_work.set()
    try:
        while not _idle(store):
            now = time.monotonic()
            if now - looked > LET_PASS:
                looked = now
                with store.open_work(SYSTEM) as work:
                    held = rehearsing.let_time_pass(work, killer.victims.is_gone)
                killer.faults.done["mails in the hands of the dead"] += held
            if now - began > PATIENCE:
                where = f"nothing came to an end for {PATIENCE:.0f} s"
                raise Unavailable("Whoever sends", "--kills-a-minute", where)
            time.sleep(LOOK)
    finally:
        killer.at_work.clear()


def _idle(store: Store) -> bool:
    with store.open_work(SYSTEM, write=False) as work:
        return rehearsing.nothing_in_hand(work)


# --- who is killed ------------------------------------------------------------------------------------------------


class _Victims:
    """Who sends: how many there are, and killing one of them, who is replaced."""

    count = 1

    def is_ready(self) -> bool:
        """Whether whoever was started last can send by now: before that there is nothing to break."""
        return True

    def kill(self, which: int) -> None:
        raise NotImplementedError

    def is_gone(self, owner: str) -> bool:
        """Whether the process whose number an owner's name begins with is none of those that send now."""
        raise NotImplementedError


def _number(owner: str) -> int:
    return int(owner.partition("-")[0])


class _Own(_Victims):
    """One process of our own, split off anew by the one that we started."""

    def __init__(self, parent: subprocess.Popen[str]) -> None:
        self.parent = parent
        self.child = self._next()

    def _next(self) -> int:
        assert self.parent.stdout is not None
        said = self.parent.stdout.readline().strip()
        if not said.isdecimal():
            raise RuntimeError("the process that sends did not start; its message is on standard error")
        return int(said)

    def kill(self, which: int) -> None:
        os.kill(self.child, signal.SIGKILL)
        self.child = self._next()

    def is_gone(self, owner: str) -> bool:
        return _number(owner) != self.child


@contextmanager
def _own_victims(settings: Settings) -> Iterator[_Own]:
    if not hasattr(os, "fork"):
        raise Refused("Faults need a system on which a process can split: run this on Linux or macOS.")
    command = [sys.executable, "-P", "-m", "trial.cli.sending_process"]
    surroundings = os.environ | {
        "EQUIPOISE_HOME": str(settings.home.resolve()),
        "EQUIPOISE_DATABASE_URL": settings.database(),
        "EQUIPOISE_SMTP_URL": str(settings.smtp_url),
        "EQUIPOISE_MAIL_FROM": settings.mail_from,
        "EQUIPOISE_DURABLE": "0",
    }
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=surroundings, stdin=pipe, stdout=pipe, text=True) as parent:
        try:
            yield _Own(parent)
        finally:
            parent.terminate()  # it ends the one that sends, and waits for it


class _Celery(_Victims):
    """A Celery worker with its pool: all of its group dies at once, and the next one is started."""

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]], log: Path) -> None:
        self.start, self.log = start, log
        self._begin()

    def _begin(self) -> None:
        self.said = self.log.stat().st_size if self.log.exists() else 0
        self.ready = False
        self.worker = self.start()

    def is_ready(self) -> bool:
        if not self.ready:
            self.ready = b" ready." in self.log.read_bytes()[self.said :]
        return self.ready

    def kill(self, which: int) -> None:
        self.end()
        self._begin()

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def is_gone(self, owner: str) -> bool:
        with suppress(ProcessLookupError):
            return os.getpgid(_number(owner)) != self.worker.pid
        return True


@contextmanager
def _celery_victims(settings: Settings) -> Iterator[_Celery]:
    worker, beat = worker_and_beat(settings, "INFO")
    victims, watch = _Celery(worker, log_of(settings, "worker")), beat()
    try:
        yield victims
    finally:
        victims.end()
        watch.kill()
        watch.wait()


class _Killer:
    """Kills by the plan while somebody is at work; when its time has come, as soon as a mail is in hand."""

    def __init__(self, victims: _Victims, faults: Faults, store: Store) -> None:
        self.victims, self.faults, self.store = victims, faults, store
        self.at_work, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        left = self.faults.plan.seconds_before_kill(0)
        while not self.over.is_set():
            before = time.monotonic()
            if not self.at_work.wait(0.05):
                continue
            if not self.victims.is_ready():
                time.sleep(0.05)
                continue
            time.sleep(max(0.0, min(left, 0.002)))
            left -= time.monotonic() - before
            if left <= 0 and self.at_work.is_set() and self._meets_a_mail():
                number = self.faults.done["kills"]
                self.victims.kill(self.faults.plan.which(number, self.victims.count))
                self.faults.done["kills"] += 1
                left = self.faults.plan.seconds_before_kill(number + 1)

    def _meets_a_mail(self) -> bool:
        with self.store.open_work(SYSTEM, write=False) as work:
            return rehearsing.somebody_sends(work)


@contextmanager
def _killing(victims: _Victims, faults: Faults, store: Store) -> Iterator[_Killer]:
    killer = _Killer(victims, faults, store)
    killer.thread.start()
    try:
        yield killer
    finally:
        killer.over.set()
        killer.thread.join(30)
