"""What accounts of mail servers run into: one row an account, by the database's clock, for all workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, exists, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from trial.core.troubles import Kind, Trouble
from trial.storage.tables_delivery import send_trouble
from trial.storage.work import Work

_COLUMNS = [send_trouble.c[name] for name in Trouble.__slots__]


def _value(row: Row[Any]) -> Trouble:
    found = dict(row._mapping)
    return Trouble(**(found | {"kind": Kind(found["kind"])}))


def of_account(work: Work, account: str, *, lock: bool = False) -> Trouble | None:
    """What is known of one account."""
    query = select(*_COLUMNS).where(send_trouble.c.account == account)
    row = work.rows.execute(query.with_for_update() if lock else query).one_or_none()
    return _value(row) if row else None


def every(work: Work) -> list[Trouble]:
    """Of every account, the latest first."""
    return [_value(row) for row in work.rows.execute(select(*_COLUMNS).order_by(send_trouble.c.last_at.desc()))]


def change(work: Work, account: str, become: Callable[[Trouble | None], Trouble]) -> Trouble:
    """What becomes of an account's row; workers that come at the same moment come one after the other."""
    before = of_account(work, account, lock=True)
    after = become(before)
    values = asdict(after) | {"kind": after.kind.value}
    if before is None:
        insert = insert_postgresql if work.rows.dialect.name == "postgresql" else insert_sqlite
        first = insert(send_trouble).values(values).on_conflict_do_nothing().returning(send_trouble.c.account)
        if work.rows.execute(first).one_or_none() is not None:
            return after
        return change(work, account, become)  # another worker was first
    work.rows.execute(update(send_trouble).where(send_trouble.c.account == account).values(values))
    return after


def any_paused(work: Work) -> bool:
    """Whether an account pauses at this moment."""
    paused = send_trouble.c.paused_until > work.machine_now
    return bool(work.rows.execute(select(exists(select(send_trouble.c.account).where(paused)))).scalar_one())
