"""`equipoise backup`, `restore`, `drill` and `keys …`: what they print, and where the files lie."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typer

from trial.cli.places import operator, ready_store, settings_of
from trial.cli.proofs import acting, acting_everywhere
from trial.cli.secrets_given import Given
from trial.core import access
from trial.core.access import Verb
from trial.core.errors import BadInput, Problem, Refused
from trial.core.trial import TrialKind
from trial.services import backups, call_restoring, evidence, trials
from trial.services.backups import Place
from trial.settings import Settings
from trial.storage import archives, keys
from trial.storage.archives import Archive, Manifest, TrialInside
from trial.storage.engine import connect
from trial.storage.keys import Keys
from trial.storage.scratch import scratch_database, scratch_file
from trial.storage.sealed_files import Passphrase, Seals, make_pair
from trial.storage.work import Store


def back_up(
    folder: Path, data: Given, keys_to: Path | None, key_copy: Given, *, home: Path | None, database_url: str | None
) -> None:
    """Write a backup, and the copy of the keys where a place for it is named."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    by = acting_everywhere(settings, store)
    copy = Place(keys_to, key_copy.sealing()) if keys_to else None
    with _progress("Backing up") as show:
        done = backups.back_up(store, by, Place(folder, data.sealing()), copy, show)
    _describe(done.manifest)
    typer.echo(f"backup    {done.file}")
    typer.echo(f"sha256    {done.digest}")
    if done.keys_file:
        typer.echo(f"keys      {done.keys_file}: take it to another place than the backup")
    else:
        typer.echo("The keys are not in it, and without them nobody can read it. A copy:  --keys-to DIR")


def _describe(manifest: Manifest) -> None:
    typer.echo(f"taken     {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC, schema {manifest.schema}")
    typer.echo(f"trials    {_listed(manifest.trials)}")
    typer.echo(f"rows      {manifest.rows} in {len(manifest.tables)} tables")


def _listed(trials: list[TrialInside]) -> str:
    return ", ".join(f"{one.slug} ({one.kind}, {one.state})" for one in trials) or "none"


