"""The words of `equipoise instruments …`; what they do is loaded when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

scales = typer.Typer(no_args_is_help=True, help="The scales: which ship, what they ask, and their official wording.")
HERE = Path()

OfProtocol = Annotated[
    Path | None, typer.Option("--protocol", metavar="DIR", help="A trial's folder, whose own scales count first.")
]


@scales.command("list")
def instruments_list(protocol: OfProtocol = None) -> None:
    """Show every scale, its length, and whose words it is in.

    Example:  equipoise instruments list
    """
    from trial.cli.instruments import list_instruments

    list_instruments(protocol)


@scales.command("show")
def instruments_show(code: Annotated[str, typer.Argument(metavar="CODE")], protocol: OfProtocol = None) -> None:
    """Show what a scale asks, its key, its source, and who allows its use.

    Example:  equipoise instruments show swls
    """
    from trial.cli.instruments import show_instrument

    show_instrument(code, protocol)


@scales.command("fill")
def instruments_fill(
    code: Annotated[str, typer.Argument(metavar="CODE", help="As `instruments list` shows it.")],
    source: Annotated[str, typer.Option("--from", metavar="FILE", help="REDCap, Qualtrics, formr, CSV, text, or `-`.")],
    protocol: Annotated[Path, typer.Option(metavar="DIR", help="The trial's folder.")] = HERE,
    language: Annotated[str, typer.Option(help="The language of the wording.")] = "en",
    only: Annotated[str | None, typer.Option(help="Take only the variables that start so, or this form.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and show, and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """Put a scale's official wording into a trial's folder.

    It is checked against the key, item by item, before anything is written.

    Examples:\n
      equipoise instruments fill swls --from dictionary.csv --protocol my-trial --dry-run\n
      equipoise instruments fill swls --from - --protocol my-trial --yes < items.txt
    """
    from trial.cli.instruments import fill_instrument

    fill_instrument(code, source, protocol, language=language, only=only, dry_run=dry_run, yes=yes)
