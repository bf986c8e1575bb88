"""Members at the command line: joined, and signed in for commands, without the slow hash of a password."""

from __future__ import annotations

from pathlib import Path

import pyotp

from trial.cli import proofs
from trial.core.access import SYSTEM, Actor, Role
from trial.core.links import make_invitation
from trial.core.signing_in import Purpose
from trial.services import signing_in, team
from trial.services.team import Joining
from trial.storage import sessions
from trial.storage.work import Store

OPERATOR = Actor("operator:test", Role.OPERATOR)


def joined(store: Store, slug: str, role: Role, number: int = 1) -> int:
    """Somebody who followed the link of an invitation."""
    address = f"{role.value.replace('_', '-')}-{number}@team.example"
    with store.open_work(OPERATOR) as work:
        invitation = team.invite(work, slug, name=f"{role.value} {number}", address=address, role=role)
        token = make_invitation(work.keys.link, invitation.id)
    with store.open_work(SYSTEM) as work:
        done, _ = team.join(work, token, Joining(f"{role.value} {number}", "$no-password", pyotp.random_base32(), 0))
        sessions.end(work, done.session.id)
    return done.member.id


def signed_in(store: Store, home: Path, member_id: int) -> None:
    """Commands of this home act as this member, as after `equipoise sign-in`."""
    token = signing_in.new_token()
    with store.open_work(SYSTEM) as work:
        sessions.begin(work, member_id, token, Purpose.COMMAND)
    (home / proofs.FILE).write_text(token)


def signed_out(home: Path) -> None:
    """Commands act as the operator."""
    (home / proofs.FILE).unlink(missing_ok=True)
