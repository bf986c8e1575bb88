"""Figures of a trial for its home page: each is one query over an index or one table, and none knows an arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from trial.storage.tables import occasion, participant, screening
from trial.storage.tables_delivery import delivery
from trial.storage.work import Work


def randomized_by_day(work: Work, trial_id: int) -> dict[date, int]:
    """How many were randomised on each day that saw anybody, in UTC."""
    day = func.date(participant.c.randomized_at)
    query = select(day, func.count()).where(
        participant.c.trial_id == trial_id, participant.c.randomized_at.is_not(None)
    )
    rows = work.rows.execute(query.group_by(day).order_by(day))
    return {date.fromisoformat(str(when)): int(number) for when, number in rows}


def by_state(work: Work, trial_id: int) -> Mapping[str, int]:
    """How many people stand at each step."""
    query = select(participant.c.state, func.count()).where(participant.c.trial_id == trial_id)
    return {state: int(number) for state, number in work.rows.execute(query.group_by(participant.c.state))}


def by_stop(work: Work, trial_id: int) -> Mapping[str, int]:
    """How many have stopped what; who stopped nothing is not counted."""
    query = select(participant.c.stopped, func.count()).where(
        participant.c.trial_id == trial_id, participant.c.stopped.is_not(None)
    )
    return {level: int(number) for level, number in work.rows.execute(query.group_by(participant.c.stopped))}


def assessed(work: Work, trial_id: int) -> tuple[int, int]:
    """(how often somebody was assessed, how often they were eligible)."""
    query = select(func.count(), func.count().filter(screening.c.eligible)).where(screening.c.trial_id == trial_id)
    every, eligible = work.rows.execute(query).one()
    return int(every), int(eligible)


@dataclass(frozen=True, slots=True)
class TimepointCount:
    """One timepoint so far: windows that have opened, and what became of them.

    opened = done + open + missed, where whoever left it out on purpose counts as missed once it has closed.
    """

    timepoint: str
    opened: int
    done: int
    open: int
    missed: int


def by_timepoint(work: Work, trial_id: int) -> list[TimepointCount]:
    """Each timepoint at which any window has opened."""
    table: Any = occasion.c
    waiting = table.done_at.is_(None)
    query = (
        select(
            table.timepoint,
            func.count(),
            func.count(table.done_at),
            func.count().filter(waiting, table.closes_at > work.now),
            func.count().filter(waiting, table.closes_at <= work.now),
        )
        .where(table.trial_id == trial_id, table.opens_at <= work.now)
        .group_by(table.timepoint)
    )
    return [TimepointCount(name, *map(int, numbers)) for name, *numbers in work.rows.execute(query)]


def beside(timepoints: Sequence[str]) -> list[ColumnElement[bool]]:
    """The condition that a mail belongs to none of these timepoints."""
    of_one = exists().where(occasion.c.id == delivery.c.occasion_id, occasion.c.timepoint.in_(timepoints))
    return [~of_one] if timepoints else []


def contacts(work: Work, trial_id: int, leaving_out: Sequence[str]) -> dict[str, int]:
    """How many contacts stand in each state, those of some timepoints left out."""
    query = select(delivery.c.state, func.count()).where(delivery.c.trial_id == trial_id, *beside(leaving_out))
    found = work.rows.execute(query.group_by(delivery.c.state).order_by(delivery.c.state))
    return {state: int(number) for state, number in found}


def mails(work: Work, trial_id: int, leaving_out: Sequence[str]) -> Mapping[tuple[str, str], int]:
    """(stream, state) -> how many mails, of those that have fallen due, those of some timepoints left out."""
    query = select(delivery.c.stream, delivery.c.state, func.count()).where(
        delivery.c.trial_id == trial_id, delivery.c.due_at <= work.now, *beside(leaving_out)
    )
    found = work.rows.execute(query.group_by(delivery.c.stream, delivery.c.state))
    return {(stream, state): int(number) for stream, state, number in found}
