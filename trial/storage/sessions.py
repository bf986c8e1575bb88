"""Where members are signed in. A session's token is known to one browser alone; its hash is kept here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select, update

from trial.core.links import hash_token
from trial.core.signing_in import Purpose, Session
from trial.storage.rows import add_row
from trial.storage.tables_desk import member_session
from trial.storage.work import Work

_COLUMNS = [member_session.c[name] for name in Session.__slots__]
_BY_TOKEN = select(*_COLUMNS).where(member_session.c.token == bindparam("hash"))


def _value(row: Row[Any]) -> Session:
    found = dict(row._mapping)
    return Session(**(found | {"purpose": Purpose(found["purpose"])}))


def begin(work: Work, member_id: int, token: str, purpose: Purpose) -> int:
    """A new session; password and code were given just now."""
    now = work.machine_now
    values = {"token": hash_token(token), "begun_at": now, "seen_at": now, "proved_at": now}
    return add_row(work, member_session, member_id=member_id, purpose=purpose.value, **values)


def by_token(work: Work, token: str) -> Session | None:
    """The session with this token, whatever became of it."""
    row = work.rows.execute(_BY_TOKEN, {"hash": hash_token(token)}).one_or_none()
    return _value(row) if row else None


def of_member(work: Work, member_id: int) -> list[Session]:
    """Those that still count, latest first."""
    query = select(*_COLUMNS).where(member_session.c.member_id == member_id, member_session.c.ended_at.is_(None))
    found = [_value(row) for row in work.rows.execute(query.order_by(member_session.c.id.desc()))]
    return [one for one in found if one.alive(work.machine_now)]


def seen(work: Work, session_id: int) -> None:
    """The member was here."""
    _change(work, session_id, seen_at=work.machine_now)


def prove_again(work: Work, session_id: int, token: str) -> None:
    """Password and code were given once more: the time counts anew, and the token is another one."""
    now = work.machine_now
    _change(work, session_id, token=hash_token(token), proved_at=now, seen_at=now)


def end(work: Work, session_id: int) -> None:
    """Signed out: the token opens nothing any more."""
    _change(work, session_id, ended_at=work.machine_now)


def end_all(work: Work, member_id: int, *, but: int | None = None) -> int:
    """Every session of a member ends now, commands included; returns how many."""
    mine = [member_session.c.member_id == member_id, member_session.c.ended_at.is_(None)]
    if but is not None:
        mine.append(member_session.c.id != but)
    return work.rows.execute(update(member_session).where(*mine).values(ended_at=work.machine_now)).rowcount


def _change(work: Work, session_id: int, **values: Any) -> None:
    open_one = update(member_session).where(member_session.c.id == session_id, member_session.c.ended_at.is_(None))
    work.rows.execute(open_one.values(values))
