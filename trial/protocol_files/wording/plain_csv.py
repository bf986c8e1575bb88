"""A table with the columns item and text, and, where it holds several languages, language."""

from __future__ import annotations

from trial.core.official_wording import Written
from trial.protocol_files.wording.tables import Table
from trial.protocol_files.wording.text import Unusable, plain

NAME = "CSV with the columns item and text"


def recognised(columns: tuple[str, ...]) -> bool:
    """Whether a header is ours."""
    return {"item", "text"} <= set(columns)


def read(table: Table, language: str) -> list[Written]:
    """The rows of one language; a table without the column is in the language that was asked for."""
    rows = table.rows
    if "language" in table.columns:
        rows = tuple(row for row in rows if row.get("language").lower() == language.lower())
        if table.rows and not rows:
            known = ", ".join(sorted({row.get("language") for row in table.rows}))
            raise Unusable(None, f"no row is in the language {language!r}.", f"In it: {known[:200]}.")
    return [_written(row.get("item"), row.get("text"), row.line) for row in rows]


def _written(item: str, text: str, line: int) -> Written:
    mark = plain(item, line)
    bare = mark.rstrip(".")
    return Written(plain(text, line), (bare.lstrip("0") or "0" if bare.isdigit() else bare) or None, line)
