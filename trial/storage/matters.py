"""Matters and their histories; a matter is opened once, in the transaction of the row that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from trial.core import access
from trial.core.errors import NotFound
from trial.core.matters import HistoryLine, Matter, MatterAct, MatterKind, MatterState
from trial.storage.rows import add_row, add_row_once
from trial.storage.tables_desk import HAS_CAUSE, IS_OPEN_MATTER, matter, matter_act
from trial.storage.work import Work

_COLUMNS = [matter.c[name] for name in Matter.__slots__]


def _value(row: Row[Any]) -> Matter:
    found = dict(row._mapping)
    return Matter(**(found | {"kind": MatterKind(found["kind"]), "state": MatterState(found["state"])}))


def open_one(
    work: Work,
    trial_id: int,
    kind: MatterKind,
    about: int,
    *,
    participant_id: int | None = None,
    urgent: bool = False,
    act_by: datetime | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Put something on its list; a second time for the same row changes nothing and gives the same matter."""
    values = {"trial_id": trial_id, "participant_id": participant_id, "urgent": urgent, "act_by": act_by}
    found, new = add_row_once(
        work, matter, {"kind": kind.value, "about": about}, **values, state=MatterState.OPEN.value, opened_at=work.now
    )
    if new:
        add_act(work, trial_id, found, MatterAct.OPENED, detail)
    return found


def open_for_cause(
    work: Work,
    trial_id: int,
    kind: MatterKind,
    about: int,
    cause: str,
    *,
    participant_id: int,
    act_by: datetime,
    detail: Mapping[str, Any],
) -> tuple[Matter, bool]:
    """(the matter, True) where it is new; else the person's open one of this cause, or the one about this row, held.

    Whether one stands is not asked first: the database refuses the second of two that come at the same moment.
    """
    values = {"trial_id": trial_id, "participant_id": participant_id, "act_by": act_by, "cause": cause}
    values |= {"state": MatterState.OPEN.value, "opened_at": work.now}
    mine = and_(matter.c.participant_id == participant_id, matter.c.cause == cause, HAS_CAUSE)
    query = (
        select(*_COLUMNS)
        .where(matter.c.kind == kind.value, or_(mine, matter.c.about == about))
        .order_by(case((mine, 0), else_=1), matter.c.id)
        .limit(1)
        .with_for_update()
    )
    while True:
        try:
            with work.rows.begin_nested():
                found = add_row(work, matter, kind=kind.value, about=about, **values)
        except IntegrityError:
            row = work.rows.execute(query).one_or_none()
            if row is not None:  # else it was closed between the two
                return _value(row), False
        else:
            add_act(work, trial_id, found, MatterAct.OPENED, detail)
            return by_id(work, found), True


def add_act(work: Work, trial_id: int, matter_id: int, act: MatterAct, detail: Mapping[str, Any] | None = None) -> None:
    """One more line of the history, by `work.by` now."""
    values = {"trial_id": trial_id, "matter_id": matter_id, "at": work.now, "by": str(work.by), "act": act.value}
    add_row(work, matter_act, **values, detail=dict(detail or {}))


_BY_ID = select(*_COLUMNS).where(matter.c.id == bindparam("row"))
_LOCKED = _BY_ID.with_for_update()


def by_id(work: Work, matter_id: int, *, lock: bool = False) -> Matter:
    """One matter of the trial that the actor may see."""
    row = work.rows.execute(_LOCKED if lock else _BY_ID, {"row": matter_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such matter.")
    access.require_trial(work.by, row.trial_id)
    return _value(row)


def about(work: Work, kind: MatterKind, row_id: int) -> Matter | None:
    """The matter about this row, if it was ever one."""
    query = select(*_COLUMNS).where(matter.c.kind == kind.value, matter.c.about == row_id)
    row = work.rows.execute(query).one_or_none()
    return _value(row) if row else None


def of_trial(work: Work, trial_id: int) -> list[Matter]:
    """Every matter that a trial ever had, open or closed, in the order of opening."""
    query = select(*_COLUMNS).where(matter.c.trial_id == trial_id).order_by(matter.c.id)
    return [_value(row) for row in work.rows.execute(query)]


def listed(
    work: Work, trial_id: int, kind: MatterKind | None = None, *, closed: bool = False, most: int = 500
) -> list[Matter]:
    """What is open (or, with `closed`, what was closed, newest first); urgent first, then what waits longest."""
    query = select(*_COLUMNS).where(matter.c.trial_id == trial_id)
    if kind is not None:
        query = query.where(matter.c.kind == kind.value)
    if closed:
        query = query.where(matter.c.state == MatterState.CLOSED.value).order_by(matter.c.closed_at.desc(), matter.c.id)
    else:
        query = query.where(IS_OPEN_MATTER).order_by(matter.c.urgent.desc(), matter.c.opened_at, matter.c.id)
    return [_value(row) for row in work.rows.execute(query.limit(most))]


def of_participant(work: Work, participant_id: int) -> list[Matter]:
    """Every matter of one person, in the order of opening."""
    query = select(*_COLUMNS).where(matter.c.participant_id == participant_id).order_by(matter.c.id)
    return [_value(row) for row in work.rows.execute(query)]


def counts(work: Work, trial_id: int) -> dict[MatterKind, int]:
    """How many are open on each list."""
    query = select(matter.c.kind, func.count()).where(matter.c.trial_id == trial_id, IS_OPEN_MATTER)
    found = {row[0]: int(row[1]) for row in work.rows.execute(query.group_by(matter.c.kind))}
    return {kind: found.get(kind.value, 0) for kind in MatterKind}


def count_untouched(work: Work, trial_id: int, kind: MatterKind) -> int:
    """How many of a kind nobody has acknowledged yet."""
    query = select(func.count()).where(
        matter.c.trial_id == trial_id, matter.c.kind == kind.value, matter.c.state == MatterState.OPEN.value
    )
    return int(work.rows.execute(query).scalar_one())


def change(work: Work, matter_id: int, **values: Any) -> None:
    """Write state, owner, urgency or clock of a matter; whoever calls holds it and adds the act."""
    work.rows.execute(update(matter).where(matter.c.id == matter_id).values(values))


def change_if_alone(work: Work, matter_id: int, **values: Any) -> bool:
    """The same, for what may open it or give it a cause; False where the person has an open one of that cause."""
    try:
        with work.rows.begin_nested():
            change(work, matter_id, **values)
    except IntegrityError:
        return False
    return True


def history(work: Work, matter_id: int) -> list[HistoryLine]:
    """What was done about a matter, in order."""
    query = select(matter_act).where(matter_act.c.matter_id == matter_id).order_by(matter_act.c.id)
    return [
        HistoryLine(row.matter_id, row.at, row.by, MatterAct(row.act), row.detail) for row in work.rows.execute(query)
    ]
