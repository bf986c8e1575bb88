"""Invitations to a trial's team. The link is made from the invitation's id and a key, as personal links are."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Row, select, update

from trial.core import access
from trial.core.access import Role
from trial.core.errors import NotFound
from trial.core.links import hash_token, make_invitation
from trial.core.signing_in import INVITED_FOR, Invitation
from trial.storage.rows import add_row
from trial.storage.tables_desk import invitation
from trial.storage.work import Work

_COLUMNS = [invitation.c[name] for name in Invitation.__slots__]


def _value(row: Row[Any]) -> Invitation:
    found = dict(row._mapping)
    return Invitation(**(found | {"role": Role(found["role"])}))


def add(work: Work, trial_id: int, *, name: str, address: str, role: Role) -> Invitation:
    """A new invitation by `work.by`, good for a week."""
    now = work.machine_now
    values = {"name": name, "address": address, "role": role.value, "by": str(work.by)}
    row = add_row(
        work, invitation, trial_id=trial_id, token=secrets.token_hex(32), sent_at=now, ends_at=now + INVITED_FOR,
        **values,
    )  # fmt: skip
    _change(work, row, token=hash_token(make_invitation(work.keys.link, row)))
    return by_id(work, row)


def by_id(work: Work, invitation_id: int, *, lock: bool = False) -> Invitation:
    """One invitation of a trial that the actor may see; `lock` holds it to the end of the transaction."""
    query = select(*_COLUMNS).where(invitation.c.id == invitation_id)
    row = work.rows.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("There is no such invitation.")
    access.require_trial(work.by, row.trial_id)
    return _value(row)


def by_token(work: Work, token: str, *, lock: bool = False) -> Invitation | None:
    """The invitation that this link is of; `lock` holds it to the end of the transaction."""
    query = select(*_COLUMNS).where(invitation.c.token == hash_token(token))
    row = work.rows.execute(query.with_for_update() if lock else query).one_or_none()
    return _value(row) if row else None


def waiting(work: Work, trial_id: int) -> list[Invitation]:
    """Those that can still be accepted, oldest first."""
    query = select(*_COLUMNS).where(
        invitation.c.trial_id == trial_id, invitation.c.accepted_at.is_(None), invitation.c.withdrawn_at.is_(None)
    )
    found = [_value(row) for row in work.rows.execute(query.order_by(invitation.c.id))]
    return [one for one in found if one.good(work.machine_now)]


def lapsed(work: Work, trial_id: int) -> list[Invitation]:
    """Those whose time is over without an answer, oldest first, for as long as they are kept."""
    query = select(*_COLUMNS).where(
        invitation.c.trial_id == trial_id, invitation.c.accepted_at.is_(None), invitation.c.withdrawn_at.is_(None)
    )
    found = [_value(row) for row in work.rows.execute(query.order_by(invitation.c.id))]
    return [one for one in found if not one.good(work.machine_now)]


def accept(work: Work, invitation_id: int) -> None:
    """It was used; the caller holds it."""
    _change(work, invitation_id, accepted_at=work.machine_now)


def withdraw(work: Work, invitation_id: int) -> None:
    """The link is void."""
    _change(work, invitation_id, withdrawn_at=work.machine_now)


def _change(work: Work, invitation_id: int, **values: Any) -> None:
    work.rows.execute(update(invitation).where(invitation.c.id == invitation_id).values(values))
