"""The delivery ledger: rows due are claimed with a lease and an attempt number, and every later write is fenced.

A worker that lost its lease cannot overwrite what another did: its writes name the attempt and owner that they
belong to and touch no row otherwise. Leases and back-off run on machine time, everything else on trial time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, update

from trial.core.delivery import IN_HAND, MOVES, WAITING, Contact, ContactState
from trial.core.errors import Refused
from trial.core.links import hash_token, make_token
from trial.core.participant import Occasion, Participant
from trial.core.schedule import PlannedContact, PlannedOccasion
from trial.core.trial import Trial
from trial.storage import occasions, participants, trials
from trial.storage.rows import add_row
from trial.storage.tables import delivery, occasion, participant, trial
from trial.storage.work import Work

LEASE = timedelta(seconds=120)
S = ContactState
_waiting = delivery.c.state.in_([state.value for state in WAITING])
_in_hand = delivery.c.state.in_([state.value for state in IN_HAND])
_COLUMNS = [delivery.c[name] for name in Contact.__slots__]


def _value(row: Row[Any]) -> Contact:
    values = dict(row._mapping)
    return Contact(**(values | {"state": S(values["state"])}))


def add(
    work: Work,
    *,
    trial_id: int,
    participant_id: int,
    planned: PlannedContact,
    occasion_id: int | None = None,
    timepoint: str = "",
    occurrence: int = 1,
) -> int:
    """Plan one mail; its link is fixed by its id and generation, and only the hash is kept."""
    values = {
        "trial_id": trial_id,
        "participant_id": participant_id,
        "message": planned.message,
        "stream": planned.stream,
        "timepoint": timepoint,
        "occurrence": occurrence,
        "reminder": planned.reminder,
        "occasion_id": occasion_id,
        "local_rule": planned.local_rule,
        "due_at": planned.due_at,
        "not_after": planned.not_after,
        "state": S.PLANNED.value,
    }
    delivery_id = add_row(work, delivery, **values)
    token = hash_token(make_token(work.keys.link, delivery_id, 1))
    work.rows.execute(update(delivery).where(delivery.c.id == delivery_id).values(token_hash=token))
    return delivery_id


def add_all(work: Work, *, trial_id: int, participant_id: int, planned: PlannedOccasion, occasion_id: int) -> None:
    """Plan every mail of an occasion."""
    for contact in planned.contacts:
        add(
            work,
            trial_id=trial_id,
            participant_id=participant_id,
            planned=contact,
            occasion_id=occasion_id,
            timepoint=planned.timepoint,
            occurrence=planned.occurrence,
        )


def claim(work: Work, *, owner: str, limit: int) -> list[Contact]:
    """Take up to `limit` rows that are due and nobody holds; the lease runs on machine time."""
    due = and_(
        _waiting,
        delivery.c.due_at <= work.now,
        or_(delivery.c.retry_from.is_(None), delivery.c.retry_from <= work.machine_now),
    )
    lapsed = and_(delivery.c.state == S.CLAIMED.value, delivery.c.lease_until < work.machine_now)
    chosen = select(delivery.c.id).where(or_(due, lapsed)).order_by(delivery.c.due_at, delivery.c.id).limit(limit)
    taken = {"state": S.CLAIMED.value, "owner": owner, "lease_until": work.machine_now + LEASE}
    query = (
        update(delivery)
        .where(delivery.c.id.in_(chosen.with_for_update(skip_locked=True)))
        .values(**taken, attempt=delivery.c.attempt + 1)
        .returning(*_COLUMNS)
    )
    return sorted((_value(row) for row in work.rows.execute(query)), key=lambda one: (one.due_at, one.id))


def release_unknown(work: Work) -> int:
    """Rows whose DATA began and whose worker then vanished: nobody can say whether the mail arrived."""
    lapsed = and_(delivery.c.state == S.DATA_STARTED.value, delivery.c.lease_until < work.machine_now)
    values = {"state": S.UNKNOWN.value, "reason": "no_reply_after_data", "ended_at": work.now}
    return work.rows.execute(update(delivery).where(lapsed).values(values)).rowcount


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
    ends = {"ended_at": work.now} if state not in (*WAITING, *IN_HAND) else {}
    query = update(delivery).where(
        delivery.c.id == contact.id,
        delivery.c.attempt == contact.attempt,
        delivery.c.owner == contact.owner,
        delivery.c.state == before.value,
    )
    changed = work.rows.execute(query.values(state=state.value, reason=reason, **ends, **(values or {})))
    return changed.rowcount == 1


def release_held(work: Work, trial_id: int) -> int:
    """Give held rows back to the queue when a pause ends."""
    query = update(delivery).where(delivery.c.trial_id == trial_id, delivery.c.state == S.HELD.value)
    return work.rows.execute(query.values(state=S.DUE.value, reason=None, ended_at=None)).rowcount


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision and a mail need to know beside the contact itself."""

    person: Participant
    trial: Trial
    occasion: Occasion | None


