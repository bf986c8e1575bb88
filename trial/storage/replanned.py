"""Mails of a person whose plan an amendment changes: which may have left, taken back, and planned once more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Update, select, update

from trial.core.delivery import TAKEN_OUT, ContactState
from trial.core.participant import Participant
from trial.storage import deliveries
from trial.storage.deliveries import NewContact
from trial.storage.tables_delivery import delivery
from trial.storage.work import Work

S = ContactState
_PLANNED = (S.PLANNED.value, S.DUE.value)


def in_hand(work: Work, participant_id: int, occasion_ids: Collection[int]) -> frozenset[int]:
    """Hold the mails about these windows to the end of the transaction; the windows of which one may have left.

    A worker may hold a mail that fell due while this transaction was waiting.
    """
    if not occasion_ids:
        return frozenset()
    query = select(delivery.c.occasion_id, delivery.c.state).where(
        delivery.c.participant_id == participant_id, delivery.c.occasion_id.in_(sorted(occasion_ids))
    )
    rows = work.rows.execute(query.order_by(delivery.c.id).with_for_update())
    return frozenset(row.occasion_id for row in rows if row.state not in _PLANNED)


def take_back(work: Work, person: Participant, occasion_id: int) -> None:
    """The mails about a window that is taken out: none was sent, and none will be."""
    about = update(delivery).where(delivery.c.participant_id == person.id, delivery.c.occasion_id == occasion_id)
    ended = {"state": S.SUPPRESSED.value, "reason": TAKEN_OUT, "ended_at": work.now}
    work.rows.execute(about.where(delivery.c.state.in_(_PLANNED)).values(ended))
    work.rows.execute(about.values(occasion_id=None))


def plan(work: Work, person: Participant, new: NewContact) -> None:
    """A mail about a window that an amendment adds; one that an earlier amendment took back is the same mail again."""
    if work.rows.execute(_taken_back(person, new)).rowcount == 0:
        deliveries.add(work, person, [new])


def _taken_back(person: Participant, new: NewContact) -> Update:
    mail = new.planned
    again: dict[str, Any] = {"state": S.PLANNED.value, "reason": None, "ended_at": None, "occasion_id": new.occasion_id}
    again |= {"due_at": mail.due_at, "not_after": mail.not_after, "local_rule": mail.local_rule}
    return (
        update(delivery)
        .where(
            delivery.c.participant_id == person.id,
            delivery.c.message == mail.message,
            delivery.c.timepoint == new.timepoint,
            delivery.c.occurrence == new.occurrence,
            delivery.c.reminder == mail.reminder,
            delivery.c.reason == TAKEN_OUT,
        )
        .values(again)
    )
