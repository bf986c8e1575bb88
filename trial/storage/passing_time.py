"""Machine time let pass in a rehearsal: what a killed process held is free at once, what was put off is tried now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import select, update

from trial.core.delivery import ContactState
from trial.storage.tables_delivery import IS_IN_HAND, delivery
from trial.storage.work import Work

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
_OWNERS = select(delivery.c.owner).where(IS_IN_HAND).distinct()


def any_in_hand(work: Work) -> bool:
    """Whether somebody holds a mail at this moment."""
    return work.rows.execute(_OWNERS.limit(1)).first() is not None


def end_leases(work: Work, is_gone: Callable[[str], bool]) -> int:
    """The leases of whoever is gone are over; how many mails they held."""
    gone = [one for one in work.rows.execute(_OWNERS).scalars() if one is not None and is_gone(one)]
    if not gone:
        return 0
    theirs = update(delivery).where(IS_IN_HAND, delivery.c.owner.in_(gone), delivery.c.lease_until > LONG_AGO)
    return work.rows.execute(theirs.values(lease_until=LONG_AGO)).rowcount


def end_waits(work: Work) -> None:
    """What was put off, or waits in doubt to be sent once more, may be taken now."""
    waits = (delivery.c.state == ContactState.RETRY.value, delivery.c.retry_from.is_not(None))
    work.rows.execute(update(delivery).where(*waits, delivery.c.due_at <= work.now).values(retry_from=None))
