"""What a demo says when it has finished: the trial in a dozen lines, and where the files lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

FILES = (
    ("report.html", "the CONSORT report, one file"),
    ("report.pdf", "the same on paper"),
    ("results.json", "every number in it"),
    ("dataset.csv", "with items, contacts, events, disposition and codebook beside it"),
    ("mailbox", "every mail as it was sent"),
)


def print_summary(out: Path, results: dict[str, Any], *, seconds: float, as_json: bool) -> None:
    """Print the summary, or its figures as JSON."""
    if as_json:
        typer.echo(json.dumps({"out": str(out), "seconds": round(seconds, 1), "results": results}, indent=2))
        return
    for line in [*_flow(results), "", *_estimate(results), "", *_files(out)]:
        typer.echo(line)
    typer.echo(f"\n{seconds:.0f} s. Look around in it:  equipoise serve --home {out}")


def _flow(results: dict[str, Any]) -> list[str]:
    flow = results["flow"]
    return [f"{flow['assessed']} assessed, {flow['randomized']} randomised."]


def _estimate(results: dict[str, Any]) -> list[str]:
    primary = next(one for one in results["estimates"] if one["analysis"] == "primary")
    return [json.dumps(primary)]


def _files(out: Path) -> list[str]:
    return [f"{out / name!s:<40} {what}" for name, what in FILES]
