"""The words of `equipoise open`, `status`, `pause`, `resume`, `close` and `freeze`: what happens to one trial."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import Alone, Approve, AsJson, Ask, Database, Home, MaybeProtocol, TrialName
from trial.core.errors import BadInput


def open_trial(
    protocol: MaybeProtocol = None,
    test: Annotated[bool, typer.Option("--test", help="A test trial, marked as such on every page and mail.")] = False,
    beside: Annotated[
        str | None,
        typer.Option(metavar="TRIAL", help="A test trial beside this live one, for the team.", show_default=False),
    ] = None,
    placeholder_wording: Annotated[
        bool, typer.Option("--placeholder-wording", help="Let a test trial show topics in place of official wording.")
    ] = False,
    allocation_list: Annotated[
        Path | None, typer.Option("--list", help="An outside statistician's list, where the protocol names one.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The trial's name in addresses; default: the protocol's id.")] = None,
    base_url: Annotated[str | None, typer.Option(envvar="EQUIPOISE_BASE_URL", help="Where people reach it.")] = None,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Open a trial and let people in.

    Seals the randomisation seed and publishes its digest. A live trial was prepared before (`equipoise prepare`) and
    opens where every line of its gate is green; a test trial skips the gate and is marked for ever.

    --beside opens a test trial with the very protocol of a live one: there the team joins, and never in the live trial.

    Examples:\n
      equipoise open my-trial --home my-home\n
      equipoise open my-trial --test --placeholder-wording --home my-home\n
      equipoise open --beside my-trial --home my-home
    """
    if beside is not None:
        from trial.cli.beside import open_beside

        open_beside(beside, protocol, home=home, database_url=database_url)
        return
    if protocol is None:
        raise BadInput.at("PROTOCOL", "no protocol is named.", "Name its folder, or with --beside a live trial.")
    from trial.cli.trials import open_trial as run

    run(
        protocol,
        test=test,
        placeholder_wording=placeholder_wording,
        allocation_list=allocation_list,
        name=name,
        base_url=base_url,
        home=home,
        database_url=database_url,
    )


def status(trial: TrialName, home: Home = None, database_url: Database = None, as_json: AsJson = False) -> None:
    """Show where a trial stands.

    Recruitment, mails, what is late; pooled over the arms.

    Example:  equipoise status my-trial --home my-home
    """
    from trial.cli.trials import show_status

    show_status(trial, home=home, database_url=database_url, as_json=as_json)


def pause(trial: TrialName, home: Home = None, database_url: Database = None) -> None:
    """Pause a trial: nothing is sent or lost.

    Example:  equipoise pause my-trial
    """
    from trial.cli.trials import change

    change("pause", trial, home=home, database_url=database_url)


def resume(
    trial: TrialName,
    ask: Ask = None,
    approve: Approve = False,
    alone: Alone = False,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Go on after a pause.

    Shows what goes out; mails past their latest useful time are not sent any more. In a live trial it takes two
    members: one asks, another approves.

    Examples:\n
      equipoise resume my-trial\n
      equipoise resume my-trial --ask "The mail server is mended."\n
      equipoise resume my-trial --approve
    """
    from trial.cli.sending_again import Wish
    from trial.cli.sending_again import resume as run

    run(trial, Wish(ask, approve, alone, yes=True), home=home, database_url=database_url)


def close(trial: TrialName, home: Home = None, database_url: Database = None) -> None:
    """End recruitment.

    Everyone who is in goes on to the end.

    Example:  equipoise close my-trial
    """
    from trial.cli.trials import change

    change("close", trial, home=home, database_url=database_url)


def freeze(
    trial: TrialName,
    out: Annotated[Path, typer.Option(help="Where the frozen files go.")],
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Freeze the dataset.

    Study codes and relative days only, with a digest.

    Example:  equipoise freeze my-trial --out frozen
    """
    from trial.cli.trials import freeze_trial

    freeze_trial(trial, out, home=home, database_url=database_url)
