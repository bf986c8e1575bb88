"""The words of `equipoise randomization simulate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import Protocol


def simulate(
    protocol: Protocol,
    n: Annotated[int, typer.Option("--n", min=4, max=20_000, help="People in each trial.")] = 200,
    reps: Annotated[int, typer.Option(min=100, max=100_000, help="Simulated trials of each design.")] = 2000,
    compare: Annotated[str, typer.Option(help="Designs beside the protocol's own, with commas.")] = "",
    entry: Annotated[
        Path | None,
        typer.Option(help="CSV: people in order of entry, a column for each factor.", show_default=False),
    ] = None,
    seed: Annotated[str, typer.Option(help="The same seed gives the same figures.")] = "1",
    trend: Annotated[float, typer.Option(help="Time trend from first to last, in SD.")] = 1.0,
    eta: Annotated[float, typer.Option(help="How much better or worse a guesser lets in, in SD.")] = 0.5,
    correlation: Annotated[float, typer.Option(min=-0.99, max=0.99, help="Of baseline and outcome.")] = 0.5,
    effect: Annotated[
        float | None, typer.Option(help="In SD; default: found with power 80% in balance.", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="FILE.html for the report.", show_default=False)] = None,
) -> None:
    """Try designs of allocation before the trial, side by side.

    Runs the protocol's rule, those of --compare and simple randomisation on pretend people: how unequal the arms get,
    overall, per stratum and per level; what can be guessed; what a time trend and selection do to the planned test.
    Recommends one, with reasons. The numbers of chance are not those of a real trial.

    Designs: simple, permuted_blocks:4+6+8, big_stick:3, biased_coin:2/3, urn:0+1, minimisation:0.8,
    minimisation:0.8:variance. They run within the protocol's strata; big_stick:3:overall is one sequence for everybody.

    Examples:  equipoise randomization simulate my-trial --n 300

    equipoise randomization simulate my-trial --n 300 --compare big_stick:3,minimisation:0.8 --out designs.html
    """
    from trial.cli.simulating import Wish, simulate_designs

    simulate_designs(
        protocol,
        Wish(n, reps, compare, entry, seed, trend, eta, correlation, effect, out),
    )
