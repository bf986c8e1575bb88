"""The content of a mail is about to leave, and what the mail server said of the one before it, in one statement.

It is what a worker does most, so it counts how often the database is asked.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from trial.core.delivery import Contact, ContactState
from trial.core.links import hash_token, make_token
from trial.storage import situations
from trial.storage.deliveries import LEASE
from trial.storage.prepared import Prepared
from trial.storage.situations import Situation
from trial.storage.tables_delivery import delivery
from trial.storage.times import TrialNow
from trial.storage.types import MachineTime
from trial.storage.work import Work

S = ContactState


def look_and_begin(work: Work, last: tuple[Contact, str] | None, following: Contact) -> tuple[Situation, bool, bool]:
    """(The situation of the following mail, whose person stayed as they were until it had begun; whether the last one
    is written as accepted, with what the server said; whether the following one has begun).

    Whoever calls decides then, and takes the beginning back where that mail is not to leave. On PostgreSQL all of this
    is committed at once, where the unit of work begins with it.
    """
    token = make_token(work.keys, following.id, following.generation)
    given: dict[str, object] = {"row": following.id, "reply": last[1] if last else None, "token": hash_token(token)}
    for name, one in (("last", last[0] if last else None), ("next", following)):
        given[name] = one and one.id
        given[f"{name}_attempt"], given[f"{name}_owner"] = one and one.attempt, one and one.owner
    if work.rows.dialect.name == "sqlite":  # which writes in no query, and where asking twice costs little
        around = situations.of_one_held(work, following.id)
        moved = work.rows.execute(_BEGIN, given | {"lease": work.machine_now + LEASE}).scalars().all()
    else:
        *row, moved = LOOK_AND_BEGIN.one(work.rows, given)
        around = situations.made(work, row)
    accepted, begun = given["last"] in (moved or ()), following.id in (moved or ())
    work.moved.extend([S.ACCEPTED] * accepted + [S.DATA_STARTED] * begun)
    return around, accepted, begun


def _word(state: ContactState) -> ColumnElement[str]:
    """Written as it stands. psycopg takes apart at each execution what is longer than 4,096 characters."""
    return literal_column(repr(state.value), String)


def _held(name: str, state: ContactState) -> ColumnElement[bool]:
    """The fence around one of the two."""
    return and_(
        delivery.c.id == bindparam(name),
        delivery.c.attempt == bindparam(f"{name}_attempt"),
        delivery.c.owner == bindparam(f"{name}_owner"),
        delivery.c.state == _word(state),
    )


def _moving(lease: ColumnElement[object]) -> Update:
    is_last = delivery.c.id == bindparam("last")
    return (
        update(delivery)
        .values(
            state=case((is_last, _word(S.ACCEPTED)), else_=_word(S.DATA_STARTED)),
            reason=null(),
            reply=case((is_last, bindparam("reply")), else_=delivery.c.reply),
            ended_at=case((is_last, TrialNow()), else_=None),
            lease_until=case((is_last, delivery.c.lease_until), else_=lease),
            token_hash=case((is_last, delivery.c.token_hash), else_=bindparam("token")),
        )
        .returning(delivery.c.id)
    )


def _looking(held: ColumnElement[bool]) -> Select[Any]:
    look = situations.OF_ONE_HELD.cte("look").prefix_with("materialized")
    # asked first: whoever changes a person locks that person and then the mails, and so it is done here
    looked = exists(select(literal_column("1")).select_from(look))
    lease: ColumnElement[object] = literal_column(f"clock_timestamp() + interval '{LEASE.total_seconds():.0f} seconds'")
    moved = _moving(lease).where(held, looked).cte("moved")
    return select(*look.c, select(func.array_agg(moved.c.id)).scalar_subquery())


_BOTH_HELD = or_(_held("last", S.DATA_STARTED), _held("next", S.CLAIMED))
_BEGIN = _moving(bindparam("lease", type_=MachineTime)).where(_BOTH_HELD)
LOOK_AND_BEGIN = Prepared(_looking(_BOTH_HELD))