@contextmanager
def _progress(what: str) -> Iterator[archives.Show]:
    """A line that says which table is in hand, where somebody watches."""
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …") as status:
        yield lambda table: status.update(f"{what} … {table}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `restore` was asked for."""

    backup: Path
    data: Given
    keys: Path | None
    key_copy: Given
    replace: bool
    yes: bool


def put_back(wanted: Wanted, *, home: Path | None, database_url: str | None) -> None:
    """Show what would be replaced by what, and with --yes do it."""
    settings = settings_of(home=home, database_url=database_url)
    archive = Archive(_newest(wanted.backup), wanted.data.opening())
    with _progress("Reading the backup"):
        manifest = archive.manifest()
    own = _keys(settings, wanted.keys, wanted.key_copy)
    backups.require_fitting(manifest, own)
    standing = _standing(settings)
    _describe(manifest)
    typer.echo(f"replaces  {_listed(standing)}" if standing else "replaces  nothing: there is no trial there")
    backups.require_replaceable(standing, replace=wanted.replace)
    _require_own_keys(settings, own, replace=wanted.replace)
    _require_consent(settings, standing)
    if not wanted.yes:
        typer.echo("Nothing was changed. Stop every service, then do it with --yes")
        return
    _put_in(settings, archive, manifest, own, wanted)


def _require_consent(settings: Settings, standing: list[TrialInside]) -> None:
    """What replaces a live trial that has a team is a member's to say; an empty place has nobody to ask.

    The hands are the operator's in any case, and the record says so: the members of the backup are those of its day.
    """
    live = [one.slug for one in standing if one.kind == TrialKind.LIVE.value]
    if live:
        store = ready_store(settings)
        for slug in live:
            access.require(acting(settings, store, slug), Verb.RESTORE)


def _put_in(settings: Settings, archive: Archive, manifest: Manifest, own: Keys, wanted: Wanted) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    renewed = keys.new_links_and_sessions(own)
    target = Store(connect(settings.database()), renewed)
    with _progress("Putting it back") as show:
        held = backups.put_back(target, operator(), archive, manifest, replace=wanted.replace, show=show)
    keys.keep(settings.home / "keys", renewed)
    typer.echo(f"Put back and compared row by row: {manifest.rows} rows in {len(manifest.tables)} tables.")
    typer.echo("Sessions have ended, and links sent after the backup open nothing: there are new keys for both.")
    for slug, count in held.items():
        if count:
            typer.echo(f"{slug}: {count} mails were due and are held. Look, then:  equipoise release {slug}")
    _tell_of_calls(target, list(held))


def _tell_of_calls(target: Store, slugs: list[str]) -> None:
    with target.open_work(operator(), write=False) as work:
        left = {slug: call_restoring.left(work, trials.find(work, slug).id) for slug in slugs}
    for slug, found in left.items():
        if found.invitations:
            many = f"{found.invitations} invitations to the team had not left, and their links are dead"
            typer.echo(f"{slug}: {many}. An owner sends each again on the page Team")
            typer.echo(f"Where no owner can sign in yet:  equipoise member owner {slug} NAME ADDRESS")
        if found.matters:
            typer.echo(f"{slug}: {found.matters} matters that stood open call the team again once the worker runs")


def _newest(given: Path) -> Path:
    if not given.is_dir():
        return given
    found = sorted(given.glob(f"*{archives.SUFFIX}"))
    if not found:
        raise BadInput([Problem(str(given), None, None, "there is no backup in this folder.", "Name the file.")])
    return found[-1]


def _standing(settings: Settings) -> list[TrialInside]:
    if not settings.database_url and not settings.database_file.is_file():
        return []
    return archives.standing(connect(settings.database()))


def _keys(settings: Settings, copy: Path | None, given: Given) -> Keys:
    """Those of the copy, else those of the home; none are made."""
    if copy is not None:
        return keys.read_copy(copy, given.opening())
    folder = settings.home / "keys"
    if missing := keys.missing_keys(folder):
        mend = "Name the copy that was written with the backup: --keys FILE."
        raise BadInput([Problem(str(folder / missing[0]), None, None, "there are no keys here.", mend)])
    return keys.load_keys(folder)


def _require_own_keys(settings: Settings, own: Keys, *, replace: bool) -> None:
    """Keys that open something else are not written over."""
    folder = settings.home / "keys"
    if replace or keys.missing_keys(folder):
        return
    if keys.fingerprint(keys.load_keys(folder)) != keys.fingerprint(own):
        raise Refused(f"{folder} holds other keys. Nothing was changed. To replace them: --replace.")


def run_drill(
    folder: Path,
    data: Given,
    copy: Path | None,
    key_copy: Given,
    into: str | None,
    *,
    home: Path | None,
    database_url: str | None,
) -> None:
    """A backup, its return into a fresh place, and what was seen."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    by = acting_everywhere(settings, store)
    sealing, opening = data.both()
    own = _keys(settings, copy, key_copy)
    before = sorted(folder.glob(f"*{archives.SUFFIX}")) if folder.is_dir() else []
    began = time.monotonic()
    with _progress("Backing up") as show:
        done = backups.back_up(store, by, Place(folder, sealing), None, show)
    taken = time.monotonic()
    archive = Archive(done.file, opening)
    with _progress("Putting it back elsewhere") as show, _fresh(into, store) as url:
        seen = backups.try_return(Store(connect(url), own), by, archive, show)
    back = time.monotonic()
    kind = url.partition(":")[0].partition("+")[0]
    detail = {
        "file": done.file.name,
        "sha256": done.digest,
        "rows": done.manifest.rows,
        "identity": {True: "read", False: "wrong", None: "none yet"}[seen],
        "into": kind,
        "database": store.engine.dialect.name,
        "keys": "copy" if copy else "home",
        "backup_seconds": round(taken - began, 1),
        "restore_seconds": round(back - taken, 1),
    }
    with store.open_work(by) as work:
        slugs = evidence.record_for_all(work, "backup", detail)
    _report(done, detail, before, slugs)


@contextmanager
def _fresh(into: str | None, store: Store) -> Iterator[str]:
    """A database that nothing lies in: the one that was named, else one of the same kind that is gone afterwards."""
    if into is not None:
        if archives.standing(connect(into)):
            raise Refused("The database for the drill holds trials. Name an empty one.")
        yield into
        return
    with scratch_database(store.engine) as url:
        if url is not None:
            yield url
            return
    with scratch_file() as url:
        yield url


def _report(done: backups.BackedUp, detail: dict[str, object], before: list[Path], slugs: list[str]) -> None:
    identity = {"read": "one was opened with the keys", "none yet": "nobody is in it yet; the keys fit"}
    typer.echo(f"backup           {done.file}, {detail['backup_seconds']} s")
    typer.echo(f"put back into    {detail['into']}, every row of {len(done.manifest.tables)} tables compared")
    if detail["into"] != detail["database"]:
        _say_which_kind(str(detail["database"]))
    typer.echo(f"an address       {identity[str(detail['identity'])]}")
    typer.echo(
        f"recovery time    {detail['restore_seconds']} s for {detail['rows']} rows, once file and keys are there"
    )
    typer.echo(f"recovery point   {_lost(done, before)}")
    if slugs:
        typer.echo(f"evidence         kept for {', '.join(slugs)}")


def _say_which_kind(kind: str) -> None:
    """The drill did not try what a restore would do."""
    for line in (
        f"the trials lie in {kind}: whether that takes a backup back was not tried. Where the",
        "account may make a database there, the drill makes one and throws it away; else",
        f"have an empty one made, and name it:  --into {kind}://…",
    ):
        typer.echo(f"                 {line}")


def _lost(done: backups.BackedUp, before: list[Path]) -> str:
    """What would be lost at the worst: what came since the backup before."""
    try:
        last = datetime.strptime(before[-1].stem, "equipoise-%Y%m%dT%H%M%S%z") if before else None
    except ValueError:
        last = None
    if last is None:
        return "the time between two backups; there is no earlier one in this folder"
    hours = (done.manifest.taken_at - last).total_seconds() / 3600
    return f"the time between two backups; the one before was taken {hours:.1f} h earlier"


def make_custodian(file: Path, given: Given) -> None:
    """Write a pair of keys; neither half is written over another."""
    public_file = file.with_name(f"{file.name}.pub")
    words = given.sealing()[0]
    assert isinstance(words, Passphrase)
    private, public = make_pair(words.words)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as locked:
        locked.write(private)
    public_file.write_bytes(public)
    typer.echo(f"private key  {file}: stays with the custodian, with its passphrase")
    typer.echo(f"public key   {public_file}: for  equipoise keys escrow DIR --recipient {public_file.name}")


def escrow_keys(folder: Path, given: Given, *, home: Path | None, database_url: str | None) -> None:
    """Write the custodian's copy, and keep that it was written."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    by = acting_everywhere(settings, store)
    recipients: list[Seals] = given.sealing()
    with store.open_work(by) as work:
        name = f"escrow-{work.machine_now:%Y%m%dT%H%M%SZ}"
        path = backups.copy_keys(store, by, Place(folder, recipients), name)
        detail = {"file": path.name, "sha256": backups.digest_of(path), "keys": keys.fingerprint(store.keys)}
        slugs = evidence.record_for_all(work, "keys", detail)
    typer.echo(f"keys      {path}: give it to the custodian, and keep none beside the backups")
    if slugs:
        typer.echo(f"evidence  kept for {', '.join(slugs)}")
