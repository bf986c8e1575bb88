"""Everyone of a trial with their mails, a few hundred at a time: a few queries for each chunk, whoever is in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from trial.core.amendment.plans import LedgerRow
from trial.core.delivery import TAKEN_OUT, WAITING, ContactState
from trial.core.participant import Occasion, Participant
from trial.core.randomization import STAGE
from trial.storage import occasions, participants
from trial.storage.tables import allocation, occasion, participant
from trial.storage.tables_delivery import delivery
from trial.storage.work import Work

CHUNK = 500
# a held mail goes out when the pause ends
UNSENT = frozenset(one.value for one in (*WAITING, ContactState.HELD))


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """One person, their arm once allocated, the mails planned for them, when they first did what was asked for, and
    their windows."""

    person: Participant
    arm: str | None
    rows: tuple[LedgerRow, ...]
    done: Mapping[str, datetime]
    windows: tuple[Occasion, ...] = ()


def in_chunks(
    work: Work,
    trial_id: int,
    *,
    done: Collection[str] = (),
    baseline: str = "",
    windows: bool = False,
    size: int = CHUNK,
) -> Iterator[list[PersonPlan]]:
    """Everyone who gave an address, in order of arrival.

    `done` names the activities whose end is asked for; nothing follows from what is done at the `baseline` timepoint.
    Their windows are looked up where they are asked for.
    """
    last = 0
    while people := _people(work, trial_id, last, size):
        first, last = people[0][0].id, people[-1][0].id
        rows = _rows(work, trial_id, first, last)
        ends = _ends(work, trial_id, first, last, done, baseline) if done else {}
        asked = _windows(work, trial_id, first, last) if windows else {}
        yield [
            PersonPlan(
                person, arm, tuple(rows.get(person.id, ())), ends.get(person.id, {}), tuple(asked.get(person.id, ()))
            )
            for person, arm in people
        ]


def _windows(work: Work, trial_id: int, first: int, last: int) -> dict[int, list[Occasion]]:
    query = select(occasion).where(occasion.c.participant_id.between(first, last), occasion.c.trial_id == trial_id)
    found: dict[int, list[Occasion]] = defaultdict(list)
    for row in work.rows.execute(query.order_by(occasion.c.id)):
        found[row.participant_id].append(occasions.value(row))
    return found


def _ends(
    work: Work, trial_id: int, first: int, last: int, activities: Collection[str], baseline: str
) -> dict[int, dict[str, datetime]]:
    """When each of a stretch of people first finished each of these activities."""
    query = (
        select(occasion.c.participant_id, occasion.c.activity, func.min(occasion.c.done_at).label("at"))
        .where(occasion.c.participant_id.between(first, last), occasion.c.trial_id == trial_id)
        .where(occasion.c.done_at.is_not(None), occasion.c.activity.in_(sorted(activities)))
        .where(occasion.c.timepoint != baseline)
        .group_by(occasion.c.participant_id, occasion.c.activity)
    )
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    for row in work.rows.execute(query):
        found[row.participant_id][row.activity] = row.at
    return found


def _people(work: Work, trial_id: int, after: int, size: int) -> list[tuple[Participant, str | None]]:
    theirs = (allocation.c.participant_id == participant.c.id) & (allocation.c.stage == STAGE)
    query = (
        select(participant, allocation.c.arm)
        .select_from(participant.outerjoin(allocation, theirs))
        .where(participant.c.trial_id == trial_id, participant.c.id > after)
        .order_by(participant.c.id)
        .limit(size)
    )
    return [(participants.value(row), row.arm) for row in work.rows.execute(query)]


def _rows(work: Work, trial_id: int, first: int, last: int) -> dict[int, list[LedgerRow]]:
    """Mails of a stretch of people; service mails belong to no timepoint and to no plan, and what an amendment took out
    is new if another one has it again."""
    query = (
        select(delivery, occasion.c.done_at)
        .select_from(delivery.outerjoin(occasion, occasion.c.id == delivery.c.occasion_id))
        .where(
            delivery.c.participant_id.between(first, last), delivery.c.trial_id == trial_id, delivery.c.timepoint != ""
        )
        .where(or_(delivery.c.reason.is_(None), delivery.c.reason != TAKEN_OUT))
        .order_by(delivery.c.participant_id, delivery.c.id)
    )
    found: dict[int, list[LedgerRow]] = defaultdict(list)
    for row in work.rows.execute(query):
        found[row.participant_id].append(
            LedgerRow(
                slot=(row.timepoint, row.occurrence, row.reminder),
                message=row.message,
                stream=row.stream,
                due_at=row.due_at,
                not_after=row.not_after,
                unsent=row.state in UNSENT,
                answered=row.done_at is not None,
            )
        )
    return found
