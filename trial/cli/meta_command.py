"""The words of `equipoise meta`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from trial.cli.options import AsJson


def meta(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Tables of published estimates, folders made by freeze.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the page, the figures and the numbers.", show_default=False)
    ] = None,
    method: Annotated[
        Literal["reml", "pm", "dl", "common"],
        typer.Option(help="Of the variance between studies; common: there is none."),
    ] = "reml",
    no_knapp_hartung: Annotated[
        bool, typer.Option("--no-knapp-hartung", help="Normal intervals, which are too narrow for few studies.")
    ] = False,
    level: Annotated[float, typer.Option(min=0.5, max=0.999, help="Of every interval.")] = 0.95,
    by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Also within the groups of this column.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Pool the results of several studies.

    A table is CSV with a column study, and in each row one of:

      estimate, se: as published, a ratio as its logarithm

      estimate, ci_low, ci_high: and ci_level where it is not 0.95

      n1, mean1, sd1, n2, mean2, sd2: Hedges g, the first arm less the second

      n1, pre1, post1, sd_pre1, r1 and the same with 2: Morris's d_ppc2

      r, n: a correlation; reliability_x, reliability_y correct it

    A column better (higher or lower) turns the sign where lower is better. A frozen trial counts with its primary
    comparison, standardised, above 0 where the first arm does better: freeze the next trial, run the command again,
    and it is in.

    Writes to --out: meta.html, meta.json, studies.csv, forest.svg, forest.png, funnel.svg.

    Examples:  equipoise meta studies.csv --out meta

    equipoise meta studies.csv frozen-2025 frozen-2026 --by comparator --out meta
    """
    from trial.cli.pooling import Wish, pool_files

    pool_files(files, Wish(method, not no_knapp_hartung, level, by), out, as_json=as_json)
