"""Occasions: the windows in which a person may do an activity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from trial.core.errors import NotFound
from trial.core.participant import Occasion, Participant
from trial.core.schedule import PlannedOccasion
from trial.storage.rows import add_rows
from trial.storage.tables import occasion
from trial.storage.work import Work


def value(row: Row[Any]) -> Occasion:
    """A row as an occasion."""
    found = row._mapping
    return Occasion(**{name: found[name] for name in Occasion.__slots__})


def add(work: Work, person: Participant, planned: Sequence[PlannedOccasion]) -> list[int]:
    """Open windows for one person; the ids in the order given."""
    rows = [
        {
            "trial_id": person.trial_id,
            "participant_id": person.id,
            "timepoint": one.timepoint,
            "occurrence": one.occurrence,
            "activity": one.activity,
            "opens_at": one.opens_at,
            "closes_at": one.closes_at,
        }
        for one in planned
    ]
    return add_rows(work, occasion, rows)


_BY_ID = select(occasion).where(occasion.c.id == bindparam("row"))


def by_id(work: Work, occasion_id: int, *, participant_id: int | None = None) -> Occasion:
    """One occasion, of this person where one is named."""
    row = work.rows.execute(_BY_ID, {"row": occasion_id}).one_or_none()
    if row is None or participant_id not in (None, row.participant_id):
        raise NotFound("There is no such occasion.")
    return value(row)


def of_participant(work: Work, participant_id: int) -> list[Occasion]:
    """Everything one person may do, in the order of opening."""
    return [value(row) for row in work.rows.execute(_OF_PERSON, {"person": participant_id})]


_OF_PERSON = (
    select(occasion)
    .where(occasion.c.participant_id == bindparam("person"))
    .order_by(occasion.c.opens_at, occasion.c.id)
)


def of_trial(work: Work, trial_id: int) -> list[Occasion]:
    """Every occasion of a trial."""
    query = select(occasion).where(occasion.c.trial_id == trial_id).order_by(occasion.c.id)
    return [value(row) for row in work.rows.execute(query)]


def move(work: Work, occasion_id: int, opens_at: datetime, closes_at: datetime) -> None:
    """The window opens at another time; nothing was sent about it yet."""
    query = update(occasion).where(occasion.c.id == occasion_id)
    work.rows.execute(query.values(opens_at=opens_at, closes_at=closes_at))


def take_out(work: Work, occasion_id: int) -> None:
    """A window that has not opened is not asked any more; mails about it were taken back before."""
    work.rows.execute(delete(occasion).where(occasion.c.id == occasion_id))


def mark_done(work: Work, occasion_id: int) -> None:
    """The activity was finished now."""
    work.rows.execute(update(occasion).where(occasion.c.id == occasion_id).values(done_at=work.now))


def mark_passed_over(work: Work, occasion_id: int) -> None:
    """The person said "not today" now."""
    work.rows.execute(update(occasion).where(occasion.c.id == occasion_id).values(passed_over_at=work.now))
