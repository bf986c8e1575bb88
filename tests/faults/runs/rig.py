"""What a fault run stands on: a database with mails that are due, real workers, and the mailbox as the witness.

Machine time. A lease lasts two minutes and a mail in doubt waits a quarter of an hour, longer than a run. So for the
rows of a process that is gone, and for those alone, that time is let pass some seconds after its death; the leases of
the living run as they are.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.faults.runs import load
from tests.faults.runs.frame import Watch, percentile
from tests.servers.nursery import CELERY, EQUIPOISE, Child, Nursery, celery, worker_words
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from tests.system.evidence import Evidence
from tests.system.oracle import message_id
from trial.core.trial import Trial
from trial.mail.mailbox import MailboxServer, started_mailbox
from trial.services import trials
from trial.settings import Settings
from trial.storage import schema
from trial.storage.tables_delivery import IS_IN_HAND, IS_WAITING, delivery
from trial.storage.work import Store

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
_ID = re.compile(rb"(?im)^message-id:\s*(<[^>]+>)")
_HELD = sa.select(delivery.c.id, delivery.c.attempt, delivery.c.owner).where(IS_IN_HAND)
_DOUBTFUL = sa.select(delivery.c.id).where(
    IS_WAITING, delivery.c.state == "retry", delivery.c.doubts > 0, delivery.c.retry_from.is_not(None)
)
_FALL_DUE = sa.text(
    "with mine as (select id, row_number() over (order by id) - 1 as turn from delivery where local_rule = 'at once') "
    "update delivery set due_at = cast(:first as timestamptz) + mine.turn * cast(:step as float) * interval '1 second' "
    "from mine where mine.id = delivery.id"
)
_NAMES = iter(range(1, 10_000))


@dataclass(frozen=True, slots=True)
class Tally:
    """What the witness says, beside the ledger's rows."""

    mails: int
    lost: int
    doubled: int
    most: int
    unknown: int
    strange: int
    states: dict[str, int]
    late: list[float]
    drained: float
    arrivals: list[float]

    @property
    def figures(self) -> dict[str, Any]:
        """The fields of a result that every run has."""
        found = {name: getattr(self, name) for name in ("lost", "doubled", "unknown")}
        late = {f"late_p{share}_s": percentile(self.late, share / 100) for share in (50, 95)}
        return found | late | {"drain_s": round(self.drained, 1)}

    @property
    def words(self) -> str:
        late = f"half arrived within {percentile(self.late, 0.5)} s, 95 % within {percentile(self.late, 0.95)} s"
        return f"{self.lost} lost, {self.doubled} doubled (at most {self.most} copies), {self.unknown} unknown; {late}."


