"""The command line. Each command's module is loaded when the command runs, so that `--help` answers at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from trial.cli.alert_commands import alerts
from trial.cli.backup_commands import backup, drill, keys, release, restore
from trial.cli.enrolment_commands import enrolments
from trial.cli.gate_commands import gate, mail, prepare
from trial.cli.instrument_commands import scales
from trial.cli.new_command import new
from trial.cli.options import AsJson, Broker, Database, Home, Protocol, TrialName
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
app.add_typer(members, name="member")
app.add_typer(enrolments, name="enrolment")
app.add_typer(alerts, name="alert")
protocols = typer.Typer(no_args_is_help=True, help="Read a protocol, and what changes from one version to the next.")
app.add_typer(protocols, name="protocol")
app.add_typer(scales, name="instruments")
app.command()(new)
app.command()(results)
app.command("sign-in")(sign_in)
app.command("sign-out")(sign_out)
for one in (prepare, backup, restore, drill, release):
    app.command()(one)
app.add_typer(keys, name="keys")
app.add_typer(gate, name="gate")
app.add_typer(mail, name="mail")

DEFAULT_PROTOCOL = "shapira-mongrain-2010"


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


@app.command()
def check(protocol: Protocol, as_json: AsJson = False) -> None:
    """Check a protocol folder for mistakes, and for what goes wrong in trials.

    Everything at once, with file, line and how to mend it: what cannot be read, then what the linter finds. Each
    finding has a code; docs/linter.md explains it. A finding that is meant so is waived in the file, with a reason.

    Ends with 0 where nothing is left but work before opening and waivers, with 1 where an error or a warning of the
    linter is not waived, with 2 where the protocol cannot be used.

    Example:  equipoise check my-trial
    """
    from trial.cli.checking import check_protocol

    check_protocol(protocol, as_json=as_json)


@app.command()
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


@app.command()
def demo(
    protocol: Protocol = DEFAULT_PROTOCOL,
    participants: Annotated[int, typer.Option(min=1, max=100_000, help="How many pretend people arrive.")] = 120,
    seed: Annotated[int, typer.Option(help="The same seed gives the same trial, byte for byte.")] = 1,
    out: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("equipoise-demo"),
    effect: Annotated[float, typer.Option(help="True effect of all exercises done, in standard deviations.")] = 0.3,
    database_url: Database = None,
    broker_url: Broker = None,
    workers: Annotated[
        bool, typer.Option(help="Start Celery worker and beat; --no-workers where you started them by hand.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Rehearse a whole trial with pretend people.

    From protocol to CONSORT report in seconds, on the parts that a real trial uses.

    Examples:\n
      equipoise demo\n
      equipoise demo my-trial --participants 400 --seed 7 --effect 0.2 --out rehearsal\n
      equipoise demo --database-url postgresql+psycopg://localhost/rehearsal --broker-url redis://localhost/0
    """
    from trial.cli.demo import Wish, run_demo

    wish = Wish(protocol, participants, seed, out, effect, database_url, broker_url, workers)
    run_demo(wish, as_json=as_json)


