"""`equipoise randomization verify`, `share` and `contribute`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.core.errors import BadInput, Problem
from trial.core.randomization.contributions import MOST
from trial.core.replay import Difference
from trial.services import contributing, verifying
from trial.services.trials import Chance


def verify_trial(slug: str, *, home: Path | None, database_url: str | None, as_json: bool) -> None:
    """Print what was found; the exit code says whether the list holds."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    by = acting(settings, store, slug)
    with store.snapshot(by) as work:
        found = verifying.verify(work, slug)
    if as_json:
        difference = asdict(found.difference) if found.difference else None
        said = {"trial": found.trial, "digest": found.digest, "allocations": found.allocations}
        typer.echo(json.dumps(said | {"holds": found.holds, "difference": difference}, indent=2))
    elif found.difference is None:
        typer.echo(f"{found.trial}: the seed fits the published digest {found.digest}")
        typer.echo(f"All {found.allocations} allocations are what seed, order and levels give; none missing or twice.")
        if found.epochs > 1:
            typer.echo(f"Amendments changed the rule {found.epochs - 1}×; the replay followed it over all epochs.")
    else:
        typer.echo(f"{found.trial}: the list does NOT hold. {in_words(found.difference)}")
    if not found.holds:
        raise typer.Exit(1)


def in_words(one: Difference) -> str:
    """A difference in a sentence, without values where the one who asks may not see them."""
    where = f"Allocation {one.sequence} (stage {one.stage}, {one.participant})" if one.sequence is not None else ""
    values = f": expected {one.expected}, found {one.found}" if one.expected or one.found else ""
    if where:
        return f"{where} is the first that differs, in its {one.what}{values}."
    return f"What differs is {one.what}{f' of {one.participant}' if one.participant else ''}{values}."


def draw_share(slug: str, *, home: Path | None, database_url: str | None) -> None:
    """Draw, seal and commit."""
    settings = settings_of(home=home, database_url=database_url)
    store, chance = ready_store(settings), Chance.from_system()
    by = acting(settings, store, slug)
    with store.open_work(by) as work:
        commitment = contributing.share(work, slug, chance.seed, chance.salt)
    typer.echo(f"{slug}: the system's share of the seed is drawn and sealed.")
    typer.echo(f"commitment  {commitment}")
    typer.echo("Publish it, and send it to whoever contributes, before they do. The trial opens once they have:")
    where = f" --home {home}" if home else ""
    typer.echo(f"  equipoise randomization contribute {slug} --from FILE --by NAME{where}")


def take_contribution(slug: str, given: str, by_name: str, *, home: Path | None, database_url: str | None) -> None:
    """Read, seal, and print the receipt; the contribution itself is printed nowhere."""
    raw = _given(given)
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    by = acting(settings, store, slug)
    with store.open_work(by) as work:
        receipt = contributing.contribute(work, slug, raw, by_name)
    typer.echo(f"{slug}: the contribution is sealed. Whoever gave it keeps it and compares the receipt, its SHA-256:")
    typer.echo(f"receipt  {receipt}")


def _given(place: str) -> bytes:
    if place == "-":
        return sys.stdin.buffer.read(MOST + 3)
    try:
        with Path(place).open("rb") as file:
            return file.read(MOST + 3)
    except OSError as error:
        raise BadInput([Problem(place, None, None, "cannot be read.", "Name a file, or - to type a line.")]) from error
