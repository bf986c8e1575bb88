"""Drafts: that something unsent stands in a form, since when and how far. What it says lies in the vault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from trial.core.participant import Occasion
from trial.storage.tables_people import draft
from trial.storage.types import TrialTime
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class DraftRow:
    """`opened_at` is when the first page was opened on which anything was typed; `place` the page of the form."""

    occasion_id: int
    opened_at: datetime
    saved_at: datetime
    place: int
    active_seconds: int
    pages: Sequence[Any] | None


_DUE = (
    select(draft.c.participant_id, draft.c.occasion_id)
    .where(draft.c.goes_at <= bindparam("now", type_=TrialTime))
    .order_by(draft.c.goes_at, draft.c.id)
    .limit(50)
)
_COLUMNS = [draft.c[name] for name in DraftRow.__slots__]
_OF_OCCASION = select(*_COLUMNS).where(draft.c.occasion_id == bindparam("about"))
_FORGET = delete(draft).where(draft.c.occasion_id == bindparam("about"))


def of_occasion(work: Work, occasion_id: int) -> DraftRow | None:
    """What is kept of this occasion's form."""
    row = work.rows.execute(_OF_OCCASION, {"about": occasion_id}).one_or_none()
    return DraftRow(**row._mapping) if row else None


def keep(
    work: Work,
    occasion: Occasion,
    *,
    opened_at: datetime,
    goes_at: datetime,
    place: int,
    active_seconds: int,
    pages: Sequence[Any] | None,
) -> None:
    """The first draft of an occasion, or a newer one; whoever calls holds the participant's row."""
    values: dict[str, Any] = {
        "saved_at": work.now,
        "goes_at": goes_at,
        "place": place,
        "active_seconds": active_seconds,
    }
    if pages is not None:
        values["pages"] = list(pages)
    newer = update(draft).where(draft.c.occasion_id == occasion.id).values(values)
    if work.rows.execute(newer).rowcount == 0:
        whose = {"trial_id": occasion.trial_id, "participant_id": occasion.participant_id, "occasion_id": occasion.id}
        work.rows.execute(insert(draft), whose | values | {"opened_at": opened_at})


def due(work: Work) -> list[tuple[int, int]]:
    """Drafts that can be sent no more, as (participant, occasion): a look at an index where there are none."""
    return [(row.participant_id, row.occasion_id) for row in work.rows.execute(_DUE, {"now": work.now})]


def stays(work: Work, occasion_id: int, goes_at: datetime) -> None:
    """It can be sent for longer than was thought."""
    work.rows.execute(update(draft).where(draft.c.occasion_id == occasion_id).values(goes_at=goes_at))


def forget(work: Work, occasion_id: int) -> bool:
    """Remove it; whether there was one."""
    return work.rows.execute(_FORGET, {"about": occasion_id}).rowcount == 1
