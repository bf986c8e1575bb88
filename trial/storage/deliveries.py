"""The delivery ledger: mails are planned, every write to one that is held is fenced, and what stands there is read.

A worker that lost its lease cannot overwrite what another did: its writes name the attempt and owner that they
belong to and touch no row otherwise. Rows are taken in `claims.py`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Update, and_, bindparam, false, func, or_, select, update

from trial.core.delivery import IN_HAND, MOVES, PAUSED, RESTORED, WAITING, Contact, ContactState
from trial.core.errors import Refused
from trial.core.links import delivery_linked, hash_token, make_token
from trial.core.participant import Participant
from trial.core.schedule import PlannedContact
from trial.storage.overview import beside
from trial.storage.rows import insert_rows, take_ids
from trial.storage.tables_delivery import IS_IN_HAND, IS_WAITING, delivery
from trial.storage.times import TrialNow
from trial.storage.types import TrialTime
from trial.storage.work import Work

LEASE = timedelta(seconds=120)
S = ContactState
COLUMNS = [delivery.c[name] for name in Contact.__slots__]
_STATE = Contact.__slots__.index("state")


def contact_of(row: Sequence[Any]) -> Contact:
    """A row of the ledger as a contact."""
    values = list(row)
    values[_STATE] = S(values[_STATE])
    return Contact(*values)


@dataclass(frozen=True, slots=True)
class NewContact:
    """One mail to plan, and what it announces."""

    planned: PlannedContact
    timepoint: str = ""
    occurrence: int = 1
    occasion_id: int | None = None


def add(work: Work, person: Participant, new: Sequence[NewContact]) -> list[int]:
    """Plan mails; each link is fixed by its row's id and generation."""
    if not new:
        return []
    ids, planned = take_ids(work, delivery, len(new)), S.PLANNED.value
    rows = [
        {
            "id": row,
            "trial_id": person.trial_id,
            "participant_id": person.id,
            "message": one.planned.message,
            "stream": one.planned.stream,
            "timepoint": one.timepoint,
            "occurrence": one.occurrence,
            "reminder": one.planned.reminder,
            "occasion_id": one.occasion_id,
            "local_rule": one.planned.local_rule,
            "due_at": one.planned.due_at,
            "not_after": one.planned.not_after,
            "state": planned,
        }
        for row, one in zip(ids, new, strict=True)
    ]
    insert_rows(work, delivery, rows)
    return ids


def renew_links(work: Work, participant_id: int, *, since: datetime) -> None:
    """Links of a person that may have gone out since then are worth nothing; what is sent from now on has new ones."""
    query = update(delivery).where(
        delivery.c.participant_id == participant_id, or_(delivery.c.ended_at.is_(None), delivery.c.ended_at >= since)
    )
    work.rows.execute(query.values(generation=delivery.c.generation + 1, token_hash=None))


