"""Who a command acts as: the member who signed in on this machine a short while ago, or else the operator.

The proof is the token of a session for commands alone, in a file of the home that this account alone can read. It
counts for 15 minutes, and ends with the membership or the member's other sessions.
"""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import typer

from trial.cli.places import operator, ready_store, settings_of
from trial.core.access import SYSTEM, Actor
from trial.core.errors import NotFound, Refused
from trial.core.signing_in import COMMAND, Purpose
from trial.services import signing_in, team, trials
from trial.settings import Settings
from trial.storage.members import Member
from trial.storage.work import Store, Work

FILE = "member-proof"
HOW = "Sign in as a member who may:  equipoise sign-in"


def sign_in(*, home: Path | None, database_url: str | None) -> None:
    """Ask for address, password and code, and keep the proof."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    address = typer.prompt("Mail address", err=True)
    password = getpass.getpass("Password: ")
    code = typer.prompt("Code of the app", err=True)
    done = signing_in.sign_in(store.open_work, address, password, code, Purpose.COMMAND)
    _forget(settings, store)
    _keep(settings.home / FILE, done.token)
    minutes = int(COMMAND.total_seconds()) // 60
    typer.echo(f"Commands act as {done.member.name} for {minutes} minutes. To end it:  equipoise sign-out")


def sign_out(*, home: Path | None, database_url: str | None) -> None:
    """End the proof before its time."""
    settings = settings_of(home=home, database_url=database_url)
    _forget(settings, ready_store(settings))
    typer.echo("Commands act as the operator of this machine.")


def acting(settings: Settings, store: Store, slug: str) -> Actor:
    """Who a command about this trial acts as; where there is no such trial yet, the operator."""
    with store.open_work(SYSTEM, write=False) as work:
        if not trials.known(work, slug):
            return operator()
        beside = team.operator_in(work, operator(), slug)
    return proved(settings, store, slug) or beside


def acting_everywhere(settings: Settings, store: Store) -> Actor:
    """Who a command about the whole installation acts as: a member only with what they may do in each of its trials."""
    with store.open_work(SYSTEM, write=False) as work:
        member = _member(settings, work)
        return operator() if member is None else team.everywhere(work, member.id)


def proved(settings: Settings, store: Store, slug: str) -> Actor | None:
    """The member who signed in, with the roles they hold in this trial; None where nobody did."""
    with store.open_work(SYSTEM, write=False) as work:
        member = _member(settings, work)
        if member is None:
            return None
        if not trials.known(work, slug):
            raise NotFound(f"There is no trial named {slug} here.")
        actor = team.acting(work, member.id, slug)
        if not actor.roles:
            raise Refused(f"{member.name} has no role in {slug}. To act as the operator:  equipoise sign-out")
        return actor


def _member(settings: Settings, work: Work) -> Member | None:
    """Whose proof lies in the home; one whose time is over is said once, and gone."""
    token = _token(settings.home / FILE)
    if token is None:
        return None
    found = signing_in.of_token(work, token)
    if found is None or found[0].purpose is not Purpose.COMMAND:
        (settings.home / FILE).unlink(missing_ok=True)
        raise Refused(f"The time of your sign-in is over. {HOW}, or run the command again to act as the operator.")
    return found[1]


def _forget(settings: Settings, store: Store) -> None:
    path = settings.home / FILE
    token = _token(path)
    if token is None:
        return
    with store.open_work(SYSTEM) as work:
        found = signing_in.of_token(work, token)
        if found is not None:
            signing_in.sign_out(work, found[0])
    path.unlink(missing_ok=True)


def _keep(path: Path, token: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token)


def _token(path: Path) -> str | None:
    try:
        return path.read_text().strip() or None
    except FileNotFoundError:
        return None
