"""What came in by mail and was refused: how often, and when last. It belongs to nobody, so nothing else is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from trial.storage.tables_delivery import mail_count
from trial.storage.work import Work

# a machine's mail to a return address that no mail of ours ever had
MADE_UP = "made_up_return_address"


@dataclass(frozen=True, slots=True)
class Count:
    """How often, and when last."""

    number: int
    last_at: datetime


def count(work: Work, name: str) -> None:
    """One more; two at the same moment are two."""
    insert = insert_postgresql if work.rows.dialect.name == "postgresql" else insert_sqlite
    first = insert(mail_count).values(name=name, number=1, last_at=work.machine_now)
    again = {"number": mail_count.c.number + 1, "last_at": work.machine_now}
    work.rows.execute(first.on_conflict_do_update(index_elements=[mail_count.c.name], set_=again))


def counted(work: Work, name: str) -> Count | None:
    """What was counted so far; None where there was nothing."""
    query = select(mail_count.c.number, mail_count.c.last_at).where(mail_count.c.name == name)
    row = work.rows.execute(query).one_or_none()
    return Count(int(row.number), row.last_at) if row else None
