"""`equipoise randomization error`: somebody was enrolled in error; shown first, written down with --yes."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.core.enrolment_errors import IN_WORDS
from trial.core.errors import BadInput, Problem
from trial.services import enrolment_errors
from trial.services.enrolment_errors import Looked


def mark_error(
    slug: str,
    code: str,
    *,
    reason: str,
    words_from: Path | None,
    stop: bool,
    yes: bool,
    home: Path | None,
    database_url: str | None,
) -> None:
    """Show what an entry does, and with `yes` make it."""
    words = _words(words_from)
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    act = enrolment_errors.mark if yes else enrolment_errors.look
    with store.open_work(acting(settings, store, slug), write=yes) as work:
        looked = act(work, slug, code, reason=reason, words=words, stop=stop)
    for line in _lines(looked):
        typer.echo(line)
    typer.echo("Written down." if yes else "Nothing was changed. To write it down, run the same command with --yes.")


def _lines(looked: Looked) -> list[str]:
    earlier = [f"Earlier entry: {IN_WORDS[one.reason]}, {one.recorded_at:%Y-%m-%d}." for one in looked.entries]
    return [
        *earlier,
        f"{looked.person.code}: {IN_WORDS[looked.reason]}.",
        "The person stays in the list of allocations, in the arm that chance gave, and in the analysis.",
        "All mails to this person stop." if looked.stops else "Mails go on as before.",
    ]


def _words(source: Path | None) -> str:
    if source is None:
        return ""
    try:
        return sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        mend = "Name a text file, or - for the input."
        raise BadInput([Problem("--words-from", None, None, "the file cannot be read.", mend)]) from None
