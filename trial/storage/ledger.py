"""Single rows of the ledger of mails, for who looks at what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from trial.core.delivery import Contact, ContactState
from trial.storage.deliveries import contact_of
from trial.storage.tables_delivery import delivery
from trial.storage.work import Work

_COLUMNS = [delivery.c[name] for name in Contact.__slots__]


def by_id(work: Work, contact_id: int) -> Contact | None:
    """One contact, if there is such a one."""
    return next(iter(by_ids(work, [contact_id])), None)


def by_ids(work: Work, ids: Sequence[int]) -> list[Contact]:
    """These contacts, in the order of their rows."""
    query = select(*_COLUMNS).where(delivery.c.id.in_(ids)).order_by(delivery.c.id)
    return [contact_of(row) for row in work.rows.execute(query)]


def said(work: Work, participant_id: int) -> dict[int, str]:
    """What the mail server last said of each mail of a person, by row."""
    query = select(delivery.c.id, delivery.c.reply).where(
        delivery.c.participant_id == participant_id, delivery.c.reply.is_not(None)
    )
    return {int(row): reply for row, reply in work.rows.execute(query)}


def ended_at(work: Work, participant_id: int) -> dict[int, datetime]:
    """When each mail of a person came to its end, by row."""
    query = select(delivery.c.id, delivery.c.ended_at).where(
        delivery.c.participant_id == participant_id, delivery.c.ended_at.is_not(None)
    )
    return {int(row): moment for row, moment in work.rows.execute(query)}


def again_at(work: Work, participant_id: int) -> dict[int, datetime]:
    """Of each mail of a person that is put off: from which machine time on it is tried again, by row."""
    query = select(delivery.c.id, delivery.c.retry_from).where(
        delivery.c.participant_id == participant_id,
        delivery.c.state == ContactState.RETRY.value,
        delivery.c.retry_from > work.machine_now,
    )
    return {int(row): moment for row, moment in work.rows.execute(query)}
