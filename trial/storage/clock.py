"""The pretend clock of a rehearsal: one row that only its driver moves; an empty row means the database's time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from trial.core.errors import Refused
from trial.storage.tables import clock
from trial.storage.types import TrialTime
from trial.storage.work import Work


def start(work: Work, instant: datetime) -> None:
    """Make this database a rehearsal's, for ever."""
    work.rows.execute(insert(clock).values(id=1, instant=instant))


def move(work: Work, instant: datetime) -> None:
    """Set the pretend time; it never goes back."""
    moved = work.rows.execute(_MOVE, {"to": instant})
    if moved.rowcount != 1:
        raise Refused("The pretend clock can only be moved forward, and only in a rehearsal.")


_TO = bindparam("to", type_=TrialTime)
_MOVE = update(clock).where(clock.c.id == 1, clock.c.instant <= _TO).values(instant=_TO)


def is_pretend(work: Work) -> bool:
    """Whether this database runs on a pretend clock."""
    return work.rows.execute(select(clock.c.id)).first() is not None
