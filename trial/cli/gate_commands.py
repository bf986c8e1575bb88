"""The words of `equipoise prepare`, `gate …` and `mail doctor`; what they do is loaded when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import AsJson, Database, Home, Protocol, TrialName

gate = typer.Typer(no_args_is_help=True, help="The opening gate of a live trial: what is there, and what is missing.")
mail = typer.Typer(no_args_is_help=True, help="Whether mails arrive, and answers to them.")


def prepare(
    protocol: Protocol,
    name: Annotated[str | None, typer.Option(help="The trial's name in addresses; default: the protocol's id.")] = None,
    base_url: Annotated[str | None, typer.Option(envvar="EQUIPOISE_BASE_URL", help="Where people reach it.")] = None,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Prepare a live trial: the team gathers, nobody can take part yet.

    Again with a changed folder it stores the newer version. Opening it asks for everything that `equipoise gate show`
    lists.

    Example:  equipoise prepare my-trial --name my-trial --base-url https://trial.example.org --home my-home
    """
    from trial.cli.gate import prepare_trial

    prepare_trial(protocol, name=name, base_url=base_url, home=home, database_url=database_url)


@gate.command("show")
def show(trial: TrialName, home: Home = None, database_url: Database = None, as_json: AsJson = False) -> None:
    """Show every line of the gate, and how to mend each that is refused.

    Ends with 0 where all are green, with 1 otherwise.

    Example:  equipoise gate show my-trial --home my-home
    """
    from trial.cli.gate import show_gate

    show_gate(trial, home=home, database_url=database_url, as_json=as_json)


@gate.command("rehearsal")
def rehearsal(
    trial: TrialName,
    demo: Annotated[Path, typer.Argument(metavar="DEMO", help="The folder of a finished demo of this very version.")],
    read: Annotated[bool, typer.Option("--read", help="Its findings were read by the team.")] = False,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Record that this version was rehearsed and what it showed was read.

    Example:  equipoise gate rehearsal my-trial equipoise-demo --read --home my-home
    """
    from trial.cli.gate import record_rehearsal

    record_rehearsal(trial, demo, read=read, home=home, database_url=database_url)


@mail.command("doctor")
def doctor(
    trial: TrialName,
    to: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where the test mail goes.", show_default=False)
    ] = None,
    reply: Annotated[bool, typer.Option("--reply", help="Look whether an answer to it has come.")] = False,
    selector: Annotated[
        str, typer.Option(metavar="NAME", help="The relay's name for its DKIM key.", show_default=False)
    ] = "",
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Examine how mails leave; then send a test mail, see that it arrives, and an answer to it.

    Looked at are the mail server (encryption, account, size) and what DNS says of the sending domain (SPF, DKIM,
    DMARC, where answers go). In the local mailbox the test mail is seen by itself; elsewhere somebody reads the code in
    it to whoever sits here.

    Examples:\n
      equipoise mail doctor my-trial --selector s1 --home my-home\n
      equipoise mail doctor my-trial --to me@example.org --home my-home\n
      equipoise mail doctor my-trial --reply --home my-home
    """
    from trial.cli.mail_doctor import examine, look_for_reply, send_test

    if to is None and not reply and not examine(trial, selector=selector, home=home, database_url=database_url):
        raise typer.Exit(1)
    if to is not None:
        send_test(trial, to, home=home, database_url=database_url)
    if reply:
        look_for_reply(trial, home=home, database_url=database_url)
