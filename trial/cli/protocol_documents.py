"""Commands that turn a protocol folder into something to read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from trial.cli.places import find_protocol, ready_store, settings_of
from trial.cli.proofs import acting
from trial.core.errors import BadInput, Problem
from trial.protocol_files import ProtocolFolder
from trial.services import seals


def show_protocol(
    name: str | None, trial: str | None, formats: str, out: Path, *, home: Path | None, database_url: str | None
) -> None:
    """Write the document that an ethics board reads; progress on standard error, then the files' names."""
    from reports.protocol_document import FORMATS, build_protocol_document

    wanted = [one.strip() for one in formats.split(",") if one.strip()]
    unknown = [one for one in wanted if one not in FORMATS]
    if unknown or not wanted:
        what = f"{', '.join(unknown) or 'nothing'} is not a format of the protocol's document."
        raise BadInput([Problem("--format", None, None, what, f"Use any of {', '.join(FORMATS)}.")])
    if (name is None) == (trial is None):
        mend = "equipoise protocol show PROTOCOL, or equipoise protocol show --trial NAME"
        raise BadInput([Problem("protocol show", None, None, "name a protocol or a trial, one of the two.", mend)])
    folder, told = (find_protocol(name), []) if name is not None else _of_trial(trial or "", home, database_url)
    for path in build_protocol_document(folder, out, wanted, _progress, published=told):
        typer.echo(str(path))


def _progress(step: str) -> None:
    typer.echo(f"{step} …", err=True)


def _of_trial(slug: str, home: Path | None, database_url: str | None) -> tuple[ProtocolFolder, list[tuple[str, str]]]:
    """The version that a trial runs, and what it has published of its allocation."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, slug), write=False) as work:
        found = seals.of_trial(work, slug)
    told = [("Trial", slug)]
    if found.commitment:
        told.append(("Commitment to the system's share of the seed", found.commitment))
    opened = f"{found.digest}, published at the opening, {_when(found.at)}" if found.at else "published at the opening"
    told.append(("Digest of the allocation", opened))
    for one in found.amended:
        since = f"Digest of its rule from allocation {one.allocated_before + 1} on"
        told.append((since, f"{one.configuration}, published {_when(one.published_at)}"))
    return found.folder, told


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
