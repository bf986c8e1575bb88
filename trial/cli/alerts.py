"""`equipoise alert test|roster`."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.services import call_tests, roster


def call_as_a_test(slug: str, *, home: Path | None, database_url: str | None) -> None:
    """Plan the mail and say to whom it goes."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, slug)) as work:
        called = call_tests.ask(work, slug)
    for person in called:
        typer.echo(f"{person.name} is called as a test; the mail leaves with the worker's next tick.")
    typer.echo(f"They say that it reached them at {settings.desk_url.rstrip('/')}/{slug}/roster")


def show_roster(slug: str, *, home: Path | None, database_url: str | None, as_json: bool) -> None:
    """Print whom an alert would call now."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, slug), write=False) as work:
        found, ahead, now = roster.shown(work, slug), call_tests.standing(work, slug), work.now
    if as_json:
        told = {one.person.name: one.counts(now) for one in ahead}
        said = {"in_turn": [one.name for one in found.in_turn], "on_duty": found.on_duty, "acknowledged": told}
        typer.echo(json.dumps(said, indent=2))
        return
    if not found.in_turn:
        typer.echo("Nobody can be called: there is no owner or safety contact with a mail address.")
    elif not found.on_duty:
        typer.echo("Nobody is on duty; the owners are called.")
    for number, person in enumerate(found.in_turn, 1):
        typer.echo(f"{number}. {person.name}")
    for line in found.lines:
        if line.obstacle:
            typer.echo(f"{line.name} {line.obstacle}.")
    if ahead:
        typer.echo("On call in the coming 14 days:")
    for one in ahead:
        state = "has acknowledged a test" if one.counts(now) else "has not acknowledged a test within 30 days"
        typer.echo(f"  {one.person.name} {one.person.obstacle or state}")
