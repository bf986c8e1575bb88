"""Mail that came in: one row per Message-ID and trial. The words lie in the vault, or sealed where nobody is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from trial.core import access
from trial.core.errors import NotFound
from trial.core.replies import ReplyKind
from trial.storage import vault
from trial.storage.rows import add_row_once
from trial.storage.tables_desk import reply
from trial.storage.work import Work

WORDS = "reply"


@dataclass(frozen=True, slots=True)
class Reply:
    """One mail that came in; `participant_id` is None where nobody knows who wrote it."""

    id: int
    trial_id: int
    participant_id: int | None
    delivery_id: int | None
    kind: ReplyKind
    received_at: datetime


def add(
    work: Work,
    trial_id: int,
    message_id: str,
    kind: ReplyKind,
    *,
    participant_id: int | None = None,
    delivery_id: int | None = None,
) -> tuple[int, bool]:
    """(id, whether it is new): a mail that comes in a second time changes nothing."""
    unique = {"trial_id": trial_id, "message_id": message_id}
    values = {"participant_id": participant_id, "delivery_id": delivery_id, "kind": kind.value}
    return add_row_once(work, reply, unique, **values, received_at=work.now)


def keep_words(work: Work, reply_id: int, trial_id: int, participant_id: int, text: str) -> None:
    """What somebody wrote, under their own key."""
    vault.keep_words(work, trial_id, participant_id, WORDS, str(reply_id), text)


def seal(work: Work, reply_id: int, said: Mapping[str, str]) -> None:
    """What somebody unknown wrote, and from where, under the key of the vault."""
    sealed = vault.seal(work.keys.vault, json.dumps(dict(said)).encode(), f"{WORDS}|{reply_id}")
    work.rows.execute(update(reply).where(reply.c.id == reply_id).values(sealed=sealed))


def by_id(work: Work, reply_id: int) -> Reply:
    """One mail of the trial that the actor may see."""
    columns = [reply.c[name] for name in Reply.__slots__]
    row = work.rows.execute(select(*columns).where(reply.c.id == reply_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such reply.")
    access.require_trial(work.by, row.trial_id)
    found: dict[str, Any] = dict(row._mapping)
    return Reply(**(found | {"kind": ReplyKind(found["kind"])}))


def words_of(work: Work, found: Reply) -> Mapping[str, str]:
    """`text`, and `sender` where nobody knows who wrote it; nothing once the person was erased."""
    if found.participant_id is not None:
        try:
            return {"text": vault.words_of(work, found.participant_id, WORDS, str(found.id))}
        except NotFound:
            return {}
    sealed = work.rows.execute(select(reply.c.sealed).where(reply.c.id == found.id)).scalar_one()
    said: Mapping[str, str] = json.loads(vault.unseal(work.keys.vault, sealed, f"{WORDS}|{found.id}"))
    return said


def belongs_to(work: Work, found: Reply, participant_id: int) -> None:
    """Somebody of the team knows who wrote it: the words move under that person's key."""
    said = words_of(work, found)
    work.rows.execute(update(reply).where(reply.c.id == found.id).values(participant_id=participant_id, sealed=None))
    keep_words(work, found.id, found.trial_id, participant_id, said.get("text", ""))
