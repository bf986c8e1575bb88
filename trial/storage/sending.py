"""How sending goes: what fell due hour by hour and what became of it, and what is late. Read by index, never whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, distinct, func, or_, select

from trial.core.delivery import AFTER_ANOTHER, DEFERRED, REFUSED_BY_POLICY, ContactState
from trial.storage.overview import beside
from trial.storage.tables_delivery import IS_ASIDE, IS_IN_HAND, IS_WAITING, delivery
from trial.storage.work import Work

S = ContactState
# the servers of so many people do not put us off by chance at once
SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """How many mails of one message that fell due within one hour stand in one state."""

    hour: datetime
    message: str
    state: ContactState
    number: int


@dataclass(frozen=True, slots=True)
class Among:
    """The mails of one trial, beside those of some timepoints and some messages."""

    trial_id: int
    not_of: Sequence[str] = ()
    beside: Sequence[str] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a row of the ledger must fulfil."""
        others = [delivery.c.message.not_in(self.beside)] if self.beside else []
        return [delivery.c.trial_id == self.trial_id, *beside(self.not_of), *others]


def by_hour(work: Work, among: Among, first: datetime, last: datetime) -> Iterator[Cell]:
    """Of what falls due from `first` until before `last`."""
    hour = _hour(work)
    query = (
        select(hour.label("hour"), delivery.c.message, delivery.c.state, func.count().label("number"))
        .where(delivery.c.due_at >= first, delivery.c.due_at < last, *among.conditions())
        .group_by("hour", delivery.c.message, delivery.c.state)
        .order_by("hour", delivery.c.message)
    )
    for row in work.rows.execute(query):
        yield Cell(datetime.fromtimestamp(int(row.hour) * 3600, UTC), row.message, S(row.state), int(row.number))


def _hour(work: Work) -> Any:
    """Hours since 1970 of the moment at which a mail falls due."""
    if work.rows.dialect.name == "postgresql":
        return cast(func.floor(func.extract("epoch", delivery.c.due_at) / 3600), Integer)
    return cast(cast(func.strftime("%s", delivery.c.due_at), Integer) / 3600, Integer)


@dataclass(frozen=True, slots=True)
class Late:
    """What is due and not done: since when the oldest, how many up to `most`, and how many somebody holds now, on a
    lease that is not over.

    `paused`: an account is left alone for some minutes, because its server refuses us. `first` is the row that is next
    in line, of many that are due since the same instant the one that is taken first.
    """

    since: datetime | None
    number: int
    in_hand: int
    paused: bool = False
    first: int = 0


def late(work: Work, among: Among | None = None, *, most: int = 10_000) -> Late:
    """Over all trials, for every worker sends for all of them; or among those of one."""
    conditions = among.conditions() if among else []
    due = select(delivery.c.due_at).where(IS_WAITING, delivery.c.due_at <= work.now, *conditions)
    ready = due.where(delivery.c.retry_from.is_(None) | (delivery.c.retry_from <= work.machine_now))
    # the oldest first, or what is counted up to a limit would leave it out
    waiting = select(ready.order_by(delivery.c.due_at).limit(most).subquery().c.due_at)
    # what a worker that is gone holds is taken by the next one, and nobody is at it until then
    left = select(delivery.c.due_at).where(IS_IN_HAND, delivery.c.lease_until < work.machine_now, *conditions)
    some = waiting.union_all(left).subquery()
    since, number = work.rows.execute(select(func.min(some.c.due_at), func.count()).select_from(some)).one()
    held = select(func.count()).select_from(delivery)
    held = held.where(IS_IN_HAND, delivery.c.lease_until >= work.machine_now, *conditions)
    return Late(since, int(number), int(work.rows.execute(held).scalar_one()))


def drifts(work: Work, trial_id: int, before: datetime) -> bool:
    """Whether mails of a trial that fell due by then still wait, although nobody meant them to.

    What says nothing of how sending goes is left out: what a pause has given back, and mails that the server of one
    person or two puts off or does not want, such as that of a full mailbox.
    """
    put_off = and_(
        delivery.c.state == S.RETRY.value,
        or_(
            and_(delivery.c.reason == DEFERRED, delivery.c.reply.like("4__ %")),
            delivery.c.reason.in_([AFTER_ANOTHER, REFUSED_BY_POLICY]),
        ),
    )
    waits = (delivery.c.trial_id == trial_id, IS_WAITING, delivery.c.due_at <= before, delivery.c.state != S.DUE.value)
    others, people = (
        func.sum(case((put_off, 0), else_=1)),
        func.count(distinct(case((put_off, delivery.c.participant_id)))),
    )
    ours, theirs = work.rows.execute(select(others, people).where(*waits)).one()
    return (ours or 0) > 0 or theirs >= SEVERAL


def first_in_line(work: Work, since: datetime) -> int:
    """Of what is due since then, as the oldest, the row that a worker takes first."""
    ready = delivery.c.retry_from.is_(None) | (delivery.c.retry_from <= work.machine_now)
    query = select(func.min(delivery.c.id)).where(IS_WAITING, delivery.c.due_at == since, ready)
    return int(work.rows.execute(query).scalar_one() or 0)


def aside(work: Work, among: Among | None = None) -> dict[ContactState, int]:
    """How many are held, and of how many nobody can say whether they arrived; whenever they fell due."""
    query = select(delivery.c.state, func.count()).where(IS_ASIDE, *(among.conditions() if among else []))
    return {S(state): int(number) for state, number in work.rows.execute(query.group_by(delivery.c.state))}


def planned(work: Work, until: datetime) -> int:
    """How many fall due from now on until then, over all trials."""
    coming = select(func.count()).select_from(delivery).where(IS_WAITING, delivery.c.due_at > work.now)
    return int(work.rows.execute(coming.where(delivery.c.due_at <= until)).scalar_one())
