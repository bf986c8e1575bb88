"""How many mails may leave by one account in a minute, over all workers: a bucket that fills by the database's clock.

Each worker takes what it is about to send in a transaction of its own, so that nobody waits for another's batch.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from trial.storage.tables_delivery import send_pace
from trial.storage.work import Work

# so much of a minute may leave at one moment, after a time in which nothing left
BURST = 1 / 6
_ROW = select(send_pace.c.left, send_pace.c.at).where(send_pace.c.account == bindparam("its")).with_for_update()
_KEEP = update(send_pace).where(send_pace.c.account == bindparam("its")).values(left=bindparam("now_left"))


def take(work: Work, account: str, wanted: int, per_minute: int) -> tuple[int, float]:
    """(how many of the wanted may leave now, seconds until one more may)."""
    most = max(per_minute * BURST, 1.0)
    insert = insert_postgresql if work.rows.dialect.name == "postgresql" else insert_sqlite
    first = insert(send_pace).values(account=account, left=most, at=work.machine_now)
    work.rows.execute(first.on_conflict_do_nothing())
    row = work.rows.execute(_ROW, {"its": account}).one()
    # a full bucket and what flows in during a minute are together no more than the minute's number
    rate = per_minute - (most - 1)
    left = filled(row.left, row.at, work.machine_now, rate, most)
    taken = min(int(left), wanted)
    values = {"its": account, "now_left": left - taken}
    work.rows.execute(_KEEP.values(at=work.machine_now), values)
    return taken, 0.0 if taken else (1 - left) * 60 / rate


def give_back(work: Work, account: str, number: int) -> None:
    """What was taken and not used."""
    query = update(send_pace).where(send_pace.c.account == account)
    work.rows.execute(query.values(left=send_pace.c.left + number))


def filled(left: float, at: datetime, now: datetime, per_minute: float, most: float) -> float:
    """The bucket after the time since; a clock that was set back fills nothing."""
    return min(left + max((now - at).total_seconds(), 0.0) * per_minute / 60, most)
