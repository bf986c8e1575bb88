"""`equipoise cut`: the blind report of a running trial, or what an independent committee reads."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.cli.secrets_given import Given
from trial.core.cuts import TELLS_ARMS, CutKind
from trial.core.errors import BadInput, Problem
from trial.services import cuts, looks
from trial.services.cuts import Cut
from trial.storage.sealed_bundles import SUFFIX, opened_bundle, sealed_bundle
from trial.storage.sealed_files import Seals, read_recipient


@dataclass(frozen=True, slots=True)
class Wish:
    """What the options say; `readers` are the public keys of a committee."""

    dummy_arms: bool = False
    closed: bool = False
    committee: bool = False
    readers: tuple[Path, ...] = ()

    @property
    def kind(self) -> CutKind:
        """One kind of cut, or BadInput."""
        if self.dummy_arms + self.closed + self.committee > 1:
            raise _wrong("--dummy-arms", "one cut is of one kind.", "Take one of --dummy-arms, --closed and --dsmb.")
        if self.committee != bool(self.readers):
            mend = "Name the public key of each reader:  --dsmb --reader KEYFILE"
            raise _wrong("--reader", "a committee's report is sealed for its readers, and only that.", mend)
        if self.dummy_arms:
            return CutKind.DUMMY
        return CutKind.COMMITTEE if self.committee else CutKind.CLOSED if self.closed else CutKind.POOLED


def _wrong(option: str, what: str, mend: str) -> BadInput:
    return BadInput([Problem(option, None, None, what, mend)])


def tell_labels(name: str, number: int, *, home: Path | None, database_url: str | None) -> None:
    """Say which arm each label of an earlier cut was."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, name)) as work:
        found = cuts.labels_of(work, name, number)
    for label, arm in found.items():
        typer.echo(f"{label}: {arm}")


def cut(name: str, out: Path | None, wish: Wish, *, home: Path | None, database_url: str | None) -> None:
    """Take the cut and write its reports, all made before the cut is kept and before any is written."""
    kind = wish.kind
    if out is None:
        raise _wrong("--out", "a cut needs a place for its folder.", "Name one:  --out cuts")
    readers: list[Seals] = [read_recipient(one) for one in wish.readers]
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, name)) as work:
        taken = cuts.take(work, name, kind, secrets.token_bytes(16))
        files, information = _files(taken, kind, readers)
        if information is not None:
            looks.looked(work, name, information)
    from reports.cut import with_sums
    from reports.files import write_whole

    folder = out / f"cut-{taken.number}"
    if kind is CutKind.CLOSED:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in write_whole(folder, with_sums(files)):
        typer.echo(str(path))
    typer.echo(f"cut {taken.number} of {name}: digest {taken.digest}")
    if readers:
        sealed = next(one for one in files if one.endswith(SUFFIX))
        typer.echo(f"A reader opens it:  equipoise open-sealed {folder / sealed} --private-key KEYFILE --out DIR")


def _files(taken: Cut, kind: CutKind, readers: list[Seals]) -> tuple[dict[str, bytes], float | None]:
    """The files, and the share of the information where somebody looks at the arms."""
    from reports.blind import CutFacts
    from reports.closed import closed_files
    from reports.cut import blind_files, read_cut

    frozen = read_cut(taken.files, taken.folder)
    facts = CutFacts(taken.number, taken.taken_at, taken.digest, taken.days, taken.weeks, taken.groups, taken.opened)
    if kind not in TELLS_ARMS:
        return blind_files(frozen, facts), None
    closed = closed_files(frozen, facts, taken.looks)
    found = json.loads(next(data for name, data in closed.items() if name.endswith(".json")))
    information = float(found["interim"]["information"])
    if kind is CutKind.CLOSED:
        return closed, information
    name = f"cut-{taken.number}-closed{SUFFIX}"
    return blind_files(frozen, facts) | {name: sealed_bundle(closed, readers)}, information


def open_sealed(path: Path, private_key: Path, passphrase_file: Path | None, out: Path) -> None:
    """A reader opens the closed report on a machine of their own."""
    secret = Given("the private key", "--passphrase-file", passphrase_file, private_key=private_key).opening()
    from reports.files import write_whole

    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in write_whole(out, opened_bundle(path, secret)):
        typer.echo(str(one))
