"""The roster of a trial, and the members who can be called: those who may act on alerts and have an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from trial.core.access import Role
from trial.core.errors import NotFound
from trial.core.on_call import Duty
from trial.storage.rows import add_row
from trial.storage.tables import member, member_role
from trial.storage.tables_desk import duty
from trial.storage.work import Work

_COLUMNS = [duty.c[name] for name in Duty.__slots__]


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of a trial as the roster needs them."""

    member_id: int
    name: str
    address: str | None
    roles: frozenset[Role]


def add(work: Work, trial_id: int, member_id: int, place: int, from_at: datetime, until_at: datetime | None) -> int:
    """Put a member in a place of the roster."""
    values = {"member_id": member_id, "place": place, "from_at": from_at, "until_at": until_at}
    return add_row(work, duty, trial_id=trial_id, **values)


def of_trial(work: Work, trial_id: int) -> list[Duty]:
    """Every line, in the order of places and times."""
    query = select(*_COLUMNS).where(duty.c.trial_id == trial_id)
    return [Duty(**row._mapping) for row in work.rows.execute(query.order_by(duty.c.place, duty.c.from_at, duty.c.id))]


def by_id(work: Work, trial_id: int, duty_id: int) -> Duty:
    """One line of a trial's roster, held until the transaction ends."""
    query = select(*_COLUMNS).where(duty.c.trial_id == trial_id, duty.c.id == duty_id).with_for_update()
    row = work.rows.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such line on the roster.")
    return Duty(**row._mapping)


def end(work: Work, duty_id: int, at: datetime) -> None:
    """From this moment the line counts no more."""
    work.rows.execute(update(duty).where(duty.c.id == duty_id).values(until_at=at))


def colleagues(work: Work, trial_id: int) -> dict[int, Colleague]:
    """Everyone who has a role in a trial now, by their ids, in the order in which they came."""
    query = (
        select(member.c.id, member.c.name, member.c.address, member_role.c.role)
        .join(member_role, member_role.c.member_id == member.c.id)
        .where(member_role.c.trial_id == trial_id, member_role.c.ended_at.is_(None))
        .order_by(member.c.id)
    )
    found: dict[int, Colleague] = {}
    for row in work.rows.execute(query):
        held = found[row.id].roles if row.id in found else frozenset[Role]()
        found[row.id] = Colleague(row.id, row.name, row.address, held | {Role(row.role)})
    return found


def names(work: Work, trial_id: int) -> dict[int, str]:
    """What everyone is called who has or had a role in a trial."""
    query = select(member.c.id, member.c.name).join(member_role, member_role.c.member_id == member.c.id)
    return {row.id: row.name for row in work.rows.execute(query.where(member_role.c.trial_id == trial_id))}
