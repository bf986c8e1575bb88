"""The words of `equipoise randomization …`; what they do is loaded when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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


@randomization.command("share")
def share(trial: TrialName, home: Home = None, database_url: Database = None) -> None:
    """Draw the system's share of the seed of a trial in preparation, and print what is published of it.

    After this the trial opens only with a contribution from outside (randomization contribute). Send the printed
    commitment to whoever will give it, before they do.

    Example:  equipoise randomization share my-trial --home my-home
    """
    from trial.cli.randomizations import draw_share

    draw_share(trial, home=home, database_url=database_url)


@randomization.command("contribute")
def contribute(
    trial: TrialName,
    given: Annotated[str, typer.Option("--from", help="A file with the contribution, or - for a line typed in.")],
    by: Annotated[str, typer.Option("--by", help="Who gave it; published with the frozen data.")],
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Seal what somebody outside the team gives for the seed, once; print the receipt for them.

    Any 16 bytes or more, of which a line break at the end is none. Nobody can change it afterwards.

    Example:  equipoise randomization contribute my-trial --from line.txt --by "Prof. R. Example" --home my-home
    """
    from trial.cli.randomizations import take_contribution

    take_contribution(trial, given, by, home=home, database_url=database_url)


@randomization.command("error")
def error(
    trial: TrialName,
    code: Annotated[str, typer.Argument(help="Study code of the person.")],
    reason: Annotated[
        str, typer.Option(help="not_eligible, duplicate, no_consent, test_entry, other; or taken_back: it was none.")
    ],
    words_from: Annotated[
        Path | None, typer.Option(help="A file with what happened, - for the input; kept under the person's key.")
    ] = None,
    stop_mails: Annotated[bool, typer.Option("--stop-mails", help="All mails to this person stop.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write it down; without, it is only shown.")] = False,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Mark somebody as enrolled in error. They stay in the list of allocations, in their arm, and in the analysis.

    An entry cannot be taken out; a later one stands beside it, and the last one counts.

    Example:  equipoise randomization error my-trial K7Q2M9XA --reason duplicate --yes
    """
    from trial.cli.enrolment_errors import mark_error

    mark_error(
        trial, code, reason=reason, words_from=words_from, stop=stop_mails, yes=yes, home=home,
        database_url=database_url,
    )  # fmt: skip
