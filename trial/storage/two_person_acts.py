"""Requests for acts of two people; a request is decided once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select, update

from trial.core import access
from trial.core.errors import NotFound
from trial.core.two_person import ActKind, Decision, TwoPersonAct
from trial.storage.rows import add_row
from trial.storage.tables_desk import two_person_act as table
from trial.storage.work import Work

_COLUMNS = [table.c[name] for name in TwoPersonAct.__slots__]


def _value(row: Row[Any]) -> TwoPersonAct:
    found = dict(row._mapping)
    decision = Decision(found["decision"]) if found["decision"] else None
    return TwoPersonAct(**(found | {"kind": ActKind(found["kind"]), "decision": decision}))


def add(work: Work, trial_id: int, kind: ActKind, reason: str, participant_id: int | None) -> int:
    """A new request by `work.by`, now."""
    values = {"trial_id": trial_id, "kind": kind.value, "reason": reason, "participant_id": participant_id}
    return add_row(work, table, **values, asked_by=str(work.by), asked_at=work.now)


_BY_ID = select(*_COLUMNS).where(table.c.id == bindparam("row"))
_LOCKED = _BY_ID.with_for_update()


def by_id(work: Work, act_id: int, *, lock: bool = False) -> TwoPersonAct:
    """One request of the trial that the actor may see."""
    row = work.rows.execute(_LOCKED if lock else _BY_ID, {"row": act_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such request.")
    access.require_trial(work.by, row.trial_id)
    return _value(row)


def of_trial(work: Work, trial_id: int) -> list[TwoPersonAct]:
    """Every request, newest first."""
    query = select(*_COLUMNS).where(table.c.trial_id == trial_id).order_by(table.c.id.desc())
    return [_value(row) for row in work.rows.execute(query)]


def decide(work: Work, act_id: int, decision: Decision, *, solo: bool) -> bool:
    """End an open request; False where somebody else has ended it meanwhile."""
    query = update(table).where(table.c.id == act_id, table.c.decision.is_(None))
    values = {"decided_by": str(work.by), "decided_at": work.now, "decision": decision.value, "solo": solo}
    return work.rows.execute(query.values(values)).rowcount == 1
