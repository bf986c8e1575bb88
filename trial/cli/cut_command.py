"""The words of `equipoise cut`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import Database, Home, TrialName


def cut(
    trial: TrialName,
    out: Annotated[Path | None, typer.Option(help="Where the folder of the cut goes.", show_default=False)] = None,
    dummy_arms: Annotated[
        bool, typer.Option("--dummy-arms", help="By arm under dummy labels, shuffled anew for this cut.")
    ] = False,
    closed: Annotated[
        bool,
        typer.Option("--closed", help="With the arms and estimates, for the unblinded statistician; a look."),
    ] = False,
    dsmb: Annotated[
        bool, typer.Option("--dsmb", help="For a committee: the open report, and the closed one sealed for --reader.")
    ] = False,
    reader: Annotated[
        list[Path] | None, typer.Option(metavar="KEYFILE", help="Public key of a reader.", show_default=False)
    ] = None,
    labels: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER", help="Take no cut: say which arm each label of this one was.", show_default=False
        ),
    ] = None,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Report a running trial blind, before the lock.

    Flow, recruitment, baseline, missing data, adherence and harms over everybody, as they stand now; no arm, no effect
    and no p-value. The trial goes on; the record keeps the digest of the cut. With --dummy-arms groups stand beside
    each other as Group 1, Group 2, where neither sizes nor schedules would tell which is which. With --dsmb the
    committee's closed report (arms, estimates, harms, stopping bounds) is sealed for its readers before it is written.
    Whoever opens the arms looks: with --closed and --dsmb the record keeps the share of the information, and the bound
    of the next look and the report at the end know of it. After the lock --labels says which arm each label of an
    earlier cut was; the record keeps who asked.

    Examples:\n
      equipoise cut my-trial --out cuts\n
      equipoise cut my-trial --out cuts --dummy-arms\n
      equipoise cut my-trial --out cuts --dsmb --reader chair.pub --reader member.pub\n
      equipoise cut my-trial --labels 2
    """
    from trial.cli.cutting import Wish, tell_labels
    from trial.cli.cutting import cut as run

    if labels is not None:
        tell_labels(trial, labels, home=home, database_url=database_url)
        return
    run(trial, out, Wish(dummy_arms, closed, dsmb, tuple(reader or ())), home=home, database_url=database_url)


def open_sealed(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The sealed closed report of a cut.")],
    private_key: Annotated[Path, typer.Option(metavar="KEYFILE", help="Your private key.")],
    out: Annotated[Path, typer.Option(help="A folder of your own, where the report goes.")],
    passphrase_file: Annotated[
        Path | None, typer.Option(help="File with the key's passphrase; else it is asked for.", show_default=False)
    ] = None,
) -> None:
    """Open a closed report that was sealed for you.

    For a member of the committee, on a machine of their own: no trial and no home are needed.

    Example:  equipoise open-sealed cut-3-closed.sealed --private-key chair --out closed
    """
    from trial.cli.cutting import open_sealed as run

    run(file, private_key, passphrase_file, out)
