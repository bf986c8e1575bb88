"""Whether an installation can do its work: the database answers, its schema fits, and how far the worker is behind.

It names no trial and nobody: anybody who reaches the pages may ask.
"""

from __future__ import annotations

from dataclasses import dataclass

from trial.core.access import SYSTEM
from trial.core.errors import Unavailable
from trial.storage import heartbeats, schema, sending
from trial.storage.sending import Late
from trial.storage.work import OpenWork, Work

NOBODY_LATE = Late(None, 0, 0)


@dataclass(frozen=True, slots=True)
class Health:
    """`lag` is how many seconds the oldest mail has been due, `looked` how many ago a worker last looked."""

    database: bool
    schema: bool
    late: Late = NOBODY_LATE
    lag: float = 0.0
    looked: float | None = None

    @property
    def ready(self) -> bool:
        """Whether pages can be served."""
        return self.database and self.schema


def look(open_work: OpenWork) -> Health:
    """One look, over all trials."""
    try:
        with open_work(SYSTEM, write=False) as work:
            return _found(work) if schema.fits(work) else Health(database=True, schema=False)
    except Unavailable:
        return Health(database=False, schema=False)


def _found(work: Work) -> Health:
    late, last = sending.late(work), heartbeats.last(work)
    lag = (work.now - late.since).total_seconds() if late.since else 0.0
    looked = max((work.machine_now - last).total_seconds(), 0.0) if last else None
    return Health(database=True, schema=True, late=late, lag=lag, looked=looked)


def note_round(open_work: OpenWork) -> None:
    """A worker did its round; written down where the last one lies half a minute back."""
    with open_work(SYSTEM, write=False) as work:
        if not heartbeats.is_stale(work):
            return
    with open_work(SYSTEM) as work:
        heartbeats.beat(work)