def move(
    work: Work,
    contact: Contact,
    state: ContactState,
    *,
    before: ContactState,
    reason: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> bool:
    """Move a held row on; False where the lease was lost (another attempt or owner has it)."""
    if state not in MOVES[before]:
        raise Refused(f"A contact that is {before.value} cannot become {state.value}.")
    ends = state not in (*WAITING, *IN_HAND)
    fence = {"row": contact.id, "held_attempt": contact.attempt, "held_owner": contact.owner, "held": before.value}
    written = {"state": state.value, "reason": reason, **(values or {})}
    if state is S.DATA_STARTED:  # the last of a slow batch gets as long for its content as the first
        written["lease_until"] = work.machine_now + LEASE
        # a link that is out opens for as long as its row says so, whatever becomes of the keys
        written["token_hash"] = hash_token(make_token(work.keys, contact.id, contact.generation))
    moved = work.rows.execute(_written(ends, *written), fence | written).rowcount == 1
    work.moved.extend([state] * moved)
    return moved


_FENCED = update(delivery).where(
    delivery.c.id == bindparam("row"),
    delivery.c.attempt == bindparam("held_attempt"),
    delivery.c.owner == bindparam("held_owner"),
    delivery.c.state == bindparam("held"),
)


@cache
def _written(ends: bool, *columns: str) -> Update:
    """The fenced update of these columns; there are few such sets, and each statement is built once.

    When it ends is filled in by the database: the clock need not be asked for one mail that was taken.
    """
    given: dict[str, Any] = {name: bindparam(name, type_=delivery.c[name].type) for name in columns}
    return _FENCED.values(given | {"ended_at": TrialNow() if ends else None})


def postpone(work: Work, contact: Contact, due_at: datetime) -> bool:
    """Put a held row back into the plan, for a later time; never ready now."""
    fence = {"row": contact.id, "held_attempt": contact.attempt, "held_owner": contact.owner, "held": S.CLAIMED.value}
    later = {"state": S.PLANNED.value, "due_at": due_at, "not_after": due_at + (contact.not_after - contact.due_at)}
    work.rows.execute(_FENCED.values(later), fence)
    return False


_MOVE_PLANNED = (
    update(delivery)
    .where(
        delivery.c.participant_id == bindparam("person"),  # the one that has an index
        delivery.c.occasion_id == bindparam("about"),
        delivery.c.reminder == bindparam("number"),
        or_(delivery.c.state == S.PLANNED.value, delivery.c.state == S.DUE.value),
    )
    .values(
        due_at=bindparam("due", type_=TrialTime),
        not_after=bindparam("last", type_=TrialTime),
        local_rule=bindparam("rule"),
    )
)


def move_planned(work: Work, person: Participant, occasion_id: int, contacts: Sequence[PlannedContact]) -> None:
    """What is not sent yet about an occasion falls due at another time; what was sent stays as it is."""
    rows = [
        {
            "person": person.id,
            "about": occasion_id,
            "number": one.reminder,
            "due": one.due_at,
            "last": one.not_after,
            "rule": one.local_rule,
        }
        for one in contacts
    ]
    if rows:
        work.rows.execute(_MOVE_PLANNED, rows)


def replan(work: Work, participant_id: int, planned: PlannedContact) -> bool:
    """A mail of a person that is planned falls due at another time; False where none is."""
    values = {"due_at": planned.due_at, "not_after": planned.not_after, "local_rule": planned.local_rule}
    return work.rows.execute(_planned_of(participant_id, planned.message).values(values)).rowcount > 0


def planned_due(work: Work, participant_id: int, message: str) -> datetime | None:
    """When a mail of a person is due that is planned."""
    waiting = delivery.c.state.in_([S.PLANNED.value, S.DUE.value])
    query = select(func.min(delivery.c.due_at)).where(
        delivery.c.participant_id == participant_id, delivery.c.message == message, waiting
    )
    return work.rows.execute(query).scalar_one_or_none()


def drop_planned(work: Work, participant_id: int, message: str, reason: str) -> None:
    """A mail of a person that is planned is not sent, and why."""
    values = {"state": S.SUPPRESSED.value, "reason": reason, "ended_at": work.now}
    work.rows.execute(_planned_of(participant_id, message).values(values))


def _planned_of(participant_id: int, message: str) -> Update:
    waiting = delivery.c.state.in_([S.PLANNED.value, S.DUE.value])
    return update(delivery).where(delivery.c.participant_id == participant_id, delivery.c.message == message, waiting)


_IN_PAUSE = and_(delivery.c.state == S.RETRY.value, delivery.c.reason == PAUSED)


def waits_for_pause(work: Work, contact: Contact) -> bool:
    """Whether another mail about the same occasion waits for the end of the person's pause."""
    query = select(delivery.c.id).where(
        delivery.c.participant_id == contact.participant_id,
        delivery.c.occasion_id == contact.occasion_id,
        delivery.c.id != contact.id,
        _IN_PAUSE,
    )
    return work.rows.execute(query.limit(1)).first() is not None


def pause_ends(work: Work, participant_id: int, moment: datetime) -> None:
    """What waits for the end of a person's pause falls due at this moment."""
    query = update(delivery).where(delivery.c.participant_id == participant_id, _IN_PAUSE)
    work.rows.execute(query.values(due_at=moment))


def release_held(work: Work, trial_id: int) -> int:
    """Give held rows back to the queue when a pause ends; not those that a restore holds."""
    others = or_(delivery.c.reason.is_(None), delivery.c.reason != RESTORED)
    query = update(delivery).where(delivery.c.trial_id == trial_id, delivery.c.state == S.HELD.value, others)
    return work.rows.execute(query.values(state=S.DUE.value, reason=None, ended_at=None)).rowcount


_LINKED = select(delivery.c.token_hash, *COLUMNS).where(delivery.c.id == bindparam("row"))


def by_token(work: Work, token: str) -> Contact | None:
    """The contact whose present link this is; None for whatever is none."""
    linked = delivery_linked(work.keys, token)
    if linked is None:
        return None
    row = work.rows.execute(_LINKED, {"row": linked}).one_or_none()
    if row is None:
        return None
    kept, *columns = row
    contact = contact_of(columns)
    right = kept or hash_token(make_token(work.keys, contact.id, contact.generation))
    return contact if hmac.compare_digest(right, hash_token(token)) else None


def count_of_message(work: Work, participant_id: int, message: str) -> int:
    """How often this message was planned for a person."""
    query = select(func.count()).where(delivery.c.participant_id == participant_id, delivery.c.message == message)
    return int(work.rows.execute(query).scalar_one())


def of_message(work: Work, trial_id: int, message: str) -> list[Contact]:
    """Every row of one message in a trial."""
    query = select(*COLUMNS).where(delivery.c.trial_id == trial_id, delivery.c.message == message)
    return [contact_of(row) for row in work.rows.execute(query.order_by(delivery.c.id))]


def count_since(work: Work, participant_id: int, messages: Sequence[str], moment: datetime) -> int:
    """How many of these messages were planned for a person since a moment."""
    query = select(func.count()).where(
        delivery.c.participant_id == participant_id, delivery.c.message.in_(messages), delivery.c.due_at > moment
    )
    return int(work.rows.execute(query).scalar_one())


def of_participant(work: Work, participant_id: int) -> list[Contact]:
    """The ledger of one person."""
    query = select(*COLUMNS).where(delivery.c.participant_id == participant_id).order_by(delivery.c.id)
    return [contact_of(row) for row in work.rows.execute(query)]


def of_trial(work: Work, trial_id: int) -> list[Contact]:
    """The whole ledger of a trial."""
    query = select(*COLUMNS).where(delivery.c.trial_id == trial_id).order_by(delivery.c.id)
    return [contact_of(row) for row in work.rows.execute(query)]


def sent_at(work: Work, trial_id: int) -> dict[int, datetime]:
    """Of each mail of a trial that was taken and did not come back, by its row: when."""
    taken = and_(
        delivery.c.trial_id == trial_id, delivery.c.state == S.ACCEPTED.value, delivery.c.ended_at.is_not(None)
    )
    return {row.id: row.ended_at for row in work.rows.execute(select(delivery.c.id, delivery.c.ended_at).where(taken))}


_NEXT_DUE = select(func.min(delivery.c.due_at)).where(IS_WAITING)
# the first of each index: asked whether there is any, PostgreSQL may read the whole ledger to find that there is none
_OPEN = select(
    or_(
        func.coalesce(_NEXT_DUE.scalar_subquery() <= bindparam("now", type_=TrialTime), false()),
        select(func.min(delivery.c.lease_until)).where(IS_IN_HAND).scalar_subquery().is_not(None),
    )
)


def next_due(work: Work) -> datetime | None:
    """When the next waiting row falls due; a row in the past is due now."""
    return work.rows.execute(_NEXT_DUE).scalar_one_or_none()


def any_open(work: Work) -> bool:
    """Whether any row is due now or in somebody's hands."""
    return bool(work.rows.execute(_OPEN, {"now": work.now}).scalar_one())


def counts(work: Work, trial_id: int) -> dict[str, int]:
    """How many contacts stand in each state."""
    query = select(delivery.c.state, func.count()).where(delivery.c.trial_id == trial_id).group_by(delivery.c.state)
    return {state: int(number) for state, number in work.rows.execute(query.order_by(delivery.c.state))}


def oldest_due(work: Work, trial_id: int, leaving_out: Sequence[str] = ()) -> datetime | None:
    """Since when the oldest row is due and not yet done, those of some timepoints left out; None when nothing is."""
    query = select(func.min(delivery.c.due_at)).where(
        delivery.c.trial_id == trial_id, IS_WAITING, delivery.c.due_at <= work.now, *beside(leaving_out)
    )
    return work.rows.execute(query).scalar_one_or_none()
