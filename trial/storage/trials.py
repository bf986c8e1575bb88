"""Trials, their protocol versions and the sealed seed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, update

from trial.core import access
from trial.core.errors import NotFound, Refused
from trial.core.trial import MOVES, Trial, TrialKind, TrialState
from trial.protocol_files import ProtocolFolder, read_files
from trial.storage.rows import add_row
from trial.storage.tables import protocol_version, seal, trial
from trial.storage.work import Work

_latest = (
    select(func.max(protocol_version.c.id))
    .where(protocol_version.c.trial_id == trial.c.id)
    .correlate(trial)
    .scalar_subquery()
)


def columns() -> list[ColumnElement[Any]]:
    """What a trial is made of, in the order of its fields."""
    return [_latest.label(name) if name == "protocol_id" else trial.c[name] for name in Trial.__slots__]


_TRIAL = select(*columns())
_TRIAL_BY_SLUG = _TRIAL.where(trial.c.slug == bindparam("name"))
_TRIAL_BY_ID = _TRIAL.where(trial.c.id == bindparam("row"))


def made(values: Sequence[Any]) -> Trial:
    """What these columns hold as a trial."""
    given = dict(zip(Trial.__slots__, values, strict=True))
    given |= {"kind": TrialKind(given["kind"]), "state": TrialState(given["state"])}
    given["resume_to"] = TrialState(given["resume_to"]) if given["resume_to"] else None
    return Trial(**given)


def add(
    work: Work,
    *,
    slug: str,
    kind: TrialKind,
    target: int,
    base_url: str,
    code_key: bytes | None,
    folder: ProtocolFolder,
    state: TrialState = TrialState.OPEN,
    beside: int | None = None,
) -> Trial:
    """A new trial with its protocol stored; Refused where the name is taken."""
    if work.rows.execute(select(trial.c.id).where(trial.c.slug == slug)).first():
        raise Refused(f"There is a trial named {slug} already. Name this one differently (--name).")
    trial_id = add_row(
        work,
        trial,
        slug=slug,
        kind=kind.value,
        state=state.value,
        target=target,
        base_url=base_url,
        code_key=code_key or secrets.token_bytes(32),
        opened_at=work.now,
        beside=beside,
    )
    add_protocol(work, trial_id, folder)
    return by_id(work, trial_id)


def by_name(work: Work, slug: str) -> Trial | None:
    """The trial of this name, held to the end of the transaction; None where there is none."""
    found = work.rows.execute(select(trial.c.id).where(trial.c.slug == slug)).scalar_one_or_none()
    return None if found is None else by_id(work, found, lock=True)


def prepare_anew(work: Work, current: Trial, *, target: int, base_url: str) -> None:
    """A trial in preparation is to open with another target, or at another address."""
    new = {"target": target, "base_url": base_url}
    preparing = trial.c.state == TrialState.PREPARING.value
    work.rows.execute(update(trial).where(trial.c.id == current.id, preparing).values(new))


def seek(work: Work, current: Trial, target: int) -> None:
    """Recruitment of this trial is to end with so many people."""
    work.rows.execute(update(trial).where(trial.c.id == current.id).values(target=target))


def open_prepared(work: Work, current: Trial) -> Trial:
    """A trial in preparation lets people in from now on."""
    opened = change_state(work, current, TrialState.OPEN)
    work.rows.execute(update(trial).where(trial.c.id == current.id).values(opened_at=work.now))
    return by_id(work, opened.id)


def add_protocol(work: Work, trial_id: int, folder: ProtocolFolder) -> int:
    """Store a whole protocol folder with its trial."""
    values = {
        "trial_id": trial_id,
        "name": folder.protocol.id,
        "version": folder.protocol.version,
        "schema_version": folder.protocol.schema_version,
        "digest": folder.digest,
        "files": dict(folder.files),
        "registered_at": work.now,
    }
    return add_row(work, protocol_version, **values)


def has_protocol(work: Work, trial_id: int, digest: str) -> bool:
    """Whether a version with this digest was registered for the trial."""
    query = select(protocol_version.c.id).where(
        protocol_version.c.trial_id == trial_id, protocol_version.c.digest == digest
    )
    return work.rows.execute(query).first() is not None


def versions_of(work: Work, trial_id: int) -> list[int]:
    """The ids of every protocol version of a trial, in the order in which they were registered."""
    query = select(protocol_version.c.id).where(protocol_version.c.trial_id == trial_id)
    return list(work.rows.execute(query.order_by(protocol_version.c.id)).scalars())


def by_slug(work: Work, slug: str) -> Trial:
    """The trial of this name."""
    row = work.rows.execute(_TRIAL_BY_SLUG, {"name": slug}).one_or_none()
    if row is None:
        raise NotFound(f"There is no trial named {slug} here.")
    access.require_trial(work.by, row.id)
    return made(row)


def by_id(work: Work, trial_id: int, *, lock: bool = False) -> Trial:
    """The trial with this id; `lock` holds its row until the end of the transaction."""
    access.require_trial(work.by, trial_id)
    if lock:
        # SQLite writers stand in line anyway. Not the strongest lock: every row that points at the trial holds its key,
        # and two people who have both written one would wait for each other
        work.rows.execute(select(trial.c.id).where(trial.c.id == trial_id).with_for_update(key_share=True))
    return made(work.rows.execute(_TRIAL_BY_ID, {"row": trial_id}).one())


def all_trials(work: Work) -> list[Trial]:
    """Every trial of this installation, oldest first."""
    return [made(row) for row in work.rows.execute(_TRIAL.order_by(trial.c.id))]


def beside(work: Work, current: Trial) -> list[Trial]:
    """The test trials that stand beside this one, oldest first."""
    return [made(row) for row in work.rows.execute(_TRIAL.where(trial.c.beside == current.id).order_by(trial.c.id))]


def change_state(work: Work, current: Trial, state: TrialState) -> Trial:
    """Move a trial to another state; Refused where that move does not exist."""
    if state not in MOVES[current.state]:
        raise Refused(f"The trial {current.slug} is {current.state.value}; it cannot become {state.value}.")
    resume_to = current.state.value if state is TrialState.PAUSED else None
    work.rows.execute(update(trial).where(trial.c.id == current.id).values(state=state.value, resume_to=resume_to))
    return by_id(work, current.id)


def close_in_pause(work: Work, current: Trial) -> Trial:
    """A paused trial stays paused and goes on closed; Refused where that is so already."""
    if current.resume_to is TrialState.CLOSED:
        raise Refused(f"The trial {current.slug} is paused; its recruitment has ended already.")
    work.rows.execute(update(trial).where(trial.c.id == current.id).values(resume_to=TrialState.CLOSED.value))
    return by_id(work, current.id)


def code_key(work: Work, trial_id: int) -> bytes:
    """What study codes of this trial are made with."""
    return bytes(work.rows.execute(select(trial.c.code_key).where(trial.c.id == trial_id)).scalar_one())


def folder_of(work: Work, protocol_id: int) -> ProtocolFolder:
    """A stored protocol, read once per digest: a stored version never changes."""
    found: ProtocolFolder | None = work.versions.get(protocol_id)
    if found is not None:
        return found
    digest = work.rows.execute(_DIGEST, {"version": protocol_id}).scalar_one_or_none()
    if digest is None:
        raise NotFound("There is no such protocol version.")
    if digest not in _FOLDERS:
        query = select(protocol_version.c.files).where(protocol_version.c.id == protocol_id)
        _FOLDERS[digest] = read_files(work.rows.execute(query).scalar_one())
    found = work.versions[protocol_id] = _FOLDERS[digest]
    return found


_FOLDERS: dict[str, ProtocolFolder] = {}
_DIGEST = select(protocol_version.c.digest).where(protocol_version.c.id == bindparam("version"))


def remember(work: Work, protocol_id: int, digest: str) -> None:
    """This version has this digest, as another query of the same transaction found: it need not be asked again."""
    if digest in _FOLDERS:
        work.versions[protocol_id] = _FOLDERS[digest]


def add_seal(work: Work, trial_id: int, *, sealed: bytes, salt: bytes, digest: str, rule_version: str) -> None:
    """Keep the sealed seed and the digest that is published."""
    values = {"trial_id": trial_id, "sealed_seed": sealed, "salt": salt, "digest": digest}
    add_row(work, seal, **values, rule_version=rule_version, published_at=work.now)


def seal_digest(work: Work, trial_id: int) -> str | None:
    """What was published of the seed; None where it is not sealed yet."""
    return work.rows.execute(select(seal.c.digest).where(seal.c.trial_id == trial_id)).scalar_one_or_none()


def seal_of(work: Work, trial_id: int) -> Mapping[str, Any]:
    """The sealed seed, salt, digest and rule version."""
    return dict(work.rows.execute(select(seal).where(seal.c.trial_id == trial_id)).one()._mapping)
