"""Everyone of a trial with their mails, a few hundred at a time: two queries for each such chunk, whoever is in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from trial.core.amendment.plans import LedgerRow
from trial.core.delivery import WAITING, ContactState
from trial.core.participant import Participant
from trial.core.randomization import STAGE
from trial.storage import participants
from trial.storage.tables import allocation, delivery, occasion, participant
from trial.storage.work import Work

CHUNK = 500
# a held mail goes out when the pause ends
UNSENT = frozenset(one.value for one in (*WAITING, ContactState.HELD))


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """One person, their arm once allocated, and the mails planned for them."""

    person: Participant
    arm: str | None
    rows: tuple[LedgerRow, ...]


def in_chunks(work: Work, trial_id: int, size: int = CHUNK) -> Iterator[list[PersonPlan]]:
    """Everyone who gave an address, in order of arrival."""
    last = 0
    while people := _people(work, trial_id, last, size):
        last = people[-1][0].id
        rows = _rows(work, trial_id, people[0][0].id, last)
        yield [PersonPlan(person, arm, tuple(rows.get(person.id, ()))) for person, arm in people]


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
    """Mails of a stretch of people; service mails belong to no timepoint and to no plan."""
    query = (
        select(delivery, occasion.c.done_at)
        .select_from(delivery.outerjoin(occasion, occasion.c.id == delivery.c.occasion_id))
        .where(
            delivery.c.participant_id.between(first, last), delivery.c.trial_id == trial_id, delivery.c.timepoint != ""
        )
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
