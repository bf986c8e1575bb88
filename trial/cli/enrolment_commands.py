"""The words of `equipoise enrolment …`; what they do is loaded when they run."""

from __future__ import annotations

from typing import Annotated

import typer

from trial.cli.options import AsJson, Database, Home, TrialName

enrolments = typer.Typer(
    no_args_is_help=True, help="Enrolments that automatic checks hold until a person of the team has looked."
)

Code = Annotated[str, typer.Argument(help="The study code, as `equipoise enrolment held` shows it.")]
Member = Annotated[
    str | None,
    typer.Option("--as", help="Somebody on record alone; others: equipoise sign-in.", show_default=False),
]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence without names; it is kept.")]


@enrolments.command("held")
def held(
    trial: TrialName,
    member: Member = None,
    home: Home = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show who waits, first come first, and what looked odd. No arm exists yet, and no address is shown.

    Example:  equipoise enrolment held my-trial
    """
    from trial.cli.enrolments import show_held

    show_held(trial, member, home=home, database_url=database_url, as_json=as_json)


@enrolments.command("release")
def release(
    trial: TrialName,
    code: Code,
    reason: Reason,
    member: Member = None,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Let a held person in. They are allocated when everybody who came before them is decided.

    Example:  equipoise enrolment release my-trial EQ-7K3M --reason "No script; mail confirmed"
    """
    from trial.cli.enrolments import decide

    decide("release", trial, code, member, reason, home=home, database_url=database_url)


@enrolments.command("refuse")
def refuse(
    trial: TrialName,
    code: Code,
    reason: Reason,
    member: Member = None,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Turn a held person away, with a kind mail.

    Example:  equipoise enrolment refuse my-trial EQ-7K3M --reason "Fortieth of one evening"
    """
    from trial.cli.enrolments import decide

    decide("refuse", trial, code, member, reason, home=home, database_url=database_url)
