"""Commands on files alone: check, analyse, report."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from trial.cli.places import find_protocol
from trial.core.errors import BadInput, Problem, ProtocolInvalid

FORMATS = ("html", "pdf", "json")


def check_protocol(name: str, *, as_json: bool) -> None:
    """Say that a protocol is sound, or every problem in it."""
    try:
        folder = find_protocol(name)
    except ProtocolInvalid as error:
        if not as_json:
            raise
        found = [{name: getattr(one, name) for name in Problem.__slots__} for one in error.problems]
        typer.echo(json.dumps({"ok": False, "problems": found}, indent=2))
        raise typer.Exit(2) from None
    protocol = folder.protocol
    if as_json:
        typer.echo(json.dumps({"ok": True, "id": protocol.id, "digest": folder.digest, "problems": []}, indent=2))
        return
    windows = sum(len(point.days) for point in protocol.timepoints)
    typer.echo(f"{protocol.id} {protocol.version} is sound: {len(protocol.arms)} arms, {windows} occasions per person.")
    typer.echo(f"digest {folder.digest}")


def analyse_data(protocol: str, data: Path, out: Path) -> None:
    """Run the plan on outside data."""
    from reports import analyse

    for path in analyse(find_protocol(protocol), data, out):
        typer.echo(str(path))


def write_report(directory: Path, formats: str) -> None:
    """Write the report in the formats asked for."""
    wanted = [one.strip() for one in formats.split(",") if one.strip()]
    unknown = [one for one in wanted if one not in FORMATS]
    if unknown or not wanted:
        what = f"{', '.join(unknown) or 'nothing'} is not a format of the report."
        raise BadInput([Problem("--format", None, None, what, f"Use any of {', '.join(FORMATS)}.")])
    from reports import build_report

    for path in build_report(directory, wanted):
        typer.echo(str(path))
