"""Members (the team) and their roles per trial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from trial.core.access import Actor, Role
from trial.core.errors import NotFound, Refused
from trial.core.signing_in import ends_with, why_not
from trial.storage.rows import add_row
from trial.storage.tables import member, member_role
from trial.storage.vault import normalised
from trial.storage.work import Work

_MEMBER = select(member.c.id, member.c.name, member.c.address)


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the team; without an address they are on record only, and cannot sign in."""

    id: int
    name: str
    address: str | None


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
        found = make(work, name)
    grant(work, trial_id, int(found), role)
    return int(found)


def make(work: Work, name: str, address: str | None = None) -> int:
    """A new member of the installation, in no trial yet; Refused where the name is another member's."""
    if work.rows.execute(select(member.c.id).where(member.c.name == name)).first():
        raise Refused("There is a member of this name already. Write yours so that the two are told apart.")
    return add_row(work, member, name=name, address=address, added_at=work.now)


def grant(work: Work, trial_id: int, member_id: int, role: Role) -> list[Role]:
    """Give a member a role in a trial; returns the roles that ended with it.

    Refused where they have it already, and where what they were before in this trial forbids it.
    """
    _hold(work, member_id)
    held = roles_of(work, trial_id, member_id)
    if role in held:
        raise Refused(f"{by_id(work, member_id).name} is {role.value.replace('_', ' ')} of this trial already.")
    if why := why_not(role, ever_held(work, trial_id, member_id)):
        raise Refused(why)
    ended = ends_with(role, held)
    for one in ended:
        end_role(work, trial_id, member_id, one)
    add_row(work, member_role, trial_id=trial_id, member_id=member_id, role=role.value, granted_at=work.now)
    return ended


def end_role(work: Work, trial_id: int, member_id: int, role: Role) -> None:
    """A role ends; that it was held stays on record."""
    mine = [member_role.c.trial_id == trial_id, member_role.c.member_id == member_id, member_role.c.role == role.value]
    work.rows.execute(update(member_role).where(*mine, member_role.c.ended_at.is_(None)).values(ended_at=work.now))


def _hold(work: Work, member_id: int) -> None:
    # two grants to one person stand in line, or each would not see the other's role
    work.rows.execute(select(member.c.id).where(member.c.id == member_id).with_for_update(key_share=True))


def by_id(work: Work, member_id: int) -> Member:
    """One member."""
    row = work.rows.execute(_MEMBER.where(member.c.id == member_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such member.")
    return Member(*row)


def by_address(work: Work, address: str) -> Member | None:
    """Who signs in with this address."""
    row = work.rows.execute(_MEMBER.where(member.c.address == normalised(address))).one_or_none()
    return Member(*row) if row else None


def ever_held(work: Work, trial_id: int, member_id: int) -> frozenset[Role]:
    """What a member is or was in a trial."""
    query = select(member_role.c.role).where(member_role.c.trial_id == trial_id, member_role.c.member_id == member_id)
    return frozenset(Role(one) for one in work.rows.execute(query).scalars())


def trials_of(work: Work, member_id: int) -> list[int]:
    """The ids of the trials in which a member has a role now."""
    query = select(member_role.c.trial_id).where(member_role.c.member_id == member_id, member_role.c.ended_at.is_(None))
    return sorted(set(work.rows.execute(query).scalars()))


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


def name_of(work: Work, by: str) -> str:
    """Who acted, in words: a member's name, or what stands in the record (`operator:…`, `system`)."""
    member_id = id_of(Actor(by))
    return by_id(work, member_id).name if member_id is not None else by
