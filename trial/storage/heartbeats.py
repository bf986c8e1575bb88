"""When a kind of process last did its round, by the machine's time: who looks at the database sees that it lives."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from trial.storage.tables_delivery import heartbeat
from trial.storage.work import Work

WORKER = "worker"
# so long the last one is good enough: a round with nothing to do mostly writes nothing
EVERY = timedelta(seconds=30)


def last(work: Work, name: str = WORKER) -> datetime | None:
    """The last round of any process of this kind; None where there was none yet."""
    return work.rows.execute(select(heartbeat.c.at).where(heartbeat.c.name == name)).scalar_one_or_none()


def is_stale(work: Work, name: str = WORKER) -> bool:
    """Whether it is time to write another; a clock that was set back counts as well."""
    found = last(work, name)
    return found is None or not timedelta() <= work.machine_now - found < EVERY


def beat(work: Work, name: str = WORKER) -> None:
    """A process of this kind did its round."""
    insert = insert_postgresql if work.rows.dialect.name == "postgresql" else insert_sqlite
    found = insert(heartbeat).values(name=name, at=work.machine_now)
    work.rows.execute(found.on_conflict_do_update(index_elements=[heartbeat.c.name], set_={"at": work.machine_now}))
