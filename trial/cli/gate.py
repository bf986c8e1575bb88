"""`equipoise prepare`, `gate show` and `gate rehearsal`, and the opening of a live trial."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from trial.cli.places import find_drawable, ready_store, settings_of
from trial.cli.proofs import acting
from trial.cli.web_address import require_web_address
from trial.core.errors import BadInput, Problem, Refused
from trial.core.gate import Line
from trial.core.randomization import Entries
from trial.protocol_files import ProtocolFolder
from trial.services import evidence, gate, preparing, rehearsing, trials
from trial.services.trials import Chance
from trial.settings import Settings

MARKER = "rehearsal.json"


def prepare_trial(
    protocol: str, *, name: str | None, base_url: str | None, home: Path | None, database_url: str | None
) -> None:
    """Store the protocol of a live trial, and say what comes next."""
    folder = find_drawable(protocol)
    settings = settings_of(home=home, database_url=database_url, base_url=base_url)
    require_web_address(settings.base_url)
    slug = name or folder.protocol.id
    store = ready_store(settings, new=True)
    with store.open_work(acting(settings, store, slug)) as work:
        if rehearsing.is_pretend(work):
            raise Refused("This database belongs to a rehearsal and stays one. Name another home or database.")
        trial = preparing.prepare(work, folder, slug=slug, base_url=settings.base_url)
    at = f" --home {home}" if home else ""
    typer.echo(f"{slug} is in preparation. Nobody can take part yet; {trial.base_url}/{slug} says so.")
    typer.echo(f"protocol digest  {folder.digest}")
    typer.echo(f"Next:  equipoise gate show {slug}{at}")


def open_live(folder: ProtocolFolder, slug: str, settings: Settings, entries: Entries | None = None) -> None:
    """Open a trial in preparation, or say line by line why not."""
    if not (settings.database_url or settings.database_file.is_file()):
        raise Refused(
            f"{slug} is not prepared in {settings.home}. A live trial first: equipoise prepare. A test: --test"
        )
    store = ready_store(settings)
    with store.open_work(acting(settings, store, slug)) as work:
        trial, lines = gate.open_prepared(
            work, slug, folder, mail_from=settings.mail_from, chance=Chance.from_system(), entries=entries
        )
        digest = trials.seed_digest(work, trial.id)
    _print(lines)
    if digest is None:
        raise Refused(f"{slug} does not open: {_refused(lines)}. Nothing was changed.")
    typer.echo(f"{slug} is open at {trial.base_url}/{slug}")
    typer.echo(f"protocol digest  {folder.digest}")
    typer.echo(f"seed digest      {digest}")


def show_gate(slug: str, *, home: Path | None, database_url: str | None, as_json: bool) -> None:
    """Print the gate as it stands."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, slug), write=False) as work:
        lines = gate.lines(work, slug, mail_from=settings.mail_from)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in lines], indent=2))
    else:
        _print(lines)
        typer.echo(_refused(lines))
    if not all(one.green for one in lines):
        raise typer.Exit(1)


def _print(lines: Sequence[Line]) -> None:
    for one in lines:
        typer.echo(f"{'green  ' if one.green else 'REFUSED'}  {one.label}")
        if one.told:
            typer.echo(f"         {one.told}")
        if not one.green:
            typer.echo(f"         {one.missing}")
            typer.echo(f"         Mend: {one.mend}")


def _refused(lines: Sequence[Line]) -> str:
    count = sum(not one.green for one in lines)
    return f"{count} of {len(lines)} lines are refused" if count else f"all {len(lines)} lines are green"


def record_rehearsal(slug: str, demo: Path, *, read: bool, home: Path | None, database_url: str | None) -> None:
    """Keep that a finished demo of the version in preparation was read."""
    said = _marker(demo)
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, slug)) as work:
        trial = trials.find(work, slug)
        digest = trials.folder(work, trial.protocol_id).digest
        if said.get("digest") != digest:
            raise Refused(f"{demo} rehearsed another version than the one in preparation. Run the demo of this one.")
        if not read:
            raise Refused(f"Read {demo / 'report.html'} with the team first; then say so with --read.")
        evidence.record(work, trial, "rehearsal", said)
    typer.echo(f"The rehearsal in {demo} is on record for {slug}.")


def _marker(demo: Path) -> dict[str, object]:
    try:
        said = json.loads((demo / MARKER).read_text(encoding="utf-8"))
        if said["finished"] is True:
            return {name: said.get(name) for name in ("digest", "participants", "seed")}
    except (OSError, ValueError, TypeError, KeyError):
        pass
    mend = "Name the folder that `equipoise demo --out` wrote."
    raise BadInput([Problem(str(demo), None, None, "no finished demo lies here.", mend)])
