"""After a rehearsal: the oracle's recount, kept in `oracle.json`; a difference ends the command, all files in place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from trial.cli.living import Lived, Wish
from trial.cli.places import operator
from trial.core.errors import EquipoiseError
from trial.rehearsal.oracle.reading import read_record
from trial.rehearsal.oracle.recount import Recount, recount, with_report

FILE = "oracle.json"
SHOWN = 10


class RecountDiffers(EquipoiseError):
    """The recount by separate code found something else than the trial did."""


def recounted(lived: Lived, wish: Wish, *, quiet: bool) -> Recount:
    """Recount the trial from its record, and hold ledger, mailbox and frozen files against it.

    Raises RecountDiffers where anything is not the same, once `oracle.json` is written.
    """
    with lived.store.open_work(operator(), write=False) as work:
        # without pages nothing goes by SMTP, and there is no mailbox to look into
        mailbox = None if wish.fast else lived.mailbox
        record = read_record(work, lived.trial.slug, mailbox, lived.files)
    found = recount(record)
    _keep(found, wish.out)
    if not quiet:
        typer.echo(f"{found.sentence}.")
    return found


def held_to_report(found: Recount, results: Mapping[str, Any], wish: Wish) -> Recount:
    """The same for the flow that the report draws."""
    whole = with_report(found, results["flow"])
    _keep(whole, wish.out)
    return whole


def _keep(found: Recount, out: Path) -> None:
    text = json.dumps(found.as_json(), indent=1, ensure_ascii=False) + "\n"
    (out / FILE).write_text(text, encoding="utf-8")
    if found.differences:
        first = [one.sentence for one in found.differences[:SHOWN]]
        raise RecountDiffers("\n".join([f"{found.sentence}.", *first, f"All that was compared: {out / FILE}"]))
