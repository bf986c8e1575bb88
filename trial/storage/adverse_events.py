"""Adverse events as reported; the person's words lie in the vault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from trial.core.harms import (
    Assessment,
    Criterion,
    Expectedness,
    HarmOutcome,
    Judgement,
    Relatedness,
    Severity,
    Stopping,
)
from trial.core.matters import MatterAct, MatterKind, MatterState
from trial.core.participant import Occasion, Participant
from trial.storage import occasions, participants
from trial.storage.rows import add_row, add_row_once
from trial.storage.tables import occasion, participant
from trial.storage.tables_desk import adverse_event_assessment, matter, matter_act
from trial.storage.tables_people import adverse_event
from trial.storage.work import Work


def add(
    work: Work,
    trial_id: int,
    participant_id: int,
    occasion_id: int | None,
    submission: str,
    *,
    wish: str | None = None,
    wants_contact: bool = False,
    reported_at: datetime | None = None,
) -> tuple[int, bool]:
    """A report, or what the team entered: (id, whether it is new). What is done about it stands in its matter."""
    unique = {"participant_id": participant_id, "submission": submission}
    values = {
        "trial_id": trial_id,
        "occasion_id": occasion_id,
        "state": "open",
        "reported_at": reported_at or work.now,
        "wish": wish,
        "wants_contact": wants_contact,
    }
    return add_row_once(work, adverse_event, unique, **values)


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """One report. The person's words, or the team's about a person, lie in the vault."""

    id: int
    trial_id: int
    participant_id: int
    occasion_id: int | None
    reported_at: datetime
    wish: str | None
    wants_contact: bool


_COLUMNS = [adverse_event.c[name] for name in AdverseEvent.__slots__]


def by_id(work: Work, report_id: int) -> AdverseEvent:
    """One report."""
    return AdverseEvent(**work.rows.execute(select(*_COLUMNS).where(adverse_event.c.id == report_id)).one()._mapping)


def count_open_wanting_contact(work: Work, trial_id: int) -> int:
    """Reports that nobody has looked at yet and whose person asked to be written to."""
    query = (
        select(func.count())
        .select_from(adverse_event.join(matter, matter.c.about == adverse_event.c.id))
        .where(
            matter.c.trial_id == trial_id,
            matter.c.kind == MatterKind.ADVERSE_EVENT.value,
            matter.c.state == MatterState.OPEN.value,
            adverse_event.c.wants_contact,
        )
    )
    return int(work.rows.execute(query).scalar_one())


def assess(work: Work, report: AdverseEvent, judgement: Judgement) -> int:
    """One more assessment, by `work.by` now; those before it stay."""
    values = {
        "trial_id": report.trial_id,
        "adverse_event_id": report.id,
        "serious": judgement.serious,
        "criteria": sorted(judgement.criteria),
        "severity": judgement.severity.value,
        "relatedness": judgement.relatedness.value,
        "expectedness": judgement.expectedness.value,
        "onset_on": judgement.onset_on,
        "outcome": judgement.outcome.value,
        "term": judgement.term,
        "stopped": judgement.stopped.value,
        "assessed_at": work.now,
        "by": str(work.by),
    }
    return add_row(work, adverse_event_assessment, **values)


def assessments(work: Work, report_id: int) -> list[Assessment]:
    """Every assessment of a report, in order; the last one counts."""
    table = adverse_event_assessment
    found = work.rows.execute(select(table).where(table.c.adverse_event_id == report_id).order_by(table.c.id))
    return [_assessment(row) for row in found]


def of_trial(work: Work, trial_id: int) -> list[AdverseEvent]:
    """Every report of a trial, in order."""
    query = select(*_COLUMNS).where(adverse_event.c.trial_id == trial_id).order_by(adverse_event.c.id)
    return [AdverseEvent(**row._mapping) for row in work.rows.execute(query)]


def whose(work: Work, trial_id: int) -> dict[int, Participant]:
    """Everybody in a trial about whom there is a report, by number."""
    mine = select(adverse_event.c.participant_id).where(adverse_event.c.trial_id == trial_id)
    found = work.rows.execute(select(participant).where(participant.c.id.in_(mine)))
    return {row.id: participants.value(row) for row in found}


def windows(work: Work, trial_id: int) -> dict[int, Occasion]:
    """Every occasion on whose page something was reported, by number."""
    mine = select(adverse_event.c.occasion_id).where(adverse_event.c.trial_id == trial_id)
    return {row.id: occasions.value(row) for row in work.rows.execute(select(occasion).where(occasion.c.id.in_(mine)))}


def assessments_of_trial(work: Work, trial_id: int) -> dict[int, list[Assessment]]:
    """The assessments of each report of a trial, in order."""
    table, found = adverse_event_assessment, dict[int, list[Assessment]]()
    for row in work.rows.execute(select(table).where(table.c.trial_id == trial_id).order_by(table.c.id)):
        found.setdefault(row.adverse_event_id, []).append(_assessment(row))
    return found


def entered_by_team(work: Work, trial_id: int) -> set[int]:
    """Which reports of a trial the team entered: the opening of their matter says so."""
    opened = select(matter.c.about, matter_act.c.detail).join_from(matter, matter_act)
    query = opened.where(
        matter.c.trial_id == trial_id,
        matter.c.kind == MatterKind.ADVERSE_EVENT.value,
        matter_act.c.act == MatterAct.OPENED.value,
    )
    return {int(about) for about, detail in work.rows.execute(query) if detail.get("from") == "team"}


def _assessment(row: Any) -> Assessment:
    judgement = Judgement(
        criteria=frozenset(Criterion(one) for one in row.criteria),
        severity=Severity(row.severity),
        relatedness=Relatedness(row.relatedness),
        expectedness=Expectedness(row.expectedness),
        outcome=HarmOutcome(row.outcome),
        onset_on=row.onset_on,
        term=row.term,
        stopped=Stopping(row.stopped),
    )
    return Assessment(judgement, row.assessed_at, row.by)
