"""Signatures of mails that were handed over: each is good once, and forgotten when its time has passed anyway."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from trial.storage.tables_delivery import handed_over
from trial.storage.work import Work

# far longer than a signature is taken, whatever the clocks of two machines say
KEPT = timedelta(hours=2)


def is_first(work: Work, signature: str) -> bool:
    """Whether this signature was never used; two that come at the same moment are one."""
    work.rows.execute(delete(handed_over).where(handed_over.c.at < work.machine_now - KEPT))
    insert = insert_postgresql if work.rows.dialect.name == "postgresql" else insert_sqlite
    new = insert(handed_over).values(signature=signature, at=work.machine_now).on_conflict_do_nothing()
    return work.rows.execute(new.returning(handed_over.c.signature)).one_or_none() is not None
