"""What is kept back: mails of a person who wrote "stop", or of a trial that stands still; and mails that came back."""

from __future__ import annotations

from sqlalchemy import select, update

from trial.core.delivery import MOVES, SUSPENDED, WAITING, Contact, ContactState
from trial.storage.tables_delivery import delivery
from trial.storage.work import Work

S = ContactState


def release_held_of(work: Work, participant_id: int) -> int:
    """Give what was held for one person back to the queue, where each mail is looked at once more."""
    query = update(delivery).where(
        delivery.c.participant_id == participant_id, delivery.c.state == S.HELD.value, delivery.c.reason == SUSPENDED
    )
    return work.rows.execute(query.values(state=S.DUE.value, reason=None, ended_at=None)).rowcount


def came_back(work: Work, contact: Contact, state: ContactState, *, reason: str, said: str) -> bool:
    """A mail that another server took, or may have taken, was sent back; False where that is known already."""
    if state not in MOVES[contact.state]:
        return False
    query = update(delivery).where(delivery.c.id == contact.id, delivery.c.state == contact.state.value)
    moved = work.rows.execute(query.values(state=state.value, reason=reason, reply=said)).rowcount == 1
    work.moved.extend([state] * moved)
    return moved


def would_be_due(work: Work, trial_id: int) -> list[int]:
    """Every mail of a trial that a claim would find now if nothing were kept back, in the order of falling due."""
    states = [one.value for one in (S.HELD, *WAITING)]
    query = select(delivery.c.id).where(
        delivery.c.trial_id == trial_id, delivery.c.state.in_(states), delivery.c.due_at <= work.now
    )
    return list(work.rows.execute(query.order_by(delivery.c.due_at, delivery.c.id)).scalars())
