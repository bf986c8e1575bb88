"""The two contributions that a seed is made of, each sealed, given once and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from trial.storage import vault
from trial.storage.rows import add_row
from trial.storage.tables_design import seed_part
from trial.storage.work import Work

Part = Literal["share", "contribution"]


@dataclass(frozen=True, slots=True)
class SeedPart:
    """One contribution: what was told of it, by whom it was given, and what it is under seal."""

    part: str
    sealed: bytes
    salt: bytes | None
    digest: str
    given_by: str | None
    at: datetime


def add(
    work: Work, trial_id: int, part: Part, content: bytes, *, digest: str, salt: bytes | None, given_by: str | None
) -> None:
    """Seal one; the database takes each part of a trial once."""
    sealed = vault.seal(work.keys.sealing, content, _place(trial_id, part))
    told = {"digest": digest, "given_by": given_by, "at": work.now}
    add_row(work, seed_part, trial_id=trial_id, part=part, sealed=sealed, salt=salt, **told)


def of_trial(work: Work, trial_id: int) -> dict[str, SeedPart]:
    """What was given so far, by its part."""
    columns = [seed_part.c[name] for name in SeedPart.__slots__]
    rows = work.rows.execute(select(*columns).where(seed_part.c.trial_id == trial_id))
    return {row.part: SeedPart(**row._mapping) for row in rows}


def opened(work: Work, trial_id: int, one: SeedPart) -> bytes:
    """The content, for the moment of its use; InvalidTag where key, place or content are others."""
    return vault.unseal(work.keys.sealing, one.sealed, _place(trial_id, one.part))


def _place(trial_id: int, part: str) -> str:
    return f"seed part|{trial_id}|{part}"