@dataclass(slots=True)
class Rig:
    """One installation under load."""

    watch: Watch
    home: Path
    store: Store
    database: str
    mailbox: MailboxServer
    nursery: Nursery
    broker: RedisServer | None
    settings: dict[str, str]
    ids: list[int]
    due: datetime
    workers: list[Child] = field(default_factory=list)
    beats: list[Child] = field(default_factory=list)
    began: float = 0.0
    began_at: float = 0.0
    trial: Trial | None = None
    seconds_of_the_dead: float = 5.0
    _dead: dict[tuple[int, int], float] = field(default_factory=dict)
    _looked: float = 0.0
    taken_over: int = 0

    # --- processes -------------------------------------------------------------------------------------------

    def environment(self, *, broker: bool = True) -> dict[str, str]:
        places = {"HOME": str(self.home), "DATABASE_URL": self.database, "SMTP_URL": self.mailbox.url}
        if self.broker is not None and broker:
            places["BROKER_URL"] = self.broker.url
        return {f"EQUIPOISE_{name}": value for name, value in (places | self.settings).items()}

    def worker(self, first: Sequence[str] = (), **variables: str) -> Child:
        """A new Celery worker with one process that sends; `first` are called in it beforehand."""
        words = worker_words(f"w{next(_NAMES)}")
        return self.nursery.start(CELERY, *words, first=first, **self.environment(), **variables)

    def beat(self, first: Sequence[str] = ()) -> Child:
        words = celery("workers.app", "beat", "--schedule", str(self.home / f"schedule-{next(_NAMES)}"))
        return self.nursery.start(CELERY, *words, first=first, **self.environment())

    def serve(self, *words: str, broker: bool = True, first: Sequence[str] = (), **variables: str) -> Child:
        """A new `equipoise serve`, which sends by itself where there is no broker, or where it is told of none."""
        surroundings = self.environment(broker=broker) | variables
        return self.nursery.start(EQUIPOISE, "serve", *(words or ("--port", "0")), first=first, **surroundings)

    def start(self, workers: int, make: Callable[[], Child] | None = None, *, beats: int = 1) -> None:
        """Workers first; the load begins when all are ready, with the first beat."""
        self.workers = [(make or self.worker)() for _ in range(workers)]
        if self.broker is not None:
            self.until(lambda: all(one.says(" ready.") for one in self.workers), "workers to be ready")
        self.began, self.began_at = time.monotonic(), time.time()
        if self.broker is not None:
            self.beats = [self.beat() for _ in range(beats)]

    def spread(self, seconds: float, *, after: float = 0.0) -> None:
        """The mails fall due one after the other over so many seconds from now, and not all at once."""
        with self.store.open_work(load.OPERATOR) as work:
            first = work.now + timedelta(seconds=after)
            work.rows.execute(_FALL_DUE, {"first": first, "step": seconds / len(self.ids)})
            self.due = first + timedelta(seconds=seconds)

    def end(self) -> None:
        for one in [*self.beats, *self.workers]:
            one.kill()

    # --- what happens meanwhile ------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds since the load began."""
        return time.monotonic() - self.began

    def arrived(self) -> int:
        return sum(1 for _ in self.mailbox.directory.glob("*.eml"))

    def open(self) -> int:
        """How many mails of the load have not come to an end; both counts are by index."""
        waiting = sa.select(sa.func.count()).select_from(delivery).where(IS_WAITING, delivery.c.due_at <= self.due)
        in_hand = sa.select(sa.func.count()).select_from(delivery).where(IS_IN_HAND)
        return sum(int(self._read(query)) for query in (waiting, in_hand))

    def _read(self, query: sa.Select[Any]) -> Any:
        """A database that was just started anew has ended the connection that was in use a moment ago: ask again."""
        for _ in range(2):
            with suppress(sa.exc.OperationalError), self.reading() as rows:
                return rows.execute(query).scalar_one()
        with self.reading() as rows:
            return rows.execute(query).scalar_one()

    def tick(self) -> None:
        """To be called all the while: every half second machine time passes for what the dead hold."""
        if time.monotonic() - self._looked < 0.5:
            return
        self._looked = time.monotonic()
        with suppress(sa.exc.DBAPIError):
            self._let_time_pass()

    def _let_time_pass(self) -> None:
        with self.reading() as rows:
            held = {(row.id, row.attempt) for row in rows.execute(_HELD) if _group(row.owner) is None}
            doubtful = [row.id for row in rows.execute(_DOUBTFUL)]
        self._dead = {one: self._dead.get(one, self._looked) for one in held}
        lapsed = [one for one, since in self._dead.items() if self._looked - since >= self.seconds_of_the_dead]
        if not lapsed and not doubtful:
            return
        self.taken_over += len(lapsed)
        mine = delivery.c.id.in_([one for one, _ in lapsed])
        with self.store.engine.begin() as rows:
            rows.execute(sa.update(delivery).where(mine, IS_IN_HAND).values(lease_until=LONG_AGO))
            rows.execute(sa.update(delivery).where(delivery.c.id.in_(doubtful)).values(retry_from=None))

    def rows_of(self, worker: Child) -> list[int]:
        """The rows that the processes of this worker have in hand."""
        with self.reading() as rows:
            return [row.id for row in rows.execute(_HELD) if _group(row.owner) == worker.pid]

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that waits for no writer."""
        return self.store.engine.execution_options(reads=True).begin()

    def until(self, what: Callable[[], bool], name: str, *, seconds: float = 60.0) -> None:
        """Wait, while time passes for the dead."""
        deadline = time.monotonic() + seconds
        while not what():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {seconds:.0f} s in vain for {name}; {self._last_words()}")
            self.tick()
            time.sleep(0.02)

    def drained(self, *, patience: float = 120.0) -> None:
        """Wait until every mail has come to an end; TimeoutError where for so many seconds none does."""
        said, seen, since = 0.0, -1, time.monotonic()
        while left := self.open():
            if left != seen:
                seen, since = left, time.monotonic()
            elif time.monotonic() - since > patience:
                raise TimeoutError(f"none of {left} mails came to an end in {patience:.0f} s; {self._last_words()}")
            if time.monotonic() - said > 5:
                said = time.monotonic()
                self.watch.say(f"{left} of {len(self.ids)} mails to go")
            self.tick()
            time.sleep(0.1)

    def _last_words(self) -> str:
        logs = [one.log.read_text(errors="replace")[-1500:] for one in self.workers[:1] + self.beats[:1]]
        return "the logs end:\n" + "\n---\n".join(logs)

    # --- afterwards ------------------------------------------------------------------------------------------

    def owners(self) -> int:
        """How many processes sent."""
        with self.reading() as rows:
            mine = sa.select(sa.func.count(delivery.c.owner.distinct())).where(delivery.c.id.in_(self.ids))
            return int(rows.execute(mine).scalar_one())

    def told(self) -> dict[str, int]:
        """What the team is told of mails that have come to an end."""
        with self.store.open_work(load.OPERATOR, write=False) as work:
            contacts = trials.status(work, load.SLUG).contacts
        return {state: number for state, number in contacts.items() if state != "planned" and number}

    def tally(self) -> Tally:
        """Count at the witness; Message-IDs are worked out by code of their own."""
        with self.store.engine.begin() as rows:
            found = rows.execute(sa.select(delivery.c.id, delivery.c.state, delivery.c.due_at)).all()
        states = {row.id: row.state for row in found}
        due = {row.id: max(row.due_at.timestamp(), self.began_at) for row in found}
        evidence = Evidence(self.home, {})
        planned = {message_id(evidence, {"id": one}): one for one in self.ids}
        copies, first = Counter[str](), dict[str, float]()
        for path in sorted(self.mailbox.directory.glob("*.eml")):
            head = _ID.search(path.read_bytes())
            text = head[1].decode() if head else path.name
            copies[text] += 1
            first.setdefault(text, path.stat().st_mtime)
        arrivals = {planned[text]: moment for text, moment in first.items() if text in planned}
        unknown = {text for text, one in planned.items() if states[one] == "unknown"}
        return Tally(
            mails=len(self.ids),
            lost=sum(not copies[text] and text not in unknown for text in planned),
            doubled=sum(copies[text] - 1 for text in planned if copies[text] > 1),
            most=max((copies[text] for text in planned), default=0),
            unknown=len(unknown),
            strange=len(copies.keys() - planned.keys()),
            states=dict(Counter(states[one] for one in self.ids)),
            late=[moment - due[one] for one, moment in arrivals.items()],
            drained=max(arrivals.values(), default=self.began_at) - self.began_at,
            arrivals=sorted(moment - self.began_at for moment in arrivals.values()),
        )


def _group(owner: str | None) -> int | None:
    """The process group of the process that an owner names; None where it is gone. One that is frozen is there."""
    with suppress(ProcessLookupError):
        return os.getpgid(int(str(owner).partition("-")[0]))
    return None


@contextmanager
def laid(
    watch: Watch,
    mails: int,
    *,
    database: str = "postgresql",
    broker: RedisServer | bool | None = True,
    postgres: PostgresServer | None = None,
    **settings: str,
) -> Iterator[Rig]:
    """A rig with so many mails due; servers that were not lent or given are started. Settings in capitals."""
    home = watch.folder / f"home-{next(_NAMES)}"
    home.mkdir(parents=True)
    with ExitStack() as stack:
        nursery = watch.lent.get("nursery") or stack.enter_context(Nursery(watch.folder / "processes"))
        if broker is True:
            broker = watch.lent.get("redis") or stack.enter_context(RedisServer())
        # beside the home, where the installation would look for replies
        mailbox = stack.enter_context(started_mailbox(watch.folder / f"witness-{home.name}"))
        url = stack.enter_context(_database(watch, postgres)) if database == "postgresql" else None
        given = Settings(home=home, database_url=url, smtp_url=mailbox.url)
        store = given.store()
        stack.callback(store.engine.dispose)
        schema.upgrade(store.engine)
        watch.say("servers stand")
        people = -(-mails // load.MAILS_EACH)
        watch.say(f"{mails} mails of {people} people are made due")
        trial = load.open_trial(store)
        ids = load.make_due(store, trial, mails)
        with store.open_work(load.OPERATOR, write=False) as work:
            due = work.now
        settings = {"TICK_SECONDS": "1", **settings}
        rig = Rig(
            watch, home, store, given.database(), mailbox, nursery, broker or None, settings, ids, due, trial=trial
        )
        stack.callback(rig.end)
        yield rig


@contextmanager
def _database(watch: Watch, postgres: PostgresServer | None) -> Iterator[str]:
    with ExitStack() as stack:
        lent = None if postgres else watch.lent.get("postgres")
        server = postgres or lent or stack.enter_context(PostgresServer(durable=True))
        name = f"faults_{os.getpid()}_{next(_NAMES)}"
        # whoever lends a server may have a migrated database to copy
        yield server.create_database(name, like=watch.lent.get("migrated", "template1") if lent else "template1")
        with suppress(Exception):  # a server that was killed to the end has nothing to drop
            server.drop_database(name)
