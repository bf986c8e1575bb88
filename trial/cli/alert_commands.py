"""The words of `equipoise alert …`; what they do is loaded when they run."""

from __future__ import annotations

import typer

from trial.cli.options import AsJson, Database, Home, TrialName

alerts = typer.Typer(no_args_is_help=True, help="Whom alerts call, and a test of it.")


@alerts.command("test")
def alert_test(trial: TrialName, home: Home = None, database_url: Database = None) -> None:
    """Call who is on call in the coming 14 days and has not acknowledged a test, without any participant.

    The mails go out with the worker's next tick. Their link leads to the roster's page, where each says that it reached
    them; the opening gate asks that all have.

    Example:  equipoise alert test my-trial
    """
    from trial.cli.alerts import call_as_a_test

    call_as_a_test(trial, home=home, database_url=database_url)


@alerts.command("roster")
def alert_roster(trial: TrialName, home: Home = None, database_url: Database = None, as_json: AsJson = False) -> None:
    """Show who would be called at this moment, in turn.

    Example:  equipoise alert roster my-trial
    """
    from trial.cli.alerts import show_roster

    show_roster(trial, home=home, database_url=database_url, as_json=as_json)
