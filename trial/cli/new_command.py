"""The words of `equipoise new`; what it does is loaded when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is empty or not there yet.")],
    design: Annotated[
        str, typer.Option(help="two-arm, three-arm, waitlist, attention-control, factorial, dismantling, second-stage.")
    ] = "two-arm",
    title: Annotated[str | None, typer.Option(help="Default: made from the folder's name.", show_default=False)] = None,
    language: Annotated[str, typer.Option(help="The language of the texts.")] = "en",
) -> None:
    """Start a protocol of your own from a preset.

    A whole trial that passes `check`, with our own words in it, to change part by part.

    Example:  equipoise new my-trial --design waitlist
    """
    from trial.cli.new import new_protocol

    new_protocol(folder, design=design, title=title, language=language)
