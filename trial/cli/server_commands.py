"""The words of `equipoise demo`, `serve`, `migrate` and `mailbox`: what runs the machine, or a whole trial on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import AsJson, Broker, Database, Home, Protocol

DEFAULT_PROTOCOL = "shapira-mongrain-2010"


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
    from trial.cli.demo import run_demo
    from trial.cli.living import Wish

    wish = Wish(protocol, participants, seed, out, effect, database_url, broker_url, workers)
    run_demo(wish, as_json=as_json)


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


def migrate(home: Home = None, database_url: Database = None) -> None:
    """Bring the database up to date.

    Example:  equipoise migrate --database-url postgresql+psycopg://localhost/trial
    """
    from trial.cli.trials import migrate_database

    migrate_database(home=home, database_url=database_url)


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
