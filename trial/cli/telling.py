"""What `equipoise results` does: show whom the mail would reach, and send it where that was asked for."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.services import results


def tell_results(name: str, *, yes: bool, home: Path | None, database_url: str | None) -> None:
    """Print who is told and who is not; plan the mails with `yes`."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, name), write=yes) as work:
        found = results.tell(work, name) if yes else results.preview(work, name)
    for label, count in asdict(found).items():
        typer.echo(f"{label.replace('_', ' '):<24}{count}")
    if yes:
        typer.echo("The mails are planned: the worker sends them.")
    else:
        typer.echo("Nothing is sent yet. Send with --yes.")
