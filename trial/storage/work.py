"""The unit of work: one transaction, one `now`, one `by`, opened at the edges and handed to every service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, text

from trial.core.access import Actor
from trial.core.delivery import ContactState
from trial.storage.engine import named_errors
from trial.storage.keys import Keys


@dataclass(frozen=True, slots=True)
class Work:
    """What a service needs: the open transaction, trial time, machine time, who acts, and the keys."""

    rows: Connection = field(repr=False)
    by: Actor
    keys: Keys = field(repr=False)
    # (trial time, machine time) once they were read
    clock: list[tuple[datetime, datetime]] = field(default_factory=list, repr=False, compare=False)
    # what was read in this transaction and cannot change in it: the versions of a protocol, by their ids
    versions: dict[int, Any] = field(default_factory=dict, repr=False, compare=False)
    # what mails became in this transaction, for whoever counts it once it is committed
    moved: list[ContactState] = field(default_factory=list, repr=False, compare=False)

    @property
    def now(self) -> datetime:
        """Trial time, read once in this transaction."""
        return self.read()[0]

    @property
    def machine_now(self) -> datetime:
        """The database's own time at the same moment."""
        return self.read()[1]

    def read(self) -> tuple[datetime, datetime]:
        """(trial time, machine time), asked of the database the first time."""
        if not self.clock:
            pretend, machine = self.rows.exec_driver_sql(_CLOCKS[self.rows.dialect.name]).one()
            machine_now = _moment(machine)
            self.clock.append((_moment(pretend) if pretend else machine_now, machine_now))
        return self.clock[0]

    def read_along(self, trial_now: datetime, machine_now: datetime) -> None:
        """What another query of this transaction brought along of `times`."""
        if not self.clock:
            self.clock.append((trial_now, machine_now))

    def at(self, moment: datetime) -> Work:
        """The same work at another moment of the trial: for what is shown as it was then."""
        return replace(self, clock=[(moment, self.machine_now)])


@contextmanager
def tentative(work: Work, *, keep: bool) -> Iterator[None]:
    """A part of the work that is done in full and then kept or thrown away: from outside both look the same."""
    place = work.rows.begin_nested()
    try:
        yield
    except BaseException:
        place.rollback()
        raise
    if keep:
        place.commit()
    else:
        place.rollback()


class OpenWork(Protocol):
    """Opens a unit of work; commits at the end, rolls back on an error. `write=False` for reading."""

    def __call__(self, by: Actor, *, write: bool = True) -> AbstractContextManager[Work]: ...


_CLOCKS = {
    # with nothing for the driver to fill in, so a % is a %
    "sqlite": "select (select instant from clock), strftime('%Y-%m-%d %H:%M:%f', 'now')",
    "postgresql": "select (select instant from clock), clock_timestamp()",
}


@dataclass(frozen=True, slots=True)
class Store:
    """One database and the keys that lie beside it."""

    engine: Engine
    keys: Keys
    _reading: Engine = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_reading", self.engine.execution_options(reads=True))

    @contextmanager
    def open_work(self, by: Actor, *, write: bool = True) -> Iterator[Work]:
        """One transaction with the time read once at its start."""
        with named_errors(), (self.engine if write else self._reading).begin() as rows:
            yield work_on(rows, by, self.keys)

    @contextmanager
    def kept(self) -> Iterator[OpenWork]:
        """For one thread with many short transactions, one after the other: all that write on the same connection, each
        with the time read when it is first asked for, and all with the versions of protocols that were read before.

        Fetching a connection, giving it back, asking for a time that nobody needs, and for what cannot have changed:
        each costs as much as one of a mail's statements.
        """
        versions: dict[int, Any] = {}
        with named_errors(), self.engine.connect() as rows:

            @contextmanager
            def open_work(by: Actor, *, write: bool = True) -> Iterator[Work]:
                if rows.in_transaction() or not write:
                    with self.open_work(by, write=write) as work:
                        yield work
                else:
                    with named_errors(), rows.begin():
                        work = Work(rows, by, self.keys, versions=dict(versions))
                        yield work
                    versions.update(work.versions)  # committed, so that they are there

            yield open_work

    @contextmanager
    def snapshot(self, by: Actor) -> Iterator[Work]:
        """A transaction that only reads and sees one moment from its first row to its last, while others write."""
        options = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        on_postgresql = self.engine.dialect.name == "postgresql"
        engine = self.engine.execution_options(**options) if on_postgresql else self._reading
        with named_errors(), engine.begin() as rows:
            if on_postgresql:  # it locks no row, and who reads it may be slow
                rows.execute(text("set local idle_in_transaction_session_timeout = 0"))
            yield work_on(rows, by, self.keys)


def work_on(rows: Connection, by: Actor, keys: Keys) -> Work:
    """A unit of work on a transaction that was begun elsewhere, with the time read at its start."""
    work = Work(rows, by, keys)
    work.read()
    return work


def _moment(value: str | datetime) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
