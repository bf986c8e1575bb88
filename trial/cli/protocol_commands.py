"""The words of `equipoise protocol …`; what they do is loaded when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import AsJson, Database, Home

protocols = typer.Typer(no_args_is_help=True, help="Read a protocol, and what changes from one version to the next.")


@protocols.command("show")
def protocol_show(
    protocol: Annotated[
        str | None, typer.Argument(help="A protocol folder, or the name of one that ships.", show_default=False)
    ] = None,
    trial: Annotated[str | None, typer.Option(help="What this trial runs, with the digests it published.")] = None,
    formats: Annotated[str, typer.Option("--format", help="html, pdf, or both with a comma.")] = "html,pdf",
    out: Annotated[Path, typer.Option(help="Where the document goes.")] = Path("protocol-document"),
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Write the document that an ethics board reads.

    Schedule, arms, calendar, burden, every mail and page, privacy notice, methods, what is still empty. With --trial it
    is the version that the trial runs, and says which digest of the allocation was published, and when.

    Examples:\n
      equipoise protocol show my-trial --format html,pdf --out application\n
      equipoise protocol show --trial my-trial --home my-home
    """
    from trial.cli.protocol_documents import show_protocol

    show_protocol(protocol, trial, formats, out, home=home, database_url=database_url)


@protocols.command("diff")
def protocol_diff(
    folders: Annotated[
        list[str], typer.Argument(metavar="[OLD] NEW", help="Protocol folders; with --trial NEW alone.")
    ],
    trial: Annotated[str | None, typer.Option(help="Compare with what this trial runs, and look ahead.")] = None,
    urgent: Annotated[str | None, typer.Option(metavar="REASON", help="All of it is urgent for safety.")] = None,
    substantial: Annotated[str | None, typer.Option(metavar="REASON", help="All of it needs consent again.")] = None,
    home: Home = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show what an amendment changes, in plain words and by class.

    With --trial also whom it would reach and which unsent mails would change. It only looks: nothing is changed.

    Examples:\n
      equipoise protocol diff my-trial my-trial-2\n
      equipoise protocol diff --trial my-trial --home my-home my-trial-2
    """
    from trial.cli.amendments import show_diff

    show_diff(
        folders, trial=trial, urgent=urgent, substantial=substantial, home=home, database_url=database_url,
        as_json=as_json,
    )  # fmt: skip


@protocols.command("amend")
def protocol_amend(
    trial: Annotated[str, typer.Argument(help="The trial's name.")],
    folder: Annotated[str, typer.Argument(metavar="NEW", help="The folder with the new version.")],
    urgent: Annotated[str | None, typer.Option(metavar="REASON", help="All of it is urgent for safety.")] = None,
    substantial: Annotated[str | None, typer.Option(metavar="REASON", help="All of it needs consent again.")] = None,
    home: Home = None,
    database_url: Database = None,
    yes: Annotated[bool, typer.Option("--yes", help="Apply it. Without this it is shown only.")] = False,
) -> None:
    """Register a new version for a running trial.

    First it shows what `protocol diff --trial` shows. With --yes it is applied.

    Example:  equipoise protocol amend my-trial my-trial-2 --home my-home --yes
    """
    from trial.cli.amendments import amend

    amend(
        trial, folder, urgent=urgent, substantial=substantial, home=home, database_url=database_url, yes=yes
    )  # fmt: skip
