"""The words of `equipoise check`, `schema`, `analyse` and `report`: files in, files out, no trial on a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import AsJson, Protocol


def check(
    protocol: Protocol,
    drawn: Annotated[
        Path | None, typer.Option(help="A new folder for each mail and page as people will see it, to look at.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a protocol folder for mistakes, and for what goes wrong in trials.

    Everything at once, with file, line and how to mend it: what cannot be read, then what the linter finds. Each
    finding has a code; docs/linter.md explains it. A finding that is meant so is waived in the file, with a reason.
    Then each mail is drawn with the longest values that it may hold.

    Ends with 0 where nothing is left but work before opening and waivers, with 1 where an error or a warning of the
    linter is not waived, with 2 where the protocol cannot be used.

    Examples:

      equipoise check my-trial

      equipoise check my-trial --drawn my-mails
    """
    from trial.cli.checking import check_protocol

    check_protocol(protocol, drawn=drawn, as_json=as_json)


def schema(
    instrument: Annotated[bool, typer.Option("--instrument", help="That of instrument files instead.")] = False,
    resources: Annotated[bool, typer.Option("--resources", help="That of resources.yaml instead.")] = False,
) -> None:
    """Print the JSON Schema of protocol.yaml.

    An editor completes keys by it. Write it beside the protocol and name it on the file's first line:
    # yaml-language-server: $schema=protocol.schema.json

    Example:  equipoise schema > my-trial/protocol.schema.json
    """
    from trial.cli.documents import show_schema

    show_schema(instrument=instrument, resources=resources)


def analyse(
    protocol: Protocol,
    data: Annotated[Path, typer.Option(help="CSV: one row per participant and timepoint.")],
    out: Annotated[Path, typer.Option(help="Where results.json goes.")],
) -> None:
    """Analyse data collected elsewhere.

    Runs the protocol's plan and writes its report.

    DATA.csv has the columns participant, arm, timepoint (ids as in the protocol), one column per score that the plan
    names, and covariates, which count from the baseline row. An empty cell is a missing value.

    Example:  equipoise analyse my-trial --data data.csv --out results
    """
    from trial.cli.documents import analyse_data

    analyse_data(protocol, data, out)


def report(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder made by freeze or demo.")],
    formats: Annotated[
        str, typer.Option("--format", help="Any of html, pdf, docx, files, json, with commas.")
    ] = "html,pdf,docx,files,json",
) -> None:
    """Write the CONSORT report of a frozen trial.

    From the frozen files alone. The format files is each table as CSV and each figure as SVG and PNG.

    Example:  equipoise report frozen --format html,pdf
    """
    from trial.cli.documents import write_report

    write_report(directory, formats)
