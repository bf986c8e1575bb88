"""Allocations and the running state of each stratum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from trial.core.randomization import STAGE, BlockState, Decision
from trial.storage.tables import allocation, allocation_state
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who went where, in which order."""

    participant_id: int
    sequence: int
    stratum: str
    number: int
    arm: str
    allocated_at: datetime


def count(work: Work, trial_id: int) -> int:
    """How many were randomised so far."""
    query = select(func.count()).select_from(allocation).where(allocation.c.trial_id == trial_id)
    return int(work.rows.execute(query).scalar_one())


def state_of(work: Work, trial_id: int, stratum: str) -> BlockState:
    """The stratum before its next allocation. The caller holds the trial's row."""
    found = work.rows.execute(select(allocation_state).where(*_of_stratum(trial_id, stratum))).one_or_none()
    return BlockState(found.number, found.block, tuple(found.remaining)) if found else BlockState()


def add(work: Work, trial_id: int, participant_id: int, decision: Decision, *, rule_version: str) -> None:
    """Keep the decision and the stratum's next state, together."""
    stratum, after = decision.stratum, decision.next_state
    record: dict[str, Any] = {
        "rule_version": rule_version,
        "block": decision.block,
        "state_seen": list(decision.state_seen.left),
        "probabilities": dict(decision.probabilities),
        "draw": decision.draw,
    }
    values = {"trial_id": trial_id, "stage": STAGE, "participant_id": participant_id, "stratum": stratum}
    values |= {"sequence": count(work, trial_id) + 1, "number": decision.number, "arm": decision.arm}
    work.rows.execute(insert(allocation).values(**values, record=record, allocated_at=work.now))
    state = {"number": after.number, "block": after.block, "remaining": list(after.left)}
    updated = work.rows.execute(update(allocation_state).where(*_of_stratum(trial_id, stratum)).values(state))
    if updated.rowcount == 0:
        key = {"trial_id": trial_id, "stage": STAGE, "stratum": stratum}
        work.rows.execute(insert(allocation_state).values(**key, **state))


def arm_of(work: Work, participant_id: int) -> str | None:
    """The arm of one participant; None before randomisation."""
    query = select(allocation.c.arm).where(allocation.c.participant_id == participant_id)
    return work.rows.execute(query).scalar_one_or_none()


def of_trial(work: Work, trial_id: int) -> list[Allocation]:
    """Every allocation in order."""
    columns = [allocation.c[name] for name in Allocation.__slots__]
    query = select(*columns).where(allocation.c.trial_id == trial_id).order_by(allocation.c.sequence)
    return [Allocation(**row._mapping) for row in work.rows.execute(query)]


def _of_stratum(trial_id: int, stratum: str) -> tuple[Any, ...]:
    table = allocation_state.c
    return (table.trial_id == trial_id, table.stage == STAGE, table.stratum == stratum)
