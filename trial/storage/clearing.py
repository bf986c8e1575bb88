"""Rows about signing in that nobody needs any more: sessions that are over, commands' proofs, old invitations."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, exists, or_, select

from trial.core.signing_in import INVITATION_KEPT, SESSION_KEPT
from trial.storage.tables_desk import call, invitation, member_session
from trial.storage.types import MachineTime
from trial.storage.work import Work

# no session counts a day after it was last seen; a used or withdrawn invitation ends when it would have ended anyway
_SESSION = member_session.c.seen_at < bindparam("sessions", type_=MachineTime)
_INVITATION = invitation.c.ends_at < bindparam("invitations", type_=MachineTime)
_ANY = select(or_(exists().where(_SESSION), exists().where(_INVITATION)))
_SESSIONS = select(member_session.c.id).where(_SESSION).order_by(member_session.c.seen_at).limit(bindparam("most"))
_INVITATIONS = select(invitation.c.id).where(_INVITATION).order_by(invitation.c.ends_at).limit(bindparam("most"))


def anything_old(work: Work) -> bool:
    """Whether there is a row to clear: a look at two indexes."""
    return bool(work.rows.execute(_ANY, _times(work)).scalar_one())


def clear(work: Work, most: int) -> int:
    """Clear at most so many rows of each kind, oldest first; how many went. Mails of an invitation go with it."""
    given = _times(work) | {"most": most}
    old = list(work.rows.execute(_INVITATIONS, given).scalars())
    if old:
        work.rows.execute(delete(call).where(call.c.invitation_id.in_(old)))
        work.rows.execute(delete(invitation).where(invitation.c.id.in_(old)))
    ids = list(work.rows.execute(_SESSIONS, given).scalars())
    if ids:
        work.rows.execute(delete(member_session).where(member_session.c.id.in_(ids)))
    return len(old) + len(ids)


def _times(work: Work) -> dict[str, object]:
    now = work.machine_now
    return {"sessions": now - SESSION_KEPT, "invitations": now - INVITATION_KEPT}
