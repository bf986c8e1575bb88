"""The ledger of mails after a restore: nobody knows what left meanwhile, so what was due waits for a person."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from trial.core.delivery import RESTORED, WAITING, ContactState
from trial.storage.tables_delivery import IS_WAITING, delivery
from trial.storage.tables_desk import member_session
from trial.storage.work import Work

S = ContactState


def hold(work: Work) -> None:
    """Whatever was due or in hand is held; a mail whose content had begun stays in doubt, as after a crash.

    Links of mails that are still to come are made anew, with the keys of now. Members sign in again: who left the team
    after the backup must not be in by an old session.
    """
    waiting = or_(delivery.c.state == S.CLAIMED.value, and_(IS_WAITING, delivery.c.due_at <= work.now))
    ended = {"reason": RESTORED, "ended_at": work.now, "lease_until": None}
    work.rows.execute(update(delivery).where(waiting).values(ended | {"state": S.HELD.value}))
    begun = delivery.c.state == S.DATA_STARTED.value
    work.rows.execute(update(delivery).where(begun).values(ended | {"state": S.UNKNOWN.value}))
    coming = [one.value for one in (*WAITING, S.HELD)]
    work.rows.execute(update(delivery).where(delivery.c.state.in_(coming)).values(token_hash=None))
    open_ones = member_session.c.ended_at.is_(None)
    work.rows.execute(update(member_session).where(open_ones).values(ended_at=work.machine_now))


def _held(trial_id: int) -> tuple[ColumnElement[bool], ...]:
    return (delivery.c.trial_id == trial_id, delivery.c.state == S.HELD.value, delivery.c.reason == RESTORED)


def held(work: Work, trial_id: int) -> list[int]:
    """The mails that a restore holds, in the order of falling due."""
    query = select(delivery.c.id).where(*_held(trial_id)).order_by(delivery.c.due_at, delivery.c.id)
    return list(work.rows.execute(query).scalars())


def count(work: Work, trial_id: int) -> int:
    """How many mails a restore holds."""
    return work.rows.execute(select(func.count()).where(*_held(trial_id))).scalar_one()


def release(work: Work, trial_id: int) -> int:
    """Give it back to the queue; each is decided about once more when its turn comes."""
    query = update(delivery).where(*_held(trial_id))
    return work.rows.execute(query.values(state=S.DUE.value, reason=None, ended_at=None)).rowcount
