"""Answer sheets: what a person submitted, once, append-only. Free text lies in the vault.

Closed answers are sealed under the person's own answers key: a sheet can never be changed or taken out, but once that
key is destroyed nobody reads what it said. Sheets from before there were such keys lie open; those of somebody who
withdrew are not read all the same.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from trial.core.participant import Occasion
from trial.storage import vault
from trial.storage.rows import add_row
from trial.storage.tables import answer_sheet, identity, participant
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """One submission; `answers` maps columns to closed answers, `length` counts the characters of a writing."""

    id: int
    participant_id: int
    occasion_id: int
    activity: str
    answers: Mapping[str, Any]
    length: int | None
    opened_at: datetime | None
    submitted_at: datetime
    active_seconds: int | None = None
    pages: Any = None
    short_path: bool = False


def add(
    work: Work,
    occasion: Occasion,
    *,
    protocol_digest: str,
    submission: str,
    answers: Mapping[str, Any],
    length: int | None,
    opened_at: datetime | None,
    active_seconds: int | None = None,
    pages: Mapping[str, Any] | None = None,
    short_path: bool = False,
) -> int:
    """Keep a submission; a second one for the same occasion breaks a UNIQUE constraint."""
    values = {
        "trial_id": occasion.trial_id,
        "participant_id": occasion.participant_id,
        "occasion_id": occasion.id,
        "activity": occasion.activity,
        "protocol_digest": protocol_digest,
        "submission": submission,
        "answers": _sealed(work, occasion, submission, answers),
        "length": length,
        "opened_at": opened_at,
        "active_seconds": active_seconds,
        "pages": pages,
        "short_path": short_path,
        "submitted_at": work.now,
        "by": str(work.by),
    }
    return add_row(work, answer_sheet, **values)


# no column of an activity can be called so
_SEALED = "sealed:1"


def _sealed(work: Work, occasion: Occasion, submission: str, answers: Mapping[str, Any]) -> dict[str, str]:
    key = vault.answers_key(work, occasion.participant_id)
    place = f"sheet|{occasion.participant_id}|{submission}"
    return {_SEALED: b64encode(vault.seal(key, json.dumps(dict(answers)).encode(), place)).decode()}


_SHEETS = (
    select(
        *[answer_sheet.c[name] for name in AnswerSheet.__slots__],
        answer_sheet.c.submission,
        identity.c.wrapped_answers_key,
        participant.c.data_withdrawn_at,
    )
    .select_from(
        answer_sheet.join(participant, participant.c.id == answer_sheet.c.participant_id).outerjoin(
            identity, identity.c.participant_id == answer_sheet.c.participant_id
        )
    )
    .order_by(answer_sheet.c.id)
)


def of_participant(work: Work, participant_id: int) -> list[AnswerSheet]:
    """Everything one person submitted, in order."""
    return list(_read(work, _SHEETS.where(answer_sheet.c.participant_id == participant_id)))


def of_trial(work: Work, trial_id: int) -> list[AnswerSheet]:
    """Every submission of a trial, in order."""
    return list(_read(work, _SHEETS.where(answer_sheet.c.trial_id == trial_id)))


def _read(work: Work, query: Select[Any]) -> Iterator[AnswerSheet]:
    """The sheets with their answers; none of somebody who took them back. Each person's key is unwrapped once."""
    keys: dict[int, bytes] = {}
    for row in work.rows.execute(query):
        values = {name: getattr(row, name) for name in AnswerSheet.__slots__}
        yield AnswerSheet(**values | {"answers": _opened(work, row, keys)})


def _opened(work: Work, row: Row[Any], keys: dict[int, bytes]) -> Mapping[str, Any]:
    if row.data_withdrawn_at is not None:
        return {}
    sealed = row.answers.get(_SEALED)
    if sealed is None:
        return dict(row.answers)
    if row.wrapped_answers_key is None:
        return {}
    person = row.participant_id
    if person not in keys:
        keys[person] = vault.unwrap_answers_key(work, person, row.wrapped_answers_key)
    found: dict[str, Any] = json.loads(
        vault.unseal(keys[person], b64decode(sealed), f"sheet|{person}|{row.submission}")
    )
    return found
