"""CSV as exports write it: comma, semicolon or tab, one header row, each row with the line it starts on."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from trial.protocol_files.wording.text import Unusable

MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row: cells by the header's name in small letters, and its line."""

    line: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """The first of these columns that the file has, without white space around it."""
        return next((self.cells[name].strip() for name in names if name in self.cells), "")


@dataclass(frozen=True, slots=True)
class Table:
    """A header, in small letters, and rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def header(text: str) -> tuple[str, ...]:
    """The names in the first line, in small letters; one name for what is no table."""
    first = text.lstrip("\n").partition("\n")[0]
    try:
        cells = next(csv.reader([first], delimiter=_delimiter(first)), [])
    except csv.Error:
        return ()
    return tuple(" ".join(cell.lower().split()) for cell in cells)


def read(text: str) -> Table:
    """The whole table; raise Unusable with the line that breaks it."""
    body = text.lstrip("\n")
    skipped = text[: len(text) - len(body)].count("\n")
    columns = header(text)
    if len(set(columns)) != len(columns):
        twice = next(one for one in columns if columns.count(one) > 1)
        raise Unusable(skipped + 1, f"the column {twice[:40]!r} stands twice.", "Keep one of the two.")
    reader = csv.reader(body.splitlines(keepends=True), delimiter=_delimiter(body.partition("\n")[0]), strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            if line > 1 and any(cell.strip() for cell in cells):
                rows.append(Row(skipped + line, dict(zip(columns, cells, strict=False))))
            if len(rows) > MOST_ROWS:
                raise Unusable(skipped + line, f"it has more than {MOST_ROWS} rows.", "Export the scale alone.")
            line = reader.line_num + 1
    except csv.Error as error:
        raise Unusable(skipped + line, f"this is not CSV: {error}.", "Check the quotes of this row.") from None
    return Table(columns, tuple(rows))


def _delimiter(first: str) -> str:
    return max(",;\t", key=first.count)