def situations(work: Work, ids: Sequence[int]) -> dict[int, Situation]:
    """The situation of each contact, in one query."""
    joined = (
        delivery.join(participant, participant.c.id == delivery.c.participant_id)
        .join(trial, trial.c.id == delivery.c.trial_id)
        .outerjoin(occasion, occasion.c.id == delivery.c.occasion_id)
    )
    columns = [
        column.label(f"{table.name}_{column.name}") for table in (participant, occasion) for column in table.columns
    ]
    query = select(delivery.c.id, *columns, *trials.labelled("trial_")).select_from(joined)
    return {
        row.id: Situation(
            participants.value(row, "participant_"),
            trials.value(row, "trial_"),
            occasions.value(row, "occasion_") if row.occasion_id is not None else None,
        )
        for row in work.rows.execute(query.where(delivery.c.id.in_(ids)))
    }


def by_token(work: Work, token_hash: str) -> Contact | None:
    """The contact whose present link hashes to this."""
    row = work.rows.execute(select(*_COLUMNS).where(delivery.c.token_hash == token_hash)).one_or_none()
    return _value(row) if row else None


def count_of_message(work: Work, participant_id: int, message: str) -> int:
    """How often this message was planned for a person."""
    query = select(func.count()).where(delivery.c.participant_id == participant_id, delivery.c.message == message)
    return int(work.rows.execute(query).scalar_one())


def of_trial(work: Work, trial_id: int) -> list[Contact]:
    """The whole ledger of a trial."""
    query = select(*_COLUMNS).where(delivery.c.trial_id == trial_id).order_by(delivery.c.id)
    return [_value(row) for row in work.rows.execute(query)]


def next_due(work: Work) -> datetime | None:
    """When the next waiting row falls due; a row in the past is due now."""
    return work.rows.execute(select(func.min(delivery.c.due_at)).where(_waiting)).scalar_one_or_none()


def open_rows(work: Work) -> int:
    """Rows that are due now or in somebody's hands."""
    query = select(func.count()).where(or_(and_(_waiting, delivery.c.due_at <= work.now), _in_hand))
    return int(work.rows.execute(query).scalar_one())


def counts(work: Work, trial_id: int) -> dict[str, int]:
    """How many contacts stand in each state."""
    query = select(delivery.c.state, func.count()).where(delivery.c.trial_id == trial_id).group_by(delivery.c.state)
    return {state: int(number) for state, number in work.rows.execute(query.order_by(delivery.c.state))}


def oldest_due(work: Work, trial_id: int) -> datetime | None:
    """Since when the oldest row is due and not yet done; None when nothing is late."""
    query = select(func.min(delivery.c.due_at)).where(
        delivery.c.trial_id == trial_id, _waiting, delivery.c.due_at <= work.now
    )
    return work.rows.execute(query).scalar_one_or_none()
