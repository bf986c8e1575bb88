"""Members (the team) and their roles per trial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from trial.core.access import Actor, Role
from trial.core.errors import Refused
from trial.storage.rows import add_row
from trial.storage.tables import member, member_role
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Membership:
    """One person of the team in one role of one trial."""

    member_id: int
    name: str
    role: Role
    granted_at: datetime


def add(work: Work, trial_id: int, name: str, role: Role) -> int:
    """Give a member a role; the member is made on first mention. Refused where they have the role already."""
    found = work.rows.execute(select(member.c.id).where(member.c.name == name)).scalar_one_or_none()
    if found is None:
        found = add_row(work, member, name=name, added_at=work.now)
    held = select(member_role.c.id).where(
        member_role.c.trial_id == trial_id, member_role.c.member_id == found, member_role.c.role == role.value
    )
    if work.rows.execute(held).first():
        raise Refused(f"{name} is {role.value.replace('_', ' ')} of this trial already.")
    add_row(work, member_role, trial_id=trial_id, member_id=found, role=role.value, granted_at=work.now)
    return int(found)


def of_trial(work: Work, trial_id: int) -> list[Membership]:
    """Who has which role now."""
    query = (
        select(member.c.id, member.c.name, member_role.c.role, member_role.c.granted_at)
        .join(member_role, member_role.c.member_id == member.c.id)
        .where(member_role.c.trial_id == trial_id, member_role.c.ended_at.is_(None))
        .order_by(member.c.name, member_role.c.role)
    )
    return [Membership(row.id, row.name, Role(row.role), row.granted_at) for row in work.rows.execute(query)]


def roles_of(work: Work, trial_id: int, member_id: int) -> frozenset[Role]:
    """What a member is in a trial now."""
    query = select(member_role.c.role).where(
        member_role.c.trial_id == trial_id, member_role.c.member_id == member_id, member_role.c.ended_at.is_(None)
    )
    return frozenset(Role(one) for one in work.rows.execute(query).scalars())


def id_of(actor: Actor) -> int | None:
    """The member who acts, if it is one."""
    kind, _, number = actor.name.partition(":")
    return int(number) if kind == "member" else None
