"""What members prove themselves with: a password's hash, a sealed secret of their authenticator app, recovery codes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, delete, or_, select, update

from trial.storage import vault
from trial.storage.rows import add_row
from trial.storage.tables_desk import member_secret
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Secret:
    """`totp` is the app's secret, opened; `step` the last half minute whose code was used; `recovery` hashed codes."""

    member_id: int
    password: str = field(repr=False)
    totp: str = field(repr=False)
    step: int | None
    recovery: tuple[str, ...] = field(repr=False)


def keep(work: Work, member_id: int, *, password: str, totp: str, step: int, recovery: Sequence[str]) -> None:
    """A new member's; `step` is that of the code which confirmed the app."""
    values = {"password": password, "totp": _sealed(work, member_id, totp), "totp_step": step}
    hashed = [_hash(work, member_id, one) for one in recovery]
    add_row(work, member_secret, member_id=member_id, recovery=hashed, changed_at=work.machine_now, **values)


def of_member(work: Work, member_id: int) -> Secret | None:
    """Opened for the one who compares; None for somebody on record who never joined."""
    row = work.rows.execute(select(member_secret).where(member_secret.c.member_id == member_id)).one_or_none()
    if row is None or row.totp is None:
        return None
    totp = vault.unseal(work.keys.vault, row.totp, f"totp|{member_id}").decode()
    return Secret(member_id, row.password, totp, row.totp_step, tuple(row.recovery))


def any_kept(work: Work) -> bool:
    """Whether anybody has joined."""
    return work.rows.execute(select(member_secret.c.member_id).limit(1)).first() is not None


def use_step(work: Work, secret: Secret, step: int) -> bool:
    """Use up the codes up to this half minute; False where this one, or a later one, was used already.

    Only for the secret that was compared: a password changed meanwhile makes it False as well.
    """
    fresh = or_(member_secret.c.totp_step.is_(None), member_secret.c.totp_step < step)
    mine = update(member_secret).where(*_same(secret), fresh)
    return work.rows.execute(mine.values(totp_step=step)).rowcount == 1


def use_recovery(work: Work, secret: Secret, typed: str) -> bool:
    """Use up a recovery code; False where it is none, or was used already."""
    query = select(member_secret.c.recovery).where(*_same(secret)).with_for_update()
    left = work.rows.execute(query).scalar_one_or_none()
    used = _hash(work, secret.member_id, typed)
    if left is None or used not in left:
        return False
    rest = [one for one in left if one != used]
    work.rows.execute(update(member_secret).where(*_same(secret)).values(recovery=rest))
    return True


def is_recovery(work: Work, secret: Secret, typed: str) -> bool:
    """Whether this is a recovery code that was not used yet; nothing is used up."""
    used = _hash(work, secret.member_id, typed)
    fitting = [one for one in secret.recovery if hmac.compare_digest(used, one)]
    return bool(fitting)


def change_password(work: Work, member_id: int, password: str) -> None:
    """Another password's hash."""
    _write(work, member_id, password=password)


def change_app(work: Work, member_id: int, totp: str, step: int) -> None:
    """Another authenticator app, confirmed by the code of this half minute."""
    _write(work, member_id, totp=_sealed(work, member_id, totp), totp_step=step)


def change_recovery(work: Work, member_id: int, recovery: Sequence[str]) -> None:
    """New recovery codes; the old ones are void."""
    _write(work, member_id, recovery=[_hash(work, member_id, one) for one in recovery])


def forget(work: Work, member_id: int) -> None:
    """The member cannot sign in any more."""
    work.rows.execute(delete(member_secret).where(member_secret.c.member_id == member_id))


def _write(work: Work, member_id: int, **values: object) -> None:
    mine = update(member_secret).where(member_secret.c.member_id == member_id)
    work.rows.execute(mine.values(changed_at=work.machine_now, **values))


def _same(secret: Secret) -> list[ColumnElement[bool]]:
    return [member_secret.c.member_id == secret.member_id, member_secret.c.password == secret.password]


def _sealed(work: Work, member_id: int, totp: str) -> bytes:
    return vault.seal(work.keys.vault, totp.encode(), f"totp|{member_id}")


def _hash(work: Work, member_id: int, code: str) -> str:
    # 50 random bits, under a key that is not in the database: nothing that a slow hash would make safer
    plain = "".join(code.split()).replace("-", "").lower()
    return hmac.new(work.keys.vault, f"recovery|{member_id}|{plain}".encode(), hashlib.sha256).hexdigest()


def has(work: Work, member_id: int) -> bool:
    """Whether somebody joined and can sign in; nothing is opened for it."""
    query = select(member_secret.c.member_id).where(
        member_secret.c.member_id == member_id, member_secret.c.totp.is_not(None)
    )
    return work.rows.execute(query).first() is not None
