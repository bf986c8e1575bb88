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
    """Put a person on the team of a trial.

    Example:  equipoise member add my-trial "A. Person" coordinator
    """
    from trial.cli.trials import add_member

    add_member(trial, name, role, home=home, database_url=database_url)


@members.command("list")
def member_list(trial: TrialName, home: Home = None, database_url: Database = None, as_json: AsJson = False) -> None:
    """Show the team of a trial.

    Example:  equipoise member list my-trial
    """
    from trial.cli.trials import list_members

    list_members(trial, home=home, database_url=database_url, as_json=as_json)
