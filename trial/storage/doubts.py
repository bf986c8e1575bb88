"""Mails of which nobody can say whether they arrived: sent once more, or shown to have come after all."""

from __future__ import annotations

from sqlalchemy import and_, or_, update

from trial.core.delivery import BEFORE_ONCE_MORE, LINK_USED, ONCE_MORE, Contact, ContactState
from trial.storage.tables_delivery import delivery
from trial.storage.work import Work

S = ContactState


def once_more(work: Work, contact: Contact) -> None:
    """A mail in doubt waits, for what may show that it arrived, and is then sent once more."""
    query = update(delivery).where(delivery.c.id == contact.id, delivery.c.state == S.UNKNOWN.value)
    later = work.machine_now + BEFORE_ONCE_MORE
    work.rows.execute(query.values(state=S.RETRY.value, reason=ONCE_MORE, ended_at=None, retry_from=later))
    work.moved.append(S.RETRY)


def arrived(work: Work, contact: Contact) -> bool:
    """A mail in doubt turned out to have come, for its link was used; False where that is known already."""
    doubtful = or_(delivery.c.state == S.UNKNOWN.value, and_(delivery.c.state == S.RETRY.value, delivery.c.doubts > 0))
    query = update(delivery).where(delivery.c.id == contact.id, doubtful)
    values = {"state": S.ACCEPTED.value, "reason": LINK_USED, "ended_at": work.now, "retry_from": None}
    return work.rows.execute(query.values(values)).rowcount == 1
