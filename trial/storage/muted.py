"""Activities that a person asked not to be sent again."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, exists, select

from trial.core.participant import Participant
from trial.storage.rows import add_row_once
from trial.storage.tables import occasion
from trial.storage.tables_delivery import delivery
from trial.storage.tables_people import muted
from trial.storage.work import Work

# whether the activity that a mail is about was muted by the person it goes to, for a query over mails and occasions
OF_CONTACT = exists(
    select(muted.c.id).where(
        muted.c.participant_id == delivery.c.participant_id, muted.c.activity == occasion.c.activity
    )
).correlate(delivery, occasion)


def add(work: Work, person: Participant, activity: str) -> bool:
    """Keep the wish; whether it is new."""
    unique = {"participant_id": person.id, "activity": activity}
    return add_row_once(work, muted, unique, trial_id=person.trial_id, muted_at=work.now)[1]


def remove(work: Work, participant_id: int, activity: str) -> bool:
    """The person changed their mind; False where there was no such wish."""
    mine = delete(muted).where(muted.c.participant_id == participant_id, muted.c.activity == activity)
    return work.rows.execute(mine).rowcount == 1


def of_participant(work: Work, participant_id: int) -> frozenset[str]:
    """The activities that this person is not sent any more."""
    return frozenset(work.rows.execute(_OF_PERSON, {"person": participant_id}).scalars())


_OF_PERSON = select(muted.c.activity).where(muted.c.participant_id == bindparam("person"))
