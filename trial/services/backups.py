"""Backups: everything as one moment saw it, put back only where that was asked for, and then nothing sent unseen.

The keys lie in a copy of their own: who finds one of the two files reads nothing. What left between the backup and
its return nobody knows, so every mail that was due by then is held until a person releases it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trial.core import access
from trial.core.access import Actor, Verb
from trial.core.errors import BadInput, NotFound, Problem, Refused
from trial.core.events import Event
from trial.core.trial import Trial, TrialKind
from trial.core.two_person import ActKind, require_one_may
from trial.services import call_restoring
from trial.storage import archives, events, keys, participants, restored, trials, vault
from trial.storage.archives import Archive, Manifest, Show, TrialInside
from trial.storage.sealed_files import Passphrase, Seals
from trial.storage.work import Store, Work


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for a sealed file, and who may open it."""

    folder: Path
    recipients: Sequence[Seals]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """The files that were written; `digest` is the SHA-256 of the backup as it lies there."""

    file: Path
    manifest: Manifest
    digest: str
    keys_file: Path | None


def back_up(store: Store, by: Actor, data: Place, key_copy: Place | None, show: Show) -> BackedUp:
    """Write all rows into one sealed file and, where a place for them is named, the keys into another."""
    access.require(by, Verb.BACK_UP)
    if key_copy:
        _require_apart(data, key_copy)
    data.folder.mkdir(parents=True, exist_ok=True)
    with store.snapshot(by) as work:
        name = f"equipoise-{work.machine_now:%Y%m%dT%H%M%SZ}"
        path = _new(data.folder / f"{name}{archives.SUFFIX}")
        marked = keys.fingerprint(store.keys)
        manifest = archives.write(work, path, list(data.recipients), keys=marked, show=show)
    digest = digest_of(path)
    # as `sha256sum --check` reads it: whether a copy is whole can be seen without any secret
    path.with_suffix(".sha256").write_text(f"{digest}  {path.name}\n")
    keys_file = copy_keys(store, by, key_copy, name) if key_copy else None
    with store.open_work(by) as work:
        for trial in _kept(work):
            events.write(work, Event.BACKED_UP, trial_id=trial.id, detail={"digest": digest})
    return BackedUp(path, manifest, digest, keys_file)


def copy_keys(store: Store, by: Actor, place: Place, name: str) -> Path:
    """The keys in a sealed file of their own."""
    access.require(by, Verb.BACK_UP)
    place.folder.mkdir(parents=True, exist_ok=True)
    path = _new(place.folder / f"{name}.keys")
    keys.write_copy(store.keys, path, list(place.recipients))
    return path


def _require_apart(data: Place, key_copy: Place) -> None:
    one, other = data.folder.resolve(), key_copy.folder.resolve()
    if one == other or one in other.parents or other in one.parents:
        mend = "Name a place that does not travel with the backup: --keys-to."
        raise BadInput([Problem(str(key_copy.folder), None, None, "keys and data would lie in one place.", mend)])
    if any(mine == theirs for mine in data.recipients for theirs in key_copy.recipients):
        kind = "passphrase" if isinstance(data.recipients[0], Passphrase) else "key"
        mend = "Give the copy of the keys another one."
        raise BadInput([Problem(str(key_copy.folder), None, None, f"one {kind} would open both files.", mend)])


def _new(path: Path) -> Path:
    if path.exists():
        raise Refused(f"{path} is there already. Wait a second, or name another folder.")
    return path


def _kept(work: Work) -> list[Trial]:
    """The trials of an installation that somebody would miss."""
    return [one for one in trials.all_trials(work) if one.kind is not TrialKind.REHEARSAL]


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_fitting(manifest: Manifest, own: keys.Keys) -> None:
    """Refuse keys with which what lies in this backup could not be read."""
    if keys.fingerprint(own) != manifest.keys:
        raise Refused(
            "These keys do not belong to this backup: what is sealed in it could not be read. Nothing was changed. "
            "Name the copy of the keys that was written with it: --keys."
        )


def require_replaceable(standing: Sequence[TrialInside], *, replace: bool) -> None:
    """Refuse to put a backup over a trial without being told to."""
    if not replace and (real := [one for one in standing if one.kind != TrialKind.REHEARSAL.value]):
        names = ", ".join(f"{one.slug} ({one.kind}, {one.state})" for one in real)
        raise Refused(f"This database holds {names}. Nothing was changed. To put the backup in its place: --replace.")


def put_back(
    target: Store, by: Actor, archive: Archive, manifest: Manifest, *, replace: bool, show: Show
) -> dict[str, int]:
    """Replace what lies in the database by a backup, in one transaction; how many mails each trial holds by then.

    The store's keys are those of the backup with new ones for links and sessions: a link or a cookie given out after
    the backup may speak of a row that belongs to somebody else now.
    """
    access.require(by, Verb.RESTORE)
    require_fitting(manifest, target.keys)
    require_replaceable(archives.standing(target.engine), replace=replace)
    with archives.put_in_place(target, by, archive, manifest, show) as work:
        restored.hold(work)
        call_restoring.judge_anew(work)
        held = {}
        for trial in trials.all_trials(work):
            held[trial.slug] = restored.count(work, trial.id)
            detail: dict[str, str | int] = {"taken_at": manifest.taken_at.isoformat(), "held": held[trial.slug]}
            events.write(work, Event.RESTORED, trial_id=trial.id, detail=detail)
    return held


def try_return(fresh: Store, by: Actor, archive: Archive, show: Show) -> bool | None:
    """Put a backup into a fresh place to see that it can be; whether an address was opened, None where there is none.

    Every row is read back and compared. Nothing is held, for nothing is ever sent from there.
    """
    access.require(by, Verb.BACK_UP)
    manifest = archive.manifest()
    require_fitting(manifest, fresh.keys)
    require_replaceable(archives.standing(fresh.engine), replace=False)
    with archives.put_in_place(fresh, by, archive, manifest, show) as work:
        return read_one_identity(work)


def release(work: Work, slug: str) -> int:
    """A person has looked, where one may say so: what a restore holds goes back to the queue."""
    access.require(work.by, Verb.RESUME_TRIAL)
    trial = trials.by_id(work, trials.by_slug(work, slug).id, lock=True)
    if not restored.count(work, trial.id):
        raise Refused(f"Nothing of {slug} is held since a restore.")
    require_one_may(ActKind.RESTORED, trial.kind)
    return give_back(work, trial)


def give_back(work: Work, trial: Trial, detail: Mapping[str, str | int] | None = None) -> int:
    """What a restore holds goes back to the queue, where each mail is decided about as its turn comes."""
    count = restored.release(work, trial.id)
    events.write(
        work, Event.RELEASED, trial_id=trial.id, detail={**(detail or {}), "released": count, "reason": "restored"}
    )
    return count


def read_one_identity(work: Work) -> bool | None:
    """Whether an address can be opened with the keys; None where there is none to try."""
    for trial in trials.all_trials(work):
        for person in participants.of_trial(work, trial.id):
            try:
                return bool(vault.address_of(work, person.id))
            except NotFound:  # erased
                continue
    return None
