"""What takes effect later: data withdrawn, everything erased, a former address forgotten. Undone until then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, bindparam, select, update

from trial.core.errors import NotFound
from trial.core.participant import Participant
from trial.storage.rows import add_row
from trial.storage.tables_people import IS_WAITING_WISH, wish
from trial.storage.types import TrialTime
from trial.storage.work import Work

WishKind = Literal["withdraw_data", "erase"]
# nobody asks for these: they follow from an address change and from a consent, and no page of the person ends them
FORGET_ADDRESS: Literal["forget_address"] = "forget_address"
FORGET_PROOF: Literal["forget_proof"] = "forget_proof"
Kind = WishKind | Literal["forget_address", "forget_proof"]


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that a person asked for, and the instant from which it is carried out."""

    id: int
    trial_id: int
    participant_id: int
    kind: Kind
    asked_at: datetime
    takes_effect_at: datetime
    undone_at: datetime | None
    done_at: datetime | None


def _value(row: Row[Any]) -> Wish:
    return Wish(**row._mapping)


def add(work: Work, person: Participant, kind: Kind, takes_effect_at: datetime) -> Wish:
    """Ask for it."""
    return by_id(work, plan(work, person, kind, takes_effect_at))


def plan(work: Work, person: Participant, kind: Kind, takes_effect_at: datetime) -> int:
    """The same for what nobody reads back at once: its id."""
    values = {"trial_id": person.trial_id, "participant_id": person.id, "kind": kind, "asked_at": work.now}
    return add_row(work, wish, **values, takes_effect_at=takes_effect_at)


def postpone(work: Work, wish_id: int, until: datetime) -> None:
    """What is not to be done yet is looked at again later."""
    work.rows.execute(update(wish).where(wish.c.id == wish_id, IS_WAITING_WISH).values(takes_effect_at=until))


def by_id(work: Work, wish_id: int) -> Wish:
    """One wish."""
    row = work.rows.execute(select(wish).where(wish.c.id == wish_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such wish.")
    return _value(row)


def waiting(work: Work, participant_id: int) -> list[Wish]:
    """What a person asked for and nobody carried out or undid yet."""
    return [one for one in _waiting(work, participant_id) if one.kind not in (FORGET_ADDRESS, FORGET_PROOF)]


def former_addresses(work: Work, participant_id: int) -> list[Wish]:
    """The address changes of a person that may still be undone, in order."""
    return [one for one in _waiting(work, participant_id) if one.kind == FORGET_ADDRESS]


def _waiting(work: Work, participant_id: int) -> list[Wish]:
    query = select(wish).where(wish.c.participant_id == participant_id, IS_WAITING_WISH).order_by(wish.c.id)
    return [_value(row) for row in work.rows.execute(query)]


def waiting_in_trial(work: Work, trial_id: int) -> list[Wish]:
    """The same for everyone in a trial."""
    query = select(wish).where(wish.c.trial_id == trial_id, IS_WAITING_WISH).order_by(wish.c.id)
    return [_value(row) for row in work.rows.execute(query)]


_DUE = (IS_WAITING_WISH, wish.c.takes_effect_at <= bindparam("now", type_=TrialTime))
_ANY_DUE = select(wish.c.id).where(*_DUE).order_by(wish.c.takes_effect_at).limit(1)
_NEXT_DUE = select(wish.c.takes_effect_at).where(IS_WAITING_WISH).order_by(wish.c.takes_effect_at).limit(1)
_DUE_NOW = select(wish).where(*_DUE).order_by(wish.c.takes_effect_at, wish.c.id).limit(50)


def any_due(work: Work) -> bool:
    """Whether some wish is to be carried out now: a look at the index of waiting wishes alone."""
    return work.rows.execute(_ANY_DUE, {"now": work.now}).first() is not None


def next_due(work: Work) -> datetime | None:
    """When the next wish is to be carried out."""
    return work.rows.execute(_NEXT_DUE).scalar_one_or_none()


def due(work: Work) -> list[Wish]:
    """The next wishes to carry out."""
    return [_value(row) for row in work.rows.execute(_DUE_NOW, {"now": work.now})]


def undo(work: Work, wish_id: int) -> bool:
    """The person changed their mind; False where it was carried out or undone already."""
    return _end(work, wish_id, "undone_at")


def finish(work: Work, wish_id: int) -> bool:
    """It is done now; False where somebody else did it or the person undid it."""
    return _end(work, wish_id, "done_at")


def _end(work: Work, wish_id: int, column: str) -> bool:
    query = update(wish).where(wish.c.id == wish_id, IS_WAITING_WISH)
    return work.rows.execute(query.values({column: work.now})).rowcount == 1
