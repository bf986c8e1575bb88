"""The words of `equipoise delivery …`; what they do is loaded when they run."""

from __future__ import annotations

from typing import Annotated

import typer

from trial.cli.options import AsJson, Database, Home, TrialName

deliveries = typer.Typer(no_args_is_help=True, help="How the mails go: hour by hour, and each mail of a person.")


@deliveries.command("status")
def status(
    trial: TrialName,
    hours: Annotated[int, typer.Option(min=0, max=24 * 14, help="How many hours back.")] = 24,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every few seconds until Ctrl-C.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """What fell due in each hour, what became of it, and how late the oldest mail is.

    planned: its time has not come. due: it waits for a worker, or to be tried again. held: it waits for a decision, in
    a pause, after a restore, or where somebody wrote that they want no more. sent: the other mail server took it. not
    wanted: left out on purpose, for the answer was in, the person stopped or paused, or a rule says so. too late: it
    would be of no use any more. came back: there is no such address. failed: refused for good, or it could not be
    written. in doubt: the connection broke while it was handed over.

    Ends with 1 where a mail has been due for more than five minutes.

    Examples:\n
      equipoise delivery status my-trial --home my-home\n
      equipoise delivery status my-trial --watch --hours 3
    """
    from trial.cli.deliveries import show_status

    show_status(trial, hours=hours, watch=watch, as_json=as_json, home=home, database_url=database_url)


@deliveries.command("explain")
def explain(
    trial: TrialName,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The person's study code.")],
    as_json: AsJson = False,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Every mail to one person: when it was to leave, what became of it, and why.

    Example:  equipoise delivery explain my-trial K7M2PQ4R --home my-home
    """
    from trial.cli.deliveries import show_story

    show_story(trial, code, as_json=as_json, home=home, database_url=database_url)


@deliveries.command("retime")
def retime(trial: TrialName, home: Home = None, database_url: Database = None) -> None:
    """Bring what is to come to its hour again, after an update of the time zones' rules.

    What was sent stays, nothing moves into the past, and running it twice changes nothing.

    Example:  equipoise delivery retime my-trial --home my-home
    """
    from trial.cli.deliveries import follow_clocks

    follow_clocks(trial, home=home, database_url=database_url)
