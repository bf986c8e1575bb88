"""Study codes: what the team calls a participant by."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from trial.core.errors import NotFound
from trial.storage.tables import participant
from trial.storage.work import Work


def person_with(work: Work, trial_id: int, code: str) -> int:
    """The participant of this trial who has this code, however it is spelled."""
    spelled = "".join(code.split()).replace("-", "").upper()
    query = select(participant.c.id).where(participant.c.trial_id == trial_id, participant.c.code == spelled)
    found = work.rows.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound("Nobody in this trial has this study code.")
    return int(found)


def codes_of(work: Work, people: Iterable[int | None]) -> dict[int, str]:
    """The codes of these participants, by their ids."""
    wanted = {one for one in people if one is not None}
    if not wanted:
        return {}
    query = select(participant.c.id, participant.c.code).where(participant.c.id.in_(wanted))
    return {row.id: row.code for row in work.rows.execute(query)}
