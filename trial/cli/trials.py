"""Commands on a trial: open, status, pause, resume, close, freeze, members, migrate."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from trial.cli.gate import open_live
from trial.cli.outside_lists import outside_list
from trial.cli.places import find_drawable, operator, ready_store, settings_of
from trial.cli.proofs import acting
from trial.cli.web_address import require_web_address
from trial.core.access import Role
from trial.core.errors import BadInput, Problem, Refused
from trial.core.signing_in import Invitation
from trial.core.trial import TrialKind
from trial.services import companions, contributing, rehearsing, team, trials
from trial.services import freeze as freezing
from trial.services.trials import Chance
from trial.settings import Settings
from trial.storage import schema


def open_trial(
    protocol: str,
    *,
    test: bool,
    placeholder_wording: bool,
    allocation_list: Path | None,
    name: str | None,
    base_url: str | None,
    home: Path | None,
    database_url: str | None,
) -> None:
    """Open a test trial; a live one only through its gate."""
    folder = find_drawable(protocol)
    slug = name or folder.protocol.id
    settings = settings_of(home=home, database_url=database_url, base_url=base_url)
    entries = outside_list(folder, allocation_list) if allocation_list else None
    if not test:
        open_live(folder, slug, settings, entries)
        return
    trials.require_wording(folder, TrialKind.TEST, placeholder_wording=placeholder_wording)
    require_web_address(settings.base_url)
    with ready_store(settings, new=True).open_work(operator()) as work:
        if rehearsing.is_pretend(work):
            raise Refused("This database belongs to a rehearsal and stays one. Name another home or database.")
        trial = trials.open_trial(
            work,
            folder,
            slug=slug,
            kind=TrialKind.TEST,
            base_url=settings.base_url,
            chance=Chance.from_system(),
            target=None,
            placeholder_wording=placeholder_wording,
            entries=entries,
        )
        digest = trials.seed_digest(work, trial.id)
    typer.echo(f"Test trial {slug} is open at {settings.base_url}/{slug}")
    typer.echo(f"protocol digest  {folder.digest}")
    typer.echo(f"seed digest      {digest}")
    typer.echo("Next:  equipoise serve" + (f" --home {home}" if home else ""))


def show_status(name: str, *, home: Path | None, database_url: str | None, as_json: bool) -> None:
    """Print where a trial stands."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, name), write=False) as work:
        status = trials.status(work, name)
        beside = companions.stands_beside(work, status.trial)
    if as_json:
        typer.echo(json.dumps(asdict(status), indent=2, default=str))
        return
    for label, value in [*_lines(status), *_of_companion(beside)]:
        typer.echo(f"{label:<24}{value}")


def _lines(status: trials.Status) -> list[tuple[str, Any]]:
    trial = status.trial
    late = f"{status.oldest_due:%Y-%m-%d %H:%M} UTC" if status.oldest_due else "nothing"
    contacts = ", ".join(f"{count} {state}" for state, count in status.contacts.items()) or "none"
    return [
        ("trial", f"{trial.slug} ({trial.kind.value}, {trial.state.value})"),
        ("time", f"{status.now:%Y-%m-%d %H:%M} UTC"),
        ("assessed", status.assessed),
        ("eligible", status.eligible),
        ("consented", status.consented),
        ("held for a look", status.held),
        ("randomised", f"{status.randomized} of {trial.target}"),
        ("stopped", status.stopped),
        ("mails", contacts),
        ("due and not sent since", late),
        ("open reports of harm", status.open_adverse_events),
        ("wish to be written to", status.wanting_contact),
        ("OPEN ALERTS" if status.open_alerts else "open alerts", status.open_alerts),
        ("protocol digest", status.protocol_digest),
        ("seed digest", status.seed_digest or "none: the seed is sealed on opening"),
        *_of_contributions(status.contributions),
        *((f"rule from number {one.allocated_before + 1} on", one.configuration) for one in status.designs),
    ]


