"""An outside statistician's list of allocations: sealed entry by entry, opened one at a time."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, insert, select

from trial.core.randomization import Entries
from trial.storage import vault
from trial.storage.tables import allocation_list
from trial.storage.tables_design import list_warning
from trial.storage.work import Work

_WIDTH = 40  # an arm's longest name: every sealed entry is as long as every other


def add(work: Work, trial_id: int, stage: str, entries: Entries) -> None:
    """Seal every entry."""
    place = {"trial_id": trial_id, "stage": stage}
    rows = [
        place
        | {"stratum": stratum, "number": number, "sealed_arm": _sealed(work, trial_id, stage, stratum, number, arm)}
        for (stratum, number), arm in entries.items()
    ]
    work.rows.execute(insert(allocation_list), rows)


def entry(work: Work, trial_id: int, stage: str, stratum: str, number: int) -> Entries:
    """This one entry, opened; nothing where the list is at its end."""
    at = allocation_list.c
    query = select(at.sealed_arm).where(
        at.trial_id == trial_id, at.stage == stage, at.stratum == stratum, at.number == number
    )
    found = work.rows.execute(query).scalar_one_or_none()
    if found is None:
        return {}
    return {(stratum, number): _opened(work, trial_id, stage, stratum, number, found)}


def places(work: Work, trial_id: int, stage: str, stratum: str) -> int:
    """How many places the list holds for a stratum: its last number, for there are no gaps."""
    at = allocation_list.c
    query = select(func.max(at.number)).where(at.trial_id == trial_id, at.stage == stage, at.stratum == stratum)
    return int(work.rows.execute(query).scalar_one() or 0)


def warn(work: Work, trial_id: int, stage: str, stratum: str, what: str) -> bool:
    """Note that a stratum's places run out (`low`) or are gone (`end`); False where that was noted before."""
    place = {"trial_id": trial_id, "stage": stage, "stratum": stratum, "what": what}
    known = select(list_warning.c.what).where(*(list_warning.c[name] == value for name, value in place.items()))
    if work.rows.execute(known).first():
        return False
    work.rows.execute(insert(list_warning).values(**place, warned_at=work.now))
    return True


def warned(work: Work, trial_id: int, stage: str) -> Counter[str]:
    """In how many strata the places run out, and in how many they are gone; a stratum counts once."""
    at = list_warning.c
    query = select(at.stratum, func.min(at.what)).where(at.trial_id == trial_id, at.stage == stage)
    return Counter(what for _, what in work.rows.execute(query.group_by(at.stratum)))


def whole(work: Work, trial_id: int, stage: str) -> Entries:
    """Every entry, opened, in order: for the digest and for a replay; InvalidTag where one was exchanged."""
    at = allocation_list.c
    query = select(allocation_list).where(at.trial_id == trial_id, at.stage == stage).order_by(at.stratum, at.number)
    return {
        (row.stratum, row.number): _opened(work, trial_id, stage, row.stratum, row.number, row.sealed_arm)
        for row in work.rows.execute(query)
    }


def _opened(work: Work, trial_id: int, stage: str, stratum: str, number: int, sealed: bytes) -> str:
    return vault.unseal(work.keys.sealing, sealed, _place(trial_id, stage, stratum, number)).decode().rstrip()


def _sealed(work: Work, trial_id: int, stage: str, stratum: str, number: int, arm: str) -> bytes:
    return vault.seal(work.keys.sealing, arm.ljust(_WIDTH).encode(), _place(trial_id, stage, stratum, number))


def _place(trial_id: int, stage: str, stratum: str, number: int) -> str:
    return f"list|{trial_id}|{stage}|{stratum}|{number}"
