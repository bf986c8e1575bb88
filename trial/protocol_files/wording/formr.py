"""A formr item sheet, saved as CSV: columns type, name, label, and choice1, choice2, … for the answers."""

from __future__ import annotations

import re

from trial.core.official_wording import Option
from trial.protocol_files.wording.picking import Question
from trial.protocol_files.wording.tables import Row, Table
from trial.protocol_files.wording.text import plain

NAME = "formr sheet"
_CLOSED = re.compile(r"^(mc|mc_button|mc_heading|rating_button|select_one|sex|range|number|text)\b")


def recognised(columns: tuple[str, ...]) -> bool:
    """Whether a header is an item sheet's."""
    return {"type", "name", "label"} <= set(columns)


def read(table: Table) -> tuple[list[Question], str]:
    """(closed questions in order, the first note as instructions)."""
    found, notes = [], []
    for row in table.rows:
        kind = row.get("type").lower()
        if kind.startswith("note"):
            notes.append(row.get("label"))
        elif _CLOSED.match(kind):
            found.append(Question(row.get("name"), "", row.get("label"), row.line, _options(row)))
    return found, plain(notes[0], None) if notes else ""


def _options(row: Row) -> tuple[Option, ...]:
    """`choice3` is stored as 3."""
    numbers = sorted(int(found[1]) for name in row.cells if (found := re.fullmatch(r"choice(\d{1,2})", name)))
    return tuple(Option(str(one), row.get(f"choice{one}")) for one in numbers if row.get(f"choice{one}"))
