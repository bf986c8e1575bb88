"""Commands that turn a protocol folder into something to read."""

from __future__ import annotations

from pathlib import Path

import typer

from trial.cli.places import find_protocol
from trial.core.errors import BadInput, Problem


def show_protocol(name: str, formats: str, out: Path) -> None:
    """Write the document that an ethics board reads; progress on standard error, then the files' names."""
    from reports.protocol_document import FORMATS, build_protocol_document

    wanted = [one.strip() for one in formats.split(",") if one.strip()]
    unknown = [one for one in wanted if one not in FORMATS]
    if unknown or not wanted:
        what = f"{', '.join(unknown) or 'nothing'} is not a format of the protocol's document."
        raise BadInput([Problem("--format", None, None, what, f"Use any of {', '.join(FORMATS)}.")])
    folder = find_protocol(name)
    for path in build_protocol_document(folder, out, wanted, lambda step: typer.echo(f"{step} …", err=True)):
        typer.echo(str(path))
