"""What was earned and the voucher codes for it: each earning is unique, and each code goes to one earning at most."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select, update

from trial.core import access
from trial.core.errors import NotFound
from trial.core.participant import Participant
from trial.storage.rows import add_row_once
from trial.storage.tables import participant
from trial.storage.tables_desk import IS_EARNED, IS_FREE, IS_TO_FORGET, earning, voucher
from trial.storage.types import TrialTime
from trial.storage.vault import seal, unseal
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Earning:
    """One thing that one person earned; `state` is earned (waits for a code, or to be paid), given or refused.

    `payee_at` is when the person said where to send it, as long as that is kept.
    """

    id: int
    trial_id: int
    participant_id: int
    incentive: str
    about: str
    earned_at: datetime
    state: str
    voucher_id: int | None
    reason: str | None
    by: str | None
    payee_at: datetime | None
    given_at: datetime | None
    explained_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stock:
    """One incentive in figures: earned = waiting + given + refused; `codes` are those that nobody has yet."""

    incentive: str
    waiting: int
    given: int
    refused: int
    codes: int


_COLUMNS = [earning.c[name] for name in Earning.__slots__]


def add(work: Work, person: Participant, incentive: str, about: str) -> tuple[int, bool]:
    """A person earned this now; a second time for the same changes nothing."""
    unique = {"participant_id": person.id, "incentive": incentive, "about": about}
    return add_row_once(work, earning, unique, trial_id=person.trial_id, earned_at=work.now, state="earned")


def add_voucher(work: Work, trial_id: int, incentive: str, code: str) -> bool:
    """Keep a code, sealed; False where this trial has it already."""
    index = hmac.new(work.keys.index, f"voucher|{trial_id}|{code}".encode(), hashlib.sha256).digest()
    sealed = seal(work.keys.vault, code.encode(), f"voucher|{trial_id}")
    unique = {"trial_id": trial_id, "blind_index": index}
    return add_row_once(work, voucher, unique, incentive=incentive, sealed=sealed, uploaded_at=work.now)[1]


_DUE = (
    select(earning.c.id)
    .where(
        IS_EARNED,
        exists(
            select(voucher.c.id).where(
                IS_FREE, voucher.c.trial_id == earning.c.trial_id, voucher.c.incentive == earning.c.incentive
            )
        ),
    )
    .order_by(earning.c.earned_at, earning.c.id)
    .limit(50)
)


def due(work: Work) -> list[int]:
    """Earnings for which there is a code; a look at two small indexes where there are none."""
    return [int(one) for one in work.rows.execute(_DUE).scalars()]


_BY_ID = select(*_COLUMNS).where(earning.c.id == bindparam("row"))
_LOCKED = _BY_ID.with_for_update()
_FREE = (
    select(voucher.c.id)
    .where(IS_FREE, voucher.c.trial_id == bindparam("trial"), voucher.c.incentive == bindparam("what"))
    .order_by(voucher.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def by_id(work: Work, earning_id: int, *, lock: bool = False) -> Earning:
    """One earning of the trial that the actor may see."""
    row = work.rows.execute(_LOCKED if lock else _BY_ID, {"row": earning_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such earning.")
    access.require_trial(work.by, row.trial_id)
    return Earning(**row._mapping)


def give(work: Work, one: Earning) -> bool:
    """Hand a free code to an earning that the caller holds; False where none is left."""
    found = work.rows.execute(_FREE, {"trial": one.trial_id, "what": one.incentive}).scalar_one_or_none()
    if found is None:
        return False
    mine = update(voucher).where(voucher.c.id == found)
    work.rows.execute(mine.values(participant_id=one.participant_id, given_at=work.now))
    work.rows.execute(
        update(earning).where(earning.c.id == one.id).values(state="given", voucher_id=found, given_at=work.now)
    )
    return True


def refuse(work: Work, one: Earning, reason: str) -> None:
    """Nothing is given for this earning; the caller holds it."""
    values = {"state": "refused", "reason": reason, "by": str(work.by)}
    work.rows.execute(update(earning).where(earning.c.id == one.id).values(values))


def change(work: Work, earning_id: int, **values: Any) -> None:
    """Write what became of an earning; the caller holds it."""
    work.rows.execute(update(earning).where(earning.c.id == earning_id).values(values))


def of_participant(work: Work, participant_id: int) -> list[Earning]:
    """Everything that one person earned, in order."""
    query = select(*_COLUMNS).where(earning.c.participant_id == participant_id).order_by(earning.c.id)
    return [Earning(**row._mapping) for row in work.rows.execute(query)]


def to_pay(work: Work, trial_id: int) -> list[Earning]:
    """What a person has said where to send, and nobody has sent yet: first earned first."""
    query = select(*_COLUMNS).where(earning.c.trial_id == trial_id, IS_EARNED, earning.c.payee_at.is_not(None))
    found = work.rows.execute(query.order_by(earning.c.earned_at, earning.c.id))
    return [Earning(**row._mapping) for row in found]


_TO_FORGET = (
    select(earning.c.id)
    .where(IS_TO_FORGET, earning.c.forget_at <= bindparam("now", type_=TrialTime))
    .order_by(earning.c.forget_at, earning.c.id)
    .limit(50)
)


def to_forget(work: Work) -> list[int]:
    """Earnings whose payee is to be known no longer: a look at a small index."""
    return [int(one) for one in work.rows.execute(_TO_FORGET, {"now": work.now}).scalars()]


def code_of(work: Work, earning_id: int) -> str:
    """The code that an earning was given."""
    query = select(voucher.c.trial_id, voucher.c.sealed).join_from(
        earning, voucher, voucher.c.id == earning.c.voucher_id
    )
    row = work.rows.execute(query.where(earning.c.id == earning_id)).one_or_none()
    if row is None:
        raise NotFound("No code was given for this.")
    return unseal(work.keys.vault, row.sealed, f"voucher|{row.trial_id}").decode()


def waits(work: Work, participant_id: int, by_code: Collection[str]) -> bool:
    """Whether a person has earned something that they can still be given: by a code, or where they said where to."""
    can = or_(earning.c.incentive.in_(by_code), earning.c.payee_at.is_not(None))
    query = select(earning.c.id).where(earning.c.participant_id == participant_id, IS_EARNED, can).limit(1)
    return work.rows.execute(query).first() is not None


def stock(work: Work, trial_id: int, incentives: Sequence[str]) -> list[Stock]:
    """Each incentive of a trial in figures."""
    states = select(earning.c.incentive, earning.c.state, func.count()).where(earning.c.trial_id == trial_id)
    found = {
        (name, state): int(number)
        for name, state, number in work.rows.execute(states.group_by(earning.c.incentive, earning.c.state))
    }
    free = select(voucher.c.incentive, func.count()).where(voucher.c.trial_id == trial_id, IS_FREE)
    codes = {name: int(number) for name, number in work.rows.execute(free.group_by(voucher.c.incentive))}
    return [
        Stock(
            one,
            found.get((one, "earned"), 0),
            found.get((one, "given"), 0),
            found.get((one, "refused"), 0),
            codes.get(one, 0),
        )
        for one in incentives
    ]


def of_trial(work: Work, trial_id: int, *, most: int = 500) -> list[tuple[str, Earning]]:
    """The ledger with study codes, newest first."""
    query = (
        select(participant.c.code, *_COLUMNS)
        .join_from(earning, participant, participant.c.id == earning.c.participant_id)
        .where(earning.c.trial_id == trial_id)
        .order_by(earning.c.id.desc())
        .limit(most)
    )
    return [
        (row.code, Earning(**{name: row._mapping[name] for name in Earning.__slots__}))
        for row in work.rows.execute(query)
    ]
