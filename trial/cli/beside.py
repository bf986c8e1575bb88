"""`equipoise open --beside TRIAL`: a test trial for the team, from the very protocol of a live trial."""

from __future__ import annotations

from pathlib import Path

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.core.errors import BadInput
from trial.rehearsal.outside_list import pretend_list
from trial.services import companions
from trial.services.trials import Chance


def open_beside(slug: str, protocol: str | None, *, home: Path | None, database_url: str | None) -> None:
    """Open it, and say where it is."""
    if protocol is not None:
        mend = "Leave the protocol out: the test trial takes the version by which the live trial goes."
        raise BadInput.at("PROTOCOL", "a protocol and --beside do not go together.", mend)
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, slug)) as work:
        trial = companions.open_beside(work, slug, chance=Chance.from_system(), listed=pretend_list)
    at = f" --home {home}" if home else ""
    typer.echo(f"Test trial {trial.slug} stands beside {slug}: {trial.base_url}/{trial.slug}")
    typer.echo(f"Join there as test people, and never in {slug}. Nothing of it counts or is told in {slug}.")
    typer.echo(f"After an amendment of {slug}, open another: this one stays with its version.")
    typer.echo(f"Its team:  equipoise member owner {trial.slug} NAME ADDRESS{at}")