@app.command("open")
def open_trial(
    protocol: Protocol,
    test: Annotated[bool, typer.Option("--test", help="A test trial, marked as such on every page and mail.")] = False,
    placeholder_wording: Annotated[
        bool, typer.Option("--placeholder-wording", help="Let a test trial show topics in place of official wording.")
    ] = False,
    name: Annotated[str | None, typer.Option(help="The trial's name in addresses; default: the protocol's id.")] = None,
    base_url: Annotated[str | None, typer.Option(envvar="EQUIPOISE_BASE_URL", help="Where people reach it.")] = None,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Open a trial and let people in.

    Seals the randomisation seed and publishes its digest. A live trial was prepared before (`equipoise prepare`) and
    opens where every line of its gate is green; a test trial skips the gate and is marked for ever.

    Examples:\n
      equipoise open my-trial --home my-home\n
      equipoise open my-trial --test --placeholder-wording --home my-home
    """
    from trial.cli.trials import open_trial as run

    run(
        protocol,
        test=test,
        placeholder_wording=placeholder_wording,
        name=name,
        base_url=base_url,
        home=home,
        database_url=database_url,
    )


@app.command()
def status(trial: TrialName, home: Home = None, database_url: Database = None, as_json: AsJson = False) -> None:
    """Show where a trial stands.

    Recruitment, mails, what is late; pooled over the arms.

    Example:  equipoise status my-trial --home my-home
    """
    from trial.cli.trials import show_status

    show_status(trial, home=home, database_url=database_url, as_json=as_json)


@app.command()
def pause(trial: TrialName, home: Home = None, database_url: Database = None) -> None:
    """Pause a trial: nothing is sent or lost.

    Example:  equipoise pause my-trial
    """
    from trial.cli.trials import change

    change("pause", trial, home=home, database_url=database_url)


@app.command()
def resume(trial: TrialName, home: Home = None, database_url: Database = None) -> None:
    """Go on after a pause.

    Mails past their latest useful time are not sent any more.

    Example:  equipoise resume my-trial
    """
    from trial.cli.trials import change

    change("resume", trial, home=home, database_url=database_url)


@app.command()
def close(trial: TrialName, home: Home = None, database_url: Database = None) -> None:
    """End recruitment.

    Everyone who is in goes on to the end.

    Example:  equipoise close my-trial
    """
    from trial.cli.trials import change

    change("close", trial, home=home, database_url=database_url)


@app.command()
def serve(
    home: Home = None,
    database_url: Database = None,
    broker_url: Broker = None,
    host: Annotated[str, typer.Option(help="Interface to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Participants' pages; the team's are on the next.")
    ] = 8765,
    only: Annotated[
        str | None, typer.Option(help="`public` or `desk`: serve one of the two.", show_default=False)
    ] = None,
) -> None:
    """Serve the participants' and the team's pages.

    A finished demo is shown read-only, on its own clock.

    Examples:\n
      equipoise serve --home my-home\n
      equipoise serve --home equipoise-demo
    """
    from trial.cli.serving import run_serve

    run_serve(home=home, database_url=database_url, broker_url=broker_url, host=host, port=port, only=only)


@app.command()
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


@app.command()
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


@app.command()
def report(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder made by freeze or demo.")],
    formats: Annotated[str, typer.Option("--format", help="Any of html, pdf, json, with commas.")] = "html,pdf,json",
) -> None:
    """Write the CONSORT report of a frozen trial.

    From the frozen files alone.

    Example:  equipoise report frozen --format html,pdf
    """
    from trial.cli.documents import write_report

    write_report(directory, formats)


@protocols.command("show")
def protocol_show(
    protocol: Protocol,
    formats: Annotated[str, typer.Option("--format", help="html, pdf, or both with a comma.")] = "html,pdf",
    out: Annotated[Path, typer.Option(help="Where the document goes.")] = Path("protocol-document"),
) -> None:
    """Write the document that an ethics board reads.

    Schedule, arms, calendar, burden, every mail and page, privacy notice, methods, what is still empty.

    Example:  equipoise protocol show my-trial --format html,pdf --out application
    """
    from trial.cli.protocol_documents import show_protocol

    show_protocol(protocol, formats, out)


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


@app.command()
def migrate(home: Home = None, database_url: Database = None) -> None:
    """Bring the database up to date.

    Example:  equipoise migrate --database-url postgresql+psycopg://localhost/trial
    """
    from trial.cli.trials import migrate_database

    migrate_database(home=home, database_url=database_url)


@app.command()
def mailbox(
    home: Home = None,
    host: Annotated[str, typer.Option(help="Interface to listen on.")] = "127.0.0.1",
    smtp_port: Annotated[int, typer.Option(min=0, max=65535)] = 2525,
) -> None:
    """Run the local mail server.

    It keeps every mail and passes none on: for rehearsals and test trials.

    Example:  equipoise mailbox --home my-home --smtp-port 2525
    """
    from trial.cli.serving import serve_mailbox

    serve_mailbox(home=home, host=host, port=smtp_port)


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
