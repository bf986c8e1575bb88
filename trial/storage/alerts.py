"""Safety rules that were met: one row for each sheet and rule, in the transaction that keeps the sheet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from trial.core.participant import Occasion
from trial.core.safety import Met
from trial.storage.rows import add_rows
from trial.storage.tables import answer_sheet
from trial.storage.tables_people import alert
from trial.storage.work import Work


def add(work: Work, occasion: Occasion, sheet_id: int, met: Iterable[Met]) -> list[int]:
    """Keep what a sheet met; the same rule of the same sheet a second time breaks a UNIQUE constraint.

    A resources page asks nothing more of anybody, so its row is closed from the start. What the team does about the
    others stands in their matters.
    """
    rows = [
        {
            "trial_id": occasion.trial_id,
            "participant_id": occasion.participant_id,
            "answer_sheet_id": sheet_id,
            "rule": one.rule,
            "tier": one.tier,
            "state": "open" if one.tier == "alert" else "shown",
            "raised_at": work.now,
        }
        for one in met
    ]
    return add_rows(work, alert, rows)


def called_for(work: Work, participant_id: int, submission: str) -> bool:
    """Whether the sheet that a person sent under this submission met any rule."""
    found = work.rows.execute(_CALLED, {"person": participant_id, "sent": submission})
    return found.one_or_none() is not None


_CALLED = (
    select(alert.c.id)
    .join_from(alert, answer_sheet, answer_sheet.c.id == alert.c.answer_sheet_id)
    .where(answer_sheet.c.participant_id == bindparam("person"), answer_sheet.c.submission == bindparam("sent"))
    .limit(1)
)


def sheets_of(work: Work, participant_id: int) -> int:
    """How many sheets of a person met any rule."""
    query = select(func.count(alert.c.answer_sheet_id.distinct())).where(alert.c.participant_id == participant_id)
    return int(work.rows.execute(query).scalar_one())


@dataclass(frozen=True, slots=True)
class Alert:
    """What was raised: the rule, and when."""

    id: int
    trial_id: int
    participant_id: int
    answer_sheet_id: int
    rule: str
    raised_at: datetime


def by_id(work: Work, alert_id: int) -> Alert:
    """One alert."""
    columns = [alert.c[name] for name in Alert.__slots__]
    return Alert(**work.rows.execute(select(*columns).where(alert.c.id == alert_id)).one()._mapping)


@dataclass(frozen=True, slots=True)
class Raised:
    """One rule that one sheet met, of either tier."""

    participant_id: int
    answer_sheet_id: int
    rule: str
    tier: str
    raised_at: datetime


def of_trial(work: Work, trial_id: int) -> list[Raised]:
    """Everything that was raised in a trial, in order: alerts and pages of resources alike."""
    columns = [alert.c[name] for name in Raised.__slots__]
    query = select(*columns).where(alert.c.trial_id == trial_id).order_by(alert.c.id)
    return [Raised(**row._mapping) for row in work.rows.execute(query)]
