"""The mails and pages of a protocol as files to look at, and how large the mails are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trial.core.errors import BadInput, Problem
from trial.mail.compose import LARGEST_HTML
from trial.mail.specimen import Drawn

# the text of a page alone: what stands around it belongs to the page
PAGE = '<!doctype html>\n<html lang="{}"><meta charset="utf-8"><title>Text of a page</title>\n{}</html>\n'


def require_new(folder: Path) -> None:
    """BadInput where something lies there already: nothing is overwritten."""
    if folder.exists():
        problem = Problem(str(folder), None, None, "this is there already.", "Name a folder that is not there yet.")
        raise BadInput([problem])


def write(texts: Sequence[Drawn], folder: Path) -> None:
    """Each text as HTML, and each mail as plain text too, under the names that it has in the protocol."""
    for one in texts:
        if one.problem:
            continue
        path = folder / f"{one.name}.{one.language}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.html if one.text else PAGE.format(one.language, one.html), encoding="utf-8")
        if one.text:
            path.with_suffix(".txt").write_text(f"Subject: {one.subject}\n\n{one.text}", encoding="utf-8")


def sizes(texts: Sequence[Drawn]) -> list[dict[str, str | int]]:
    """Each mail with its subject and the bytes of its HTML."""
    return [
        {"name": one.name, "language": one.language, "subject": one.subject, "bytes": one.size}
        for one in texts
        if one.text
    ]


def about_mails(texts: Sequence[Drawn], folder: Path | None) -> list[str]:
    """In a sentence: how many there are, and which is the largest."""
    mails = [one for one in texts if one.text]
    if not mails:
        return []
    largest = max(mails, key=lambda one: one.size)
    lines = [
        f"{len(mails)} mails drawn with the longest values; the largest is {largest.name} ({largest.language}), "
        f"{largest.size / 1000:.1f} of {LARGEST_HTML / 1000:.0f} kB."
    ]
    return [*lines, f"To look at:  {folder}"] if folder else lines
