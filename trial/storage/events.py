"""The record of who did what: one row per act, added in the act's own transaction, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from trial.core.events import Event, EventRecord
from trial.storage.rows import add_row
from trial.storage.tables import event
from trial.storage.work import Work


def write(
    work: Work,
    what: Event,
    *,
    trial_id: int,
    participant_id: int | None = None,
    screening_id: int | None = None,
    detail: Mapping[str, str | int] | None = None,
) -> None:
    """Record an act by `work.by` at `work.now`."""
    values = {
        "trial_id": trial_id,
        "at": work.now,
        "by": str(work.by),
        "event": what.value,
        "participant_id": participant_id,
        "screening_id": screening_id,
        "detail": dict(detail or {}),
    }
    add_row(work, event, **values)


def details_of(work: Work, participant_id: int, what: Event) -> list[Mapping[str, str | int]]:
    """The details of one kind of event of one person, in order."""
    query = select(event.c.detail).where(event.c.participant_id == participant_id, event.c.event == what.value)
    return list(work.rows.execute(query.order_by(event.c.id)).scalars())


def of_participant(work: Work, participant_id: int, what: Event) -> list[EventRecord]:
    """Every event of one kind of one person, in the order of recording."""
    query = select(event).where(event.c.participant_id == participant_id, event.c.event == what.value)
    return [_record(row) for row in work.rows.execute(query.order_by(event.c.id))]


def first_of(work: Work, participant_id: int, what: Event) -> datetime | None:
    """When this first happened to a person; None where it never did."""
    query = select(event.c.at).where(event.c.participant_id == participant_id, event.c.event == what.value)
    return work.rows.execute(query.order_by(event.c.id).limit(1)).scalar_one_or_none()


def of_trial(work: Work, trial_id: int) -> list[EventRecord]:
    """Every event of a trial in the order of recording."""
    found = work.rows.execute(select(event).where(event.c.trial_id == trial_id).order_by(event.c.id))
    return [_record(row) for row in found]


def _record(row: Any) -> EventRecord:
    return EventRecord(
        row.trial_id, row.id, row.at, row.by, Event(row.event), row.participant_id, row.screening_id, row.detail
    )


def first_detail(work: Work, trial_id: int, what: Event) -> Mapping[str, str | int] | None:
    """The detail of the first event of this kind in a trial; None where it never happened."""
    query = select(event.c.detail).where(event.c.trial_id == trial_id, event.c.event == what.value)
    return work.rows.execute(query.order_by(event.c.id).limit(1)).scalar_one_or_none()


def firsts(work: Work, trial_id: int, kinds: Iterable[Event]) -> list[EventRecord]:
    """The first event of each of these kinds in a trial, in the order of recording."""
    first = select(func.min(event.c.id)).where(
        event.c.trial_id == trial_id, event.c.event.in_([one.value for one in kinds])
    )
    rows = work.rows.execute(select(event).where(event.c.id.in_(first.group_by(event.c.event))).order_by(event.c.id))
    return [_record(row) for row in rows]


def of_kind(work: Work, trial_id: int, what: Event) -> list[EventRecord]:
    """Every event of one kind in a trial, in the order of recording; for kinds of which there are few."""
    query = select(event).where(event.c.trial_id == trial_id, event.c.event == what.value)
    return [_record(row) for row in work.rows.execute(query.order_by(event.c.id))]


def details_in(work: Work, trial_id: int, what: Event) -> list[Mapping[str, str | int]]:
    """The details of one kind of event of a trial, in order; reads the whole record."""
    query = select(event.c.detail).where(event.c.trial_id == trial_id, event.c.event == what.value)
    return list(work.rows.execute(query.order_by(event.c.id)).scalars())


def order_of(work: Work, trial_id: int, what: Event, *, stage: str | None = None) -> Iterator[int]:
    """Whom this happened to, at one stage where it is named, in the order of recording; read in parts."""
    query = select(event.c.participant_id, event.c.detail).where(
        event.c.trial_id == trial_id, event.c.event == what.value
    )
    for row in work.rows.execute(query.order_by(event.c.id).execution_options(yield_per=500)):
        if stage is None or row.detail.get("stage") == stage:
            yield row.participant_id
