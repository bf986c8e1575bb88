"""Who may be allocated at a further stage: from the allocation before it on, until it is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from trial.core.participant import Participant, StageState
from trial.core.trial import TrialState
from trial.storage.rows import add_rows
from trial.storage.tables import participant, trial
from trial.storage.tables_people import IS_WAITING_STAGE, stage_entry
from trial.storage.types import TrialTime
from trial.storage.work import Work

# a paused trial waits, and one whose data are locked allocates nobody any more
_ALLOCATING = (TrialState.OPEN.value, TrialState.CLOSED.value)


@dataclass(frozen=True, slots=True)
class StageEntry:
    """One person at one stage; `due_at` is when what decides can no longer be answered."""

    id: int
    trial_id: int
    participant_id: int
    stage: str
    due_at: datetime
    state: StageState
    decided_at: datetime | None


def _value(row: Row[Any]) -> StageEntry:
    return StageEntry(**{**row._mapping, "state": StageState(row.state)})


def add(work: Work, person: Participant, waiting: Sequence[tuple[str, datetime]]) -> None:
    """This person comes into question at these stages, each decided at the latest at its instant."""
    mine = {"trial_id": person.trial_id, "participant_id": person.id}
    add_rows(work, stage_entry, [mine | {"stage": stage, "due_at": due} for stage, due in waiting])


def waiting(work: Work, participant_id: int) -> list[StageEntry]:
    """The stages that are not decided yet for one person; the caller holds their row where it decides."""
    query = select(stage_entry).where(stage_entry.c.participant_id == participant_id, IS_WAITING_STAGE)
    return [_value(row) for row in work.rows.execute(query.order_by(stage_entry.c.id))]


def hold_waiting(work: Work, trial_id: int) -> None:
    """Hold the rows of everybody who may be allocated once more, to the end of the transaction, in one order."""
    may = select(stage_entry.c.participant_id).where(stage_entry.c.trial_id == trial_id, IS_WAITING_STAGE)
    query = select(participant.c.id).where(participant.c.id.in_(may)).order_by(participant.c.id)
    work.rows.execute(query.with_for_update(key_share=True))


def of_trial(work: Work, trial_id: int) -> list[StageEntry]:
    """Everyone who came into question at any stage."""
    query = select(stage_entry).where(stage_entry.c.trial_id == trial_id)
    return [_value(row) for row in work.rows.execute(query.order_by(stage_entry.c.stage, stage_entry.c.id))]


_TO_DECIDE = (IS_WAITING_STAGE, stage_entry.c.trial_id.in_(select(trial.c.id).where(trial.c.state.in_(_ALLOCATING))))
_DUE = (stage_entry.c.due_at <= bindparam("now", type_=TrialTime), *_TO_DECIDE)
_DUE_NOW = select(stage_entry).where(*_DUE).order_by(stage_entry.c.due_at, stage_entry.c.id).limit(50)
_ANY_DUE = select(stage_entry.c.id).where(*_DUE).order_by(stage_entry.c.due_at).limit(1)


def any_due(work: Work) -> bool:
    """Whether some stage is to be decided now: a look at the index of those that wait."""
    return work.rows.execute(_ANY_DUE, {"now": work.now}).first() is not None


def due(work: Work) -> list[StageEntry]:
    """The next to decide, the one that fell due first before the others."""
    return [_value(row) for row in work.rows.execute(_DUE_NOW, {"now": work.now})]


def next_due(work: Work) -> datetime | None:
    """When the next one falls due, of trials that allocate."""
    return work.rows.execute(_NEXT_DUE).scalar_one_or_none()


_NEXT_DUE = select(stage_entry.c.due_at).where(*_TO_DECIDE).order_by(stage_entry.c.due_at).limit(1)


def postpone(work: Work, entry: StageEntry, until: datetime) -> None:
    """It is not to be decided yet."""
    query = update(stage_entry).where(stage_entry.c.id == entry.id, IS_WAITING_STAGE)
    work.rows.execute(query.values(due_at=until))


def decide(work: Work, entry: StageEntry, state: StageState) -> bool:
    """What became of it; False where it was decided already."""
    query = update(stage_entry).where(stage_entry.c.id == entry.id, IS_WAITING_STAGE)
    return work.rows.execute(query.values(state=state.value, decided_at=work.now)).rowcount == 1
