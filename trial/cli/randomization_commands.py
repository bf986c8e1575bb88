"""The words of `equipoise randomization …`; what they do is loaded when they run."""

from __future__ import annotations

import typer

from trial.cli.options import AsJson, Database, Home, TrialName
from trial.cli.retest_command import retest
from trial.cli.simulate_command import simulate

randomization = typer.Typer(
    no_args_is_help=True, help="How people are allocated by chance: tried out before, proved after."
)
randomization.command("simulate")(simulate)
randomization.command("test")(retest)


@randomization.command("verify")
def verify(trial: TrialName, home: Home = None, database_url: Database = None, as_json: AsJson = False) -> None:
    """Make every allocation of a trial again, and name the first that differs.

    From the sealed seed, the order and the recorded levels; and whether the published digest fits. Before the data are
    locked the unblinded statistician or the custodian may run it. Ends with 1 where anything differs.

    Example:  equipoise randomization verify my-trial --home my-home
    """
    from trial.cli.randomizations import verify_trial

    verify_trial(trial, home=home, database_url=database_url, as_json=as_json)
