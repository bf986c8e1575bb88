"""`equipoise meta`: what several studies come to together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from reports.files import write_whole
from reports.meta import Wish, analyse_studies, meta_values, read_all
from reports.meta_page import meta_files, screen
from reports.results import write_results

__all__ = ["Wish", "pool_files"]


def pool_files(files: Sequence[Path], wish: Wish, out: Path | None, *, as_json: bool) -> None:
    """Print the studies and their result, and write the files; BadInput or AnalysisImpossible where it cannot be."""
    meta = analyse_studies(read_all(files), wish)
    made = write_whole(out, meta_files(meta)) if out else []
    if as_json:
        typer.echo(write_results(meta_values(meta)).decode(), nl=False)
        return
    for line in screen(meta):
        typer.echo(line)
    if made:
        typer.echo()
    for path in made:
        typer.echo(str(path))
