"""The words of `equipoise member …`; what they do is loaded when they run."""

from __future__ import annotations

from typing import Annotated

import typer

from trial.cli.options import AsJson, Database, Home, TrialName

members = typer.Typer(no_args_is_help=True, help="The team of a trial: who is on it, and as what.")


@members.command("add")
def member_add(
    trial: TrialName,
    name: Annotated[str, typer.Argument(help="The person's name, as the record shall show it.")],
    role: Annotated[str, typer.Argument(help="owner, coordinator, statistician, unblinded_statistician, …")],
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Put a person on record as on the team, without an account: for a trial's papers, and for trying things out.

    Whoever is to sign in is invited:  equipoise member owner, equipoise member invite

    Example:  equipoise member add my-trial "A. Person" coordinator
    """
    from trial.cli.trials import add_member

    add_member(trial, name, role, home=home, database_url=database_url)


Name = Annotated[str, typer.Argument(help="The person's name, as the record shall show it.")]
Address = Annotated[str, typer.Argument(help="The person's mail address.")]


@members.command("owner")
def member_owner(
    trial: TrialName, name: Name, address: Address, home: Home = None, database_url: Database = None
) -> None:
    """Ask somebody to be an owner of a trial; the first one invites the others from the team's page.

    They get a link by mail, which works once, within a week; it is printed here as well.

    Example:  equipoise member owner my-trial "A. Person" a.person@example.org
    """
    from trial.cli.trials import invite_member

    invite_member(trial, name, address, "owner", home=home, database_url=database_url)


@members.command("invite")
def member_invite(
    trial: TrialName,
    name: Name,
    address: Address,
    role: Annotated[str, typer.Argument(help="owner, coordinator, statistician, unblinded_statistician, …")],
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Ask somebody to take a role in a trial.

    Example:  equipoise member invite my-trial "B. Person" b.person@example.org safety_contact
    """
    from trial.cli.trials import invite_member

    invite_member(trial, name, address, role, home=home, database_url=database_url)


@members.command("renew")
def member_renew(trial: TrialName, address: Address, home: Home = None, database_url: Database = None) -> None:
    """Let a member who lost password, app or codes choose anew. Old ones are void at once, and every session ends.

    Make sure that it is really them who asks.

    Example:  equipoise member renew my-trial a.person@example.org
    """
    from trial.cli.trials import renew_member

    renew_member(trial, address, home=home, database_url=database_url)


@members.command("list")
def member_list(trial: TrialName, home: Home = None, database_url: Database = None, as_json: AsJson = False) -> None:
    """Show the team of a trial.

    Example:  equipoise member list my-trial
    """
    from trial.cli.trials import list_members

    list_members(trial, home=home, database_url=database_url, as_json=as_json)


def sign_in(home: Home = None, database_url: Database = None) -> None:
    """Sign in as a member: for 15 minutes commands act as you, with your roles, and are recorded so.

    Example:  equipoise sign-in
    """
    from trial.cli import proofs

    proofs.sign_in(home=home, database_url=database_url)


def sign_out(home: Home = None, database_url: Database = None) -> None:
    """Let commands act as the operator of this machine again.

    Example:  equipoise sign-out
    """
    from trial.cli import proofs

    proofs.sign_out(home=home, database_url=database_url)
