"""The words of `equipoise power`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import AsJson, Protocol


def power(
    protocol: Protocol,
    n: Annotated[
        str | None, typer.Option("--n", help="People randomised, with commas; default: the target.", show_default=False)
    ] = None,
    effect: Annotated[
        str | None,
        typer.Option(help="True differences in SD, with commas; default: that assumed.", show_default=False),
    ] = None,
    profile: Annotated[
        str, typer.Option(help="realistic, optimistic, bad-case, as-planned, or a YAML file.")
    ] = "realistic",
    replicates: Annotated[int, typer.Option(min=20, max=1_000_000, help="Trials of each size and effect.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = 1,
    processes: Annotated[
        int, typer.Option(min=0, max=256, help="0: as many as there are processors. The figures are the same.")
    ] = 0,
    broker_url: Annotated[
        str | None,
        typer.Option(
            help="Redis: spread over Celery workers on any machines, with the same figures.", show_default=False
        ),
    ] = None,
    not_at_random: Annotated[
        float | None,
        typer.Option(
            min=0, max=0.9, help="Weight of doing badly in who is lost; default: the profile's.", show_default=False
        ),
    ] = None,
    analysis: Annotated[
        str | None,
        typer.Option(
            help="A planned sensitivity analysis that fills in the missing, by its id; default: the primary.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="FILE.html for the page.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Know the power of a trial before it opens, by living its data thousands of times.

    Draws scores by a profile (who is lost, how alike answers are, how an effect fades; each number with its source),
    allocates by the protocol's own rule and runs its own primary analysis, or with --analysis one that fills in the
    missing. Prints power, bias, coverage and who is analysed, each with its Monte Carlo error, beside the closed
    formula. No effect is always run too: what is found then is the type I error. The effect is the true difference at
    the primary timepoint in standard deviations.

    Examples:  equipoise power larger-trial --n 800,1128 --effect 0.2,0.3

    equipoise power my-trial --n 400 --effect 0.3 --profile bad-case --seed 7 --out power.html

    equipoise power larger-trial --analysis jump
    """
    from trial.cli.powering import Wish, know_power

    know_power(
        protocol,
        Wish(n, effect, profile, replicates, seed, processes, broker_url, not_at_random, analysis or "", out, as_json),
    )
