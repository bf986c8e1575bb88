"""`equipoise results`: tell everyone who took part what came out."""

from __future__ import annotations

from typing import Annotated

import typer

from trial.cli.options import Database, Home, TrialName


def results(
    trial: TrialName,
    yes: Annotated[bool, typer.Option("--yes", help="Send the mails; without it nothing is sent.")] = False,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Tell people the results.

    One mail, with a link to the text `results` of the protocol, to everyone who took part and may still be written
    to. Shows how many these are, and sends with --yes. Whoever was told is not told again.

    Example:  equipoise results my-trial --home my-home --yes
    """
    from trial.cli.telling import tell_results

    tell_results(trial, yes=yes, home=home, database_url=database_url)
