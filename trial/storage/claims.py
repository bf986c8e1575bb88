"""Taking rows that are due: with a lease and an attempt number, by one worker each, and what a vanished one held.

Leases and back-off run on the database's machine time, everything else on trial time: no worker's clock plays a part.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    ColumnElement,
    Integer,
    TextClause,
    Update,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    text,
    update,
)

from trial.core.delivery import IN_DOUBT, Contact, ContactState
from trial.storage.deliveries import COLUMNS, LEASE, contact_of
from trial.storage.tables_delivery import IS_IN_HAND, IS_WAITING, IS_WAITING_SERVICE, delivery
from trial.storage.types import MachineTime, TrialTime
from trial.storage.work import Work

S = ContactState


def _claim(among: TextClause, row: ColumnElement[object], is_chosen: TextClause) -> Update:
    due = and_(
        among,
        delivery.c.due_at <= bindparam("now", type_=TrialTime),
        or_(delivery.c.retry_from.is_(None), delivery.c.retry_from <= bindparam("machine_now", type_=MachineTime)),
    )
    chosen = (
        select(row.label("row"))
        .select_from(delivery)
        .where(due)
        .order_by(delivery.c.due_at, delivery.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        # chosen once: as a plain subquery PostgreSQL may run it again for each row, and take more than the limit
        .cte("chosen")
        .prefix_with("materialized", dialect="postgresql")
    )
    return (
        update(delivery)
        .add_cte(chosen)
        .where(is_chosen)
        .values(
            state=S.CLAIMED.value,
            owner=bindparam("new_owner"),
            lease_until=bindparam("new_lease", type_=MachineTime),
            attempt=delivery.c.attempt + 1,
        )
        .returning(*COLUMNS)
    )


def _claims(row: ColumnElement[object], is_chosen: TextClause) -> tuple[Update, Update]:
    """What somebody waits for, and what was planned."""
    return _claim(IS_WAITING_SERVICE, row, is_chosen), _claim(IS_WAITING, row, is_chosen)


# PostgreSQL is told the place of each row, which the lock has pinned: looking each up once more by its number costs a
# quarter of a claim beside a large ledger
_CLAIMS = {
    "postgresql": _claims(
        literal_column("delivery.ctid"), text('delivery.ctid = any (array (select chosen."row" from chosen))')
    ),
    "sqlite": _claims(delivery.c.id, text('delivery.id in (select chosen."row" from chosen)')),
}
_begun = delivery.c.state == S.DATA_STARTED.value
# a worker that was frozen in the middle of a write still locks that row: the others do not wait for it
_lapsed = (
    select(delivery.c.id)
    .where(
        IS_IN_HAND,
        or_(
            delivery.c.lease_until < bindparam("machine_now", type_=MachineTime), delivery.c.owner == bindparam("mine")
        ),
    )
    .with_for_update(skip_locked=True)
    .cte("lapsed")
    .prefix_with("materialized", dialect="postgresql")
)
_RELEASE_LAPSED = (
    update(delivery)
    .where(delivery.c.id.in_(select(_lapsed.c.id)))
    .values(
        state=case((_begun, S.UNKNOWN.value), else_=S.RETRY.value),
        reason=case((_begun, IN_DOUBT), else_="lease_lapsed"),
        ended_at=case((_begun, bindparam("now", type_=TrialTime)), else_=None),
        doubts=delivery.c.doubts + case((_begun, 1), else_=0),
    )
    .returning(*COLUMNS)
)


def release_lapsed(work: Work, owner: str) -> list[Contact]:
    """What a vanished worker held goes back to the queue, or, where its DATA had begun, is `unknown`: those are given,
    since nobody can say whether that mail arrived.

    So does what `owner` holds, who is about to take a batch and has nothing in hand: its last one was cut off.
    """
    given = {"now": work.now, "machine_now": work.machine_now, "mine": owner}
    found = work.rows.execute(_RELEASE_LAPSED, given)
    released = [contact_of(row) for row in found]
    work.moved.extend(one.state for one in released)
    return [one for one in released if one.state is S.UNKNOWN]


def claim(work: Work, *, owner: str, limit: int) -> list[Contact]:
    """Take up to `limit` rows that are due and nobody holds; the lease runs on machine time.

    What somebody waits for, such as a code, comes before what was planned: it never stands behind a day's mails.
    """
    lease: timedelta = LEASE
    given = {"now": work.now, "machine_now": work.machine_now, "new_owner": owner}
    given["new_lease"] = work.machine_now + lease
    taken: list[Contact] = []
    for query in _CLAIMS[work.rows.dialect.name]:
        if len(taken) < limit:
            found = map(contact_of, work.rows.execute(query, given | {"most": limit - len(taken)}))
            taken += sorted(found, key=lambda one: (one.due_at, one.id))
    return taken
