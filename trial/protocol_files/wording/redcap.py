"""A REDCap data dictionary: one row a field, answers as `0, Never | 1, Sometimes`."""

from __future__ import annotations

from trial.core.official_wording import Option
from trial.protocol_files.wording.picking import Question
from trial.protocol_files.wording.tables import Table
from trial.protocol_files.wording.text import Unusable, plain

NAME = "REDCap data dictionary"
_VARIABLE = ("variable / field name", "field_name")
_LABEL = ("field label", "field_label")
_TYPE = ("field type", "field_type")
_CHOICES = ("choices, calculations, or slider labels", "select_choices_or_calculations")
_CLOSED = {"radio", "dropdown", "yesno", "truefalse", "slider", "text"}


def recognised(columns: tuple[str, ...]) -> bool:
    """Whether a header is a data dictionary's, as downloaded or as the API gives it."""
    return any(one in columns for one in _VARIABLE) and any(one in columns for one in _LABEL)


def read(table: Table) -> tuple[list[Question], str]:
    """(closed questions in order, the first section header as instructions)."""
    found, headers = [], []
    for row in table.rows:
        if row.get(*_TYPE) not in _CLOSED:
            continue
        headers.append(row.get("section header", "section_header"))
        choices = _options(row.get(*_CHOICES), row.line) if row.get(*_TYPE) in ("radio", "dropdown") else ()
        form = row.get("form name", "form_name")
        found.append(Question(row.get(*_VARIABLE), form, row.get(*_LABEL), row.line, choices))
    return found, plain(next(filter(None, headers), ""), None)


def _options(text: str, line: int) -> tuple[Option, ...]:
    options = []
    for part in filter(None, (one.strip() for one in text.replace("\n", "|").split("|"))):
        value, comma, label = part.partition(",")
        if not comma:
            raise Unusable(line, f"the answer {part[:40]!r} has no number.", "Write answers as `0, Never | 1, Always`.")
        options.append(Option(value.strip(), label.strip()))
    return tuple(options)
