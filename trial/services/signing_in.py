"""Members prove who they are, go on for a while, prove it once more before what is sensitive, and leave.

An unknown address, a wrong password, a wrong code and a code that was used are answered alike, after the same work.
The slow hash is made between two transactions: nobody who waits for it holds a row.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from trial.core.access import SYSTEM
from trial.core.errors import Refused
from trial.core.signing_in import SEEN_EVERY, Purpose, Session
from trial.services import account_mails, passwords, second_factor
from trial.storage import member_secrets, members, sessions
from trial.storage.member_secrets import Secret
from trial.storage.members import Member
from trial.storage.work import OpenWork, Work

WRONG = (
    "Address, password and code do not fit together, or the code was used before. "
    "Wait for the app's next code and try again."
)


class NotProved(Refused):
    """Somebody did not prove who they are; the same words for every reason."""

    def __init__(self) -> None:
        super().__init__(WRONG)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun, or was renewed; `token` is known to its browser alone."""

    session: Session
    member: Member
    token: str = field(repr=False)
    by_recovery_code: bool = False
    new_browser: bool = False


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def sign_in(
    open_work: OpenWork,
    address: str,
    password: str,
    code: str,
    purpose: Purpose = Purpose.DESK,
    *,
    known_here: Collection[int] | None = None,
) -> SignedIn:
    """A new session for who gave the address, the password and a fresh code; NotProved for anybody else.

    `known_here` are the members who signed in in this browser before: who is none of them is told by mail. None where
    there is no browser.
    """
    with open_work(SYSTEM, write=False) as work:
        member = members.by_address(work, address)
        secret = member_secrets.of_member(work, member.id) if member else None
        factor = _factor(work, secret, code)
    if not passwords.fits(secret.password if secret else None, password) or factor is None:
        raise NotProved
    assert member is not None
    assert secret is not None
    with open_work(SYSTEM) as work:
        _use(work, secret, factor)
        token = new_token()
        sessions.begin(work, member.id, token, purpose)
        elsewhere = known_here is not None and member.id not in known_here
        if elsewhere:
            account_mails.tell(work, member.id, "new_browser")
        return SignedIn(_found(work, token), member, token, isinstance(factor, str), elsewhere)


def prove(open_work: OpenWork, session: Session, password: str, code: str) -> SignedIn:
    """Password and code once more: the session goes on under another token."""
    with open_work(SYSTEM, write=False) as work:
        member = members.by_id(work, session.member_id)
        secret = member_secrets.of_member(work, member.id)
        factor = _factor(work, secret, code)
    if not passwords.fits(secret.password if secret else None, password) or factor is None:
        raise NotProved
    assert secret is not None
    with open_work(SYSTEM) as work:
        _use(work, secret, factor)
        token = new_token()
        sessions.prove_again(work, session.id, token)
        return SignedIn(_found(work, token), member, token, isinstance(factor, str))


def of_token(work: Work, token: str) -> tuple[Session, Member] | None:
    """Who is signed in with this token; None once the session is over."""
    found = sessions.by_token(work, token) if token else None
    if found is None or not found.alive(work.machine_now):
        return None
    return found, members.by_id(work, found.member_id)


def note_seen(open_work: OpenWork, session: Session, machine_now: datetime) -> None:
    """Keep that the member was here, at most once a minute: the only thing that looking at a page writes."""
    if machine_now - session.seen_at >= SEEN_EVERY:
        with open_work(SYSTEM) as work:
            sessions.seen(work, session.id)


def sign_out(work: Work, session: Session) -> None:
    """The session ends, on the server."""
    sessions.end(work, session.id)


def end_others(work: Work, session: Session) -> int:
    """Every other session of the member ends; returns how many."""
    return sessions.end_all(work, session.member_id, but=session.id)


def own_sessions(work: Work, session: Session) -> list[Session]:
    """Where the member is signed in."""
    return sessions.of_member(work, session.member_id)


def change_password(work: Work, session: Session, hashed: str) -> None:
    """Another password; every other session ends, for somebody else may have known the old one. Ring the worker."""
    member_secrets.change_password(work, session.member_id, hashed)
    account_mails.tell(work, session.member_id, "password")
    sessions.end_all(work, session.member_id, but=session.id)


def change_app(work: Work, session: Session, totp: str, step: int) -> None:
    """Another authenticator app, which a code has confirmed; every other session ends. Ring the worker."""
    member_secrets.change_app(work, session.member_id, totp, step)
    account_mails.tell(work, session.member_id, "app")
    sessions.end_all(work, session.member_id, but=session.id)


def change_recovery_codes(work: Work, session: Session) -> list[str]:
    """Ten new recovery codes, shown once; the old ones are void. Ring the worker."""
    codes = second_factor.new_recovery_codes()
    member_secrets.change_recovery(work, session.member_id, codes)
    account_mails.tell(work, session.member_id, "codes")
    return codes


def _factor(work: Work, secret: Secret | None, code: str) -> int | str | None:
    """The half minute of a fresh code, or a recovery code that is left; None for any other."""
    known = secret or _NOBODY
    step = second_factor.step_of(known.totp, code, work.machine_now)
    recovery = member_secrets.is_recovery(work, known, code)
    if secret is None:
        return None
    if step is not None:
        return step if secret.step is None or step > secret.step else None
    return code if recovery else None


_NOBODY = Secret(0, "", second_factor.offered(b"nobody", ""), None, tuple("0" * 64 for _ in range(10)))


def _use(work: Work, secret: Secret, factor: int | str) -> None:
    used = (
        member_secrets.use_step(work, secret, factor)
        if isinstance(factor, int)
        else member_secrets.use_recovery(work, secret, factor)
    )
    if not used:
        raise NotProved


def _found(work: Work, token: str) -> Session:
    found = sessions.by_token(work, token)
    if found is None or found.ended_at is not None:
        raise NotProved
    return found
