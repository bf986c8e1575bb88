"""The words of `equipoise randomization test`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import AsJson


def retest(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder made by freeze or demo.")],
    outcome: Annotated[str | None, typer.Option(help="Only this outcome of the plan.", show_default=False)] = None,
    timepoint: Annotated[str | None, typer.Option(help="Only at this timepoint.", show_default=False)] = None,
    reps: Annotated[int, typer.Option(min=100, max=1_000_000, help="New lists, the B of (1 + #)/(B + 1).")] = 10_000,
    seed: Annotated[
        str | None, typer.Option(help="Of the dice; default: that of the report.", show_default=False)
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, max=256, help="Processes; 0: as many as it is worth. The figures are the same.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Judge the planned comparisons by lists that the trial's own rule would have given.

    Runs the rule of allocation again for the same people in the same order (blocks, strata, minimisation, amendments),
    and says for each planned comparison in how many of the new lists t would have been as far from 0 as it is. From the
    frozen files alone. Nothing is adjusted for the number of comparisons.

    Examples:  equipoise randomization test frozen

    equipoise randomization test frozen --outcome depression --timepoint week_4 --reps 100000
    """
    from trial.cli.retesting import Wish, test_frozen

    test_frozen(directory, Wish(outcome, timepoint, reps, seed, workers), as_json=as_json)
