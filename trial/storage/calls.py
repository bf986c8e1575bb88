"""Mails to the team: a small queue with lease and fence.

Leases and back-off run on machine time, all else on trial time.

A call that may or may not have arrived is made again: twice called is better than never.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Integer, Row, and_, bindparam, func, or_, select, update

from trial.storage.rows import add_row, add_row_once
from trial.storage.tables_desk import IS_WAITING_CALL, call
from trial.storage.types import MachineTime, TrialTime
from trial.storage.work import Work

LEASE = timedelta(seconds=120)
# why a restore ended a call
SET_ASIDE = "restored"
# any number that no other lock of the database has
_ONE_CLAIM = 7_204_118


class CallState(StrEnum):
    """Where a call stands; cancelled: there was no reason any more, or nobody to call (`reply` says which)."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    RETRY = "retry"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Call:
    """One mail to one member. `step` counts the calls about one matter."""

    id: int
    trial_id: int
    purpose: str
    matter_id: int | None
    member_id: int | None
    invitation_id: int | None
    step: int
    due_at: datetime
    state: CallState
    attempt: int
    owner: str | None
    reply: str | None
    ended_at: datetime | None


S = CallState
_COLUMNS = [call.c[name] for name in Call.__slots__]


def _value(row: Row[Any]) -> Call:
    found = dict(row._mapping)
    return Call(**(found | {"state": S(found["state"])}))


def plan(work: Work, trial_id: int, purpose: str, *, matter_id: int, step: int, due_at: datetime) -> None:
    """A step about a matter; it stands once, however often it is planned."""
    unique = {"matter_id": matter_id, "purpose": purpose, "step": step}
    add_row_once(work, call, unique, trial_id=trial_id, due_at=due_at, state=S.PLANNED.value)


def plan_for(
    work: Work, trial_id: int, purpose: str, *, member_id: int | None = None, invitation_id: int | None = None
) -> int:
    """A mail about no matter, at once, to this member or to whom the invitation names."""
    values = {"purpose": purpose, "member_id": member_id, "invitation_id": invitation_id}
    return add_row(work, call, trial_id=trial_id, **values, due_at=work.now, state=S.PLANNED.value)


_NOW, _MACHINE = bindparam("now", type_=TrialTime), bindparam("machine_now", type_=MachineTime)
_DUE = and_(
    IS_WAITING_CALL,
    call.c.due_at <= _NOW,
    or_(
        and_(call.c.state == S.CLAIMED.value, call.c.lease_until < _MACHINE),
        and_(call.c.state != S.CLAIMED.value, or_(call.c.retry_from.is_(None), call.c.retry_from <= _MACHINE)),
    ),
)
# in order, so that it is looked up in the index: see `deliveries`
_ANY_DUE = select(call.c.id).where(_DUE).order_by(call.c.due_at).limit(1)
_CHOSEN = (
    select(call.c.id)
    .where(_DUE)
    .order_by(call.c.due_at, call.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    # chosen once, as in storage/deliveries.py
    .cte("chosen")
    .prefix_with("materialized", dialect="postgresql")
)
_CLAIM = (
    update(call)
    .where(call.c.id.in_(select(_CHOSEN.c.id)))
    .values(
        state=S.CLAIMED.value,
        owner=bindparam("new_owner"),
        lease_until=bindparam("new_lease", type_=MachineTime),
        attempt=call.c.attempt + 1,
    )
    .returning(*_COLUMNS)
)


def any_due(work: Work) -> bool:
    """Whether a claim would find a row: one look at a small index."""
    return work.rows.execute(_ANY_DUE, {"now": work.now, "machine_now": work.machine_now}).first() is not None


def claim(work: Work, *, owner: str, limit: int) -> list[Call]:
    """Take what is due and nobody holds, or whose holder has vanished; one claim after the other.

    Two at the same moment would share what fell due together, and one person would get two mails about it.
    """
    if work.rows.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        work.rows.execute(select(func.pg_advisory_xact_lock(_ONE_CLAIM)))
    times = {"now": work.now, "machine_now": work.machine_now}
    taken = work.rows.execute(
        _CLAIM, times | {"most": limit, "new_owner": owner, "new_lease": work.machine_now + LEASE}
    )
    return sorted((_value(row) for row in taken), key=lambda one: (one.due_at, one.id))


def move(work: Work, held: Call, state: CallState, **values: Any) -> bool:
    """Move a held call on; False where the lease was lost to another attempt or owner."""
    ended = None if state in (S.CLAIMED, S.RETRY) else work.now
    fence = (call.c.attempt == held.attempt, call.c.owner == held.owner, call.c.state == S.CLAIMED.value)
    query = update(call).where(call.c.id == held.id, *fence)
    return work.rows.execute(query.values(state=state.value, ended_at=ended, **values)).rowcount == 1


def set_aside(work: Work) -> list[Call]:
    """What is due or in somebody's hands ends, with whatever waits about the same matter; gives what was ended."""
    by_now = and_(IS_WAITING_CALL, or_(call.c.due_at <= work.now, call.c.state != S.PLANNED.value))
    about = list(work.rows.execute(select(call.c.matter_id).where(by_now, call.c.matter_id.is_not(None))).scalars())
    these = or_(by_now, and_(IS_WAITING_CALL, call.c.matter_id.in_(set(about))))
    ended = {"state": S.CANCELLED.value, "reply": SET_ASIDE, "ended_at": work.now, "lease_until": None}
    return [_value(row) for row in work.rows.execute(update(call).where(these).values(ended).returning(*_COLUMNS))]


def of_invitations(work: Work, invitation_ids: Iterable[int]) -> dict[int, Call]:
    """The last mail of each of these invitations."""
    query = select(*_COLUMNS).where(call.c.invitation_id.in_(list(invitation_ids))).order_by(call.c.id)
    return {row.invitation_id: _value(row) for row in work.rows.execute(query)}


def bring_forward(work: Work, matter_id: int, step: int) -> None:
    """What waits for its time after this step is due now: the step reached nobody."""
    mine = (call.c.matter_id == matter_id, call.c.step > step)
    query = update(call).where(*mine, call.c.state == S.PLANNED.value, call.c.due_at > work.now)
    work.rows.execute(query.values(due_at=work.now))


def of_matter(work: Work, matter_id: int) -> list[Call]:
    """Every call about a matter, step by step."""
    query = select(*_COLUMNS).where(call.c.matter_id == matter_id).order_by(call.c.step, call.c.id)
    return [_value(row) for row in work.rows.execute(query)]


def of_purpose(work: Work, trial_id: int, purpose: str) -> list[Call]:
    """Every call of one purpose in a trial, newest first."""
    query = select(*_COLUMNS).where(call.c.trial_id == trial_id, call.c.purpose == purpose).order_by(call.c.id.desc())
    return [_value(row) for row in work.rows.execute(query)]
