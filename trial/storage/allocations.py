"""Allocations and the running state of each stratum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, insert, select, update

from trial.core.participant import ParticipantState
from trial.core.randomization import STAGE, Decision, Kept, Last, State, record_of
from trial.core.replay import Recorded
from trial.storage.tables import allocation, allocation_state, participant
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who went where, in which order."""

    stage: str
    participant_id: int
    sequence: int
    stratum: str
    number: int
    arm: str
    allocated_at: datetime


def count(work: Work, trial_id: int) -> int:
    """How many were randomised so far: the last place in an order without gaps, however many stand before it."""
    query = select(func.max(allocation.c.sequence)).where(
        allocation.c.trial_id == trial_id, allocation.c.stage == STAGE
    )
    return int(work.rows.execute(query).scalar_one() or 0)


def kept(work: Work, trial_id: int, stage: str, key: str) -> Kept | None:
    """The state under a key before its next allocation. The caller holds the trial's row."""
    found = work.rows.execute(select(allocation_state).where(*_under(trial_id, stage, key))).one_or_none()
    return Kept(found.number, found.epoch, found.state) if found else None


def last(work: Work, trial_id: int, stage: str) -> Last | None:
    """The last allocation of a stage; its configuration is empty where version 0.1 wrote the record."""
    table = allocation.c
    query = select(table.sequence, table.record).where(table.trial_id == trial_id, table.stage == stage)
    found = work.rows.execute(query.order_by(table.sequence.desc()).limit(1)).one_or_none()
    if found is None:
        return None
    return Last(found.sequence, found.record.get("epoch", 1), found.record.get("configuration", ""))


def add(
    work: Work, trial_id: int, participant_id: int, decision: Decision, configuration: str, *, sequence: int
) -> None:
    """Keep the decision and the next state under its key, together."""
    place = {"trial_id": trial_id, "stage": decision.stage, "stratum": decision.stratum}
    values: dict[str, Any] = {"participant_id": participant_id, "sequence": sequence, "number": decision.number}
    values |= {"arm": decision.arm, "record": record_of(decision, configuration), "allocated_at": work.now}
    work.rows.execute(insert(allocation).values(**place, **values))
    keep_state(work, trial_id, decision, configuration)


def keep_state(work: Work, trial_id: int, decision: Decision, configuration: str) -> None:
    """What the next allocation under the key of this one starts from."""
    place = {"trial_id": trial_id, "stage": decision.stage, "stratum": decision.stratum}
    after = {"number": decision.number, "epoch": decision.epoch, "configuration": configuration}
    state = after | {"state": dict(decision.next_state)}
    updated = work.rows.execute(
        update(allocation_state).where(*_under(trial_id, decision.stage, decision.stratum)).values(state)
    )
    if updated.rowcount == 0:
        work.rows.execute(insert(allocation_state).values(**place, **state))


def arm_of(work: Work, participant_id: int) -> str | None:
    """The arm of one participant, whatever a further stage added to it; None before randomisation."""
    query = select(allocation.c.arm).where(allocation.c.participant_id == participant_id, allocation.c.stage == STAGE)
    return work.rows.execute(query).scalar_one_or_none()


def options_of(work: Work, participant_id: int) -> list[str]:
    """What the further stages allocated to one participant, in the order in which they did."""
    query = select(allocation.c.arm).where(allocation.c.participant_id == participant_id, allocation.c.stage != STAGE)
    return list(work.rows.execute(query.order_by(allocation.c.id)).scalars())


def of_participant(work: Work, participant_id: int) -> list[Allocation]:
    """Every allocation of one participant, the arm first."""
    columns = [allocation.c[name] for name in Allocation.__slots__]
    query = select(*columns).where(allocation.c.participant_id == participant_id)
    return [Allocation(**row._mapping) for row in work.rows.execute(query.order_by(allocation.c.id))]


def of_trial(work: Work, trial_id: int) -> list[Allocation]:
    """Every first allocation in order."""
    return of_stages(work, trial_id, STAGE)


def of_stages(work: Work, trial_id: int, *stages: str) -> list[Allocation]:
    """Every allocation of these stages, each in its order."""
    columns = [allocation.c[name] for name in Allocation.__slots__]
    query = select(*columns).where(allocation.c.trial_id == trial_id, allocation.c.stage.in_(stages))
    rows = work.rows.execute(query.order_by(allocation.c.stage, allocation.c.sequence))
    return [Allocation(**row._mapping) for row in rows]


def recorded(work: Work, trial_id: int) -> Iterator[Recorded]:
    """Every allocation with its decision record, in the order of each stage; read in parts, never held whole."""
    query = (
        select(
            participant.c.code.label("participant"),
            *(allocation.c[name] for name in Recorded.__slots__ if name != "participant"),
        )
        .join(participant, participant.c.id == allocation.c.participant_id)
        .where(allocation.c.trial_id == trial_id)
        .order_by(allocation.c.stage, allocation.c.sequence)
        .execution_options(yield_per=500)
    )
    for row in work.rows.execute(query):
        yield Recorded(**row._mapping)


def states(work: Work, trial_id: int) -> dict[tuple[str, str], tuple[int, State]]:
    """By stage and key: the number of the last allocation there, and the state that the next one starts from."""
    query = select(allocation_state).where(allocation_state.c.trial_id == trial_id)
    return {(row.stage, row.stratum): (row.number, row.state) for row in work.rows.execute(query)}


def randomized_without(work: Work, trial_id: int) -> str | None:
    """The study code of somebody who counts as randomised and has no allocation; None where there is nobody."""
    has_one = exists().where(allocation.c.participant_id == participant.c.id, allocation.c.stage == STAGE)
    query = select(participant.c.code).where(
        participant.c.trial_id == trial_id,
        participant.c.state == ParticipantState.RANDOMIZED.value,
        ~has_one,
    )
    return work.rows.execute(query.order_by(participant.c.id).limit(1)).scalar_one_or_none()


def allocated_twice(work: Work, trial_id: int) -> str | None:
    """The study code of somebody who has two allocations of one stage; None where there is nobody."""
    query = (
        select(participant.c.code)
        .join(allocation, participant.c.id == allocation.c.participant_id)
        .where(allocation.c.trial_id == trial_id)
        .group_by(participant.c.code, allocation.c.stage)
        .having(func.count() > 1)
    )
    return work.rows.execute(query.limit(1)).scalar_one_or_none()


def _under(trial_id: int, stage: str, key: str) -> tuple[Any, ...]:
    table = allocation_state.c
    return (table.trial_id == trial_id, table.stage == stage, table.stratum == key)