def _of_companion(beside: companions.Beside | None) -> list[tuple[str, str]]:
    """What a test trial says of the live one that it stands beside."""
    if beside is None:
        return []
    older = (
        ", WHICH GOES BY A NEWER VERSION NOW: open another beside it" if beside.is_older else ", of the same version"
    )
    return [("stands beside", f"{beside.trial.slug}{older}")]


def _of_contributions(told: contributing.Told | None) -> list[tuple[str, str]]:
    """What is published of a seed from two contributions."""
    if told is None:
        return []
    given = f"by {told.given_by}, receipt {told.receipt}" if told.given_by else "waited for: the trial opens after it"
    return [("commitment to the share", told.commitment), ("contribution", given)]


def change(verb: str, name: str, *, home: Path | None, database_url: str | None) -> None:
    """Pause a trial, or close it."""
    act = {"pause": trials.pause, "close": trials.close}[verb]
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, name)) as work:
        trial = act(work, name)
    typer.echo(f"{trial.slug} is {trial.state.value}.")


def freeze_trial(name: str, out: Path, *, home: Path | None, database_url: str | None) -> None:
    """Write the frozen files."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, name)) as work:
        files = freezing.freeze(work, name)
        freezing.write_freeze(files, out)
    typer.echo(f"{name} is frozen in {out}: digest {json.loads(files['freeze.json'])['digest']}")


def add_member(name: str, person: str, role: str, *, home: Path | None, database_url: str | None) -> None:
    """Put somebody on the team."""
    granted = role_of(role)
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, name)) as work:
        trials.add_member(work, name, person, granted)
    typer.echo(f"{person} is {role.replace('_', ' ')} of {name}.")


def invite_member(
    name: str, person: str, address: str, role: str, *, home: Path | None, database_url: str | None
) -> None:
    """Ask somebody by mail, and print the link to who runs the server."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, name)) as work:
        invitation = team.invite(work, name, name=person, address=address, role=role_of(role))
        link = team.link_of(work, invitation, settings.desk_url)
    _say_link(invitation, link, settings)


def renew_member(name: str, address: str, *, home: Path | None, database_url: str | None) -> None:
    """Somebody lost app and codes, or the password: they choose anew, and everything before is void."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(operator()) as work:
        invitation = team.renew(work, name, address)
        link = team.link_of(work, invitation, settings.desk_url)
    _say_link(invitation, link, settings)


def _say_link(invitation: Invitation, link: str, settings: Settings) -> None:
    typer.echo(
        f"{invitation.name} is asked to be {invitation.role.value.replace('_', ' ')}. The link, once, for a week:"
    )
    typer.echo(link)
    where = "the local mailbox" if not settings.smtp_url else invitation.address
    typer.echo(f"It goes by mail to {where} as well, once `equipoise serve` or a worker runs.")


def role_of(role: str) -> Role:
    """A role by its name."""
    roles = [one.value for one in Role if one is not Role.OPERATOR]
    if role not in roles:
        raise BadInput([Problem("ROLE", None, None, f"{role!r} is no role.", f"Use one of {', '.join(roles)}.")])
    return Role(role)


def list_members(name: str, *, home: Path | None, database_url: str | None, as_json: bool) -> None:
    """Print the team."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, name), write=False) as work:
        found = trials.list_members(work, name)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2, default=str))
        return
    for one in found:
        typer.echo(f"{one.name:<30}{one.role.value.replace('_', ' ')}")
    if not found:
        typer.echo(f"Nobody is on the team of {name} yet. Add somebody:  equipoise member add {name} NAME ROLE")


def migrate_database(*, home: Path | None, database_url: str | None) -> None:
    """Run the migrations."""
    store = settings_of(home=home, database_url=database_url).store()
    schema.upgrade(store.engine)
    typer.echo(f"The database stands at version {schema.current(store.engine)}.")
