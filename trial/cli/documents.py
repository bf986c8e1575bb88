"""Commands on files alone: schema, analyse, report."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from trial.cli.places import find_protocol
from trial.core.errors import BadInput, Problem
from trial.protocol_files import schema

FORMATS = ("html", "pdf", "docx", "files", "json")


def show_schema(*, instrument: bool, resources: bool) -> None:
    """Print the JSON Schema of one kind of file."""
    found = schema.of_instruments if instrument else schema.of_resources if resources else schema.of_protocols
    typer.echo(json.dumps(found(), indent=2))


def analyse_data(protocol: str, data: Path, out: Path) -> None:
    """Run the plan on outside data."""
    from reports import analyse

    _tell(analyse(find_protocol(protocol), data, out), out)


def write_report(directory: Path, formats: str) -> None:
    """Write the report in the formats asked for."""
    wanted = [one.strip() for one in formats.split(",") if one.strip()]
    unknown = [one for one in wanted if one not in FORMATS]
    if unknown or not wanted:
        what = f"{', '.join(unknown) or 'nothing'} is not a format of the report."
        raise BadInput([Problem("--format", None, None, what, f"Use any of {', '.join(FORMATS)}.")])
    from reports import build_report

    _tell(build_report(directory, wanted), directory)


def _tell(written: list[Path], out: Path) -> None:
    """Each file, and once each folder below: what is in it stands in the list of files."""
    for path in dict.fromkeys(one if one.parent == out else one.parent for one in written):
        typer.echo(str(path))
