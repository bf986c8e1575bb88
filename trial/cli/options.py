"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Protocol = Annotated[str, typer.Argument(help="A protocol folder, or the name of one that ships.")]
MaybeProtocol = Annotated[str | None, typer.Argument(help="A protocol folder, or the name of one that ships.")]
TrialName = Annotated[str, typer.Argument(metavar="TRIAL", help="The trial's name, as `status` shows it.")]
Home = Annotated[
    Path | None, typer.Option(envvar="EQUIPOISE_HOME", help="Folder of database, keys and mailbox.", show_default=False)
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database-url", envvar="EQUIPOISE_DATABASE_URL", help="Default: SQLite in the home.", show_default=False
    ),
]
Broker = Annotated[
    str | None,
    typer.Option("--broker-url", envvar="EQUIPOISE_BROKER_URL", help="Redis, for Celery workers.", show_default=False),
]
Ask = Annotated[
    str | None, typer.Option("--ask", metavar="WHY", help="In a live trial: ask for it.", show_default=False)
]
Approve = Annotated[bool, typer.Option("--approve", help="In a live trial: approve what somebody else asked for.")]
Alone = Annotated[bool, typer.Option("--alone", help="Go on alone, where the protocol declares it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")]
