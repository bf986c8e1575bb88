"""The command line: which commands there are, in the order of `--help`.

The words of a command stand in a module of its family, `…_commands.py`; what it does is loaded when it runs, so that
`--help` answers at once. A new command is one line here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from trial.cli import document_commands as documents
from trial.cli import server_commands as servers
from trial.cli import trial_commands as trials
from trial.cli.alert_commands import alerts
from trial.cli.backup_commands import backup, drill, keys, release, restore
from trial.cli.capsule_commands import capsule
from trial.cli.cut_command import cut, open_sealed
from trial.cli.delivery_commands import deliveries
from trial.cli.enrolment_commands import enrolments
from trial.cli.gate_commands import gate, mail, prepare
from trial.cli.instrument_commands import scales
from trial.cli.lock_commands import lock, unlock
from trial.cli.meta_command import meta
from trial.cli.new_command import new
from trial.cli.power_command import power
from trial.cli.protocol_commands import protocols
from trial.cli.randomization_commands import randomization
from trial.cli.rehearse_command import rehearse
from trial.cli.results_command import results
from trial.cli.team_commands import members, sign_in, sign_out

app = typer.Typer(
    name="equipoise",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Run a whole randomised controlled trial online, from protocol file to CONSORT report.\n\n"
    "Start with a rehearsal:  equipoise demo\n\n"
    "Exit codes: 0 done; 1 a rule of the trial says no; 2 the input cannot be used; "
    "3 a database, broker or mail server does not answer.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"equipoise {version('equipoise')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


COMMANDS: dict[str, Callable[..., None]] = {
    "new": new,
    "results": results,
    "sign-in": sign_in,
    "sign-out": sign_out,
    "prepare": prepare,
    "backup": backup,
    "restore": restore,
    "drill": drill,
    "release": release,
    "check": documents.check,
    "schema": documents.schema,
    "demo": servers.demo,
    "rehearse": rehearse,
    "power": power,
    "open": trials.open_trial,
    "status": trials.status,
    "pause": trials.pause,
    "resume": trials.resume,
    "close": trials.close,
    "serve": servers.serve,
    "cut": cut,
    "open-sealed": open_sealed,
    "lock": lock,
    "unlock": unlock,
    "freeze": trials.freeze,
    "analyse": documents.analyse,
    "report": documents.report,
    "meta": meta,
    "migrate": servers.migrate,
    "mailbox": servers.mailbox,
}
FAMILIES = {
    "member": members,
    "enrolment": enrolments,
    "alert": alerts,
    "protocol": protocols,
    "instruments": scales,
    "capsule": capsule,
    "keys": keys,
    "gate": gate,
    "mail": mail,
    "delivery": deliveries,
    "randomization": randomization,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
for name, family in FAMILIES.items():
    app.add_typer(family, name=name)


def run() -> None:
    """The entry point: one map from errors to exit codes, messages on standard error, never a traceback."""
    try:
        app()
    except Exception as error:
        from trial.cli.errors import report_error

        code = report_error(error)
        if code is None:
            raise
        sys.exit(code)
