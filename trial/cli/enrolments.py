"""`equipoise enrolment held|release|refuse`: a member of the team decides about held enrolments."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import typer

from trial.cli.places import operator, ready_store, settings_of
from trial.cli.proofs import acting, proved
from trial.core.access import MAY, Actor, Verb
from trial.core.errors import NotAllowed
from trial.core.trial import TrialKind
from trial.services import reviews, team, trials
from trial.services.reviews import Held
from trial.settings import Settings
from trial.storage.work import Store


def show_held(slug: str, member: str | None, *, home: Path | None, database_url: str | None, as_json: bool) -> None:
    """Print everyone who waits."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(_member(settings, store, slug, member), write=False) as work:
        waiting = reviews.held(work, slug)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in waiting], indent=2, default=str))
        return
    if not waiting:
        typer.echo("Nobody waits.")
    for one in waiting:
        _print(one)


def _print(one: Held) -> None:
    state = "released; waits for those who came before" if one.decision else "not decided"
    typer.echo(f"{one.code}  since {one.since:%Y-%m-%d %H:%M} UTC  {state}")
    for sign in one.signs:
        typer.echo(f"    {sign.signal}: {sign.words}" + ("" if sign.holds else " (does not hold by itself)"))
    if one.obstacle:
        typer.echo(f"    cannot be released: {one.obstacle}")


def decide(
    what: Literal["release", "refuse"],
    slug: str,
    code: str,
    member: str | None,
    reason: str,
    *,
    home: Path | None,
    database_url: str | None,
) -> None:
    """Keep one decision and say what followed from it."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(_member(settings, store, slug, member)) as work:
        allocated = (reviews.release if what == "release" else reviews.refuse)(work, slug, code, reason)
    said = {0: "nobody was allocated", 1: "1 person was allocated"}.get(allocated, f"{allocated} people were allocated")
    typer.echo(f"{code} is {what}d; {said}." + _why(what, allocated))


def _why(what: str, allocated: int) -> str:
    waits = what == "release" and not allocated
    return " Places are given in the order of arrival: decide first about those who came before." if waits else ""


def _member(settings: Settings, store: Store, slug: str, name: str | None) -> Actor:
    """The member who signed in; or, named by `--as`, one who is on record only, which a live trial does not take."""
    signed_in = proved(settings, store, slug)
    with store.open_work(operator(), write=False) as work:
        trial = trials.find(work, slug)
        roles = [one for one in trials.list_members(work, slug) if one.name == name]
        joined = any(team.may_sign_in(work, one.member_id) for one in roles)
    if signed_in is not None:
        if name is not None and str(signed_in) not in {f"member:{one.member_id}" for one in roles}:
            raise NotAllowed(f"{name} did not sign in. Leave --as away to act as who did.")
        return signed_in
    if name is None:
        return acting(settings, store, slug)
    if not roles:
        raise NotAllowed(f"{name} is not on the team of {slug}. See: equipoise member list {slug}")
    if joined or trial.kind is TrialKind.LIVE:
        raise NotAllowed(f"Nobody else acts as {name}.")
    for one in roles:
        if Verb.REVIEW_ENROLMENT in MAY[one.role]:
            return Actor(f"member:{one.member_id}", one.role)
    raise NotAllowed(f"{name} may not review enrolments of {slug}: an owner or a coordinator may.")
