"""A CSV file from outside as rows of text, each with the line it starts on; hostile or odd files are refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trial.core.errors import DataInvalid, Problem
from trial.core.rows import LONGEST_CELL, Meanings

LARGEST = 200_000_000  # bytes; 100,000 participants at 8 timepoints need a quarter of this
MOST_COLUMNS = 2_000
MOST_PROBLEMS = 50
CHANGED = "The file was changed after the freeze: freeze the trial again."  # how to mend a file of our own
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_PLAIN = bytes(one for one in (*range(32), 127, *b'"') if one not in b"\t\n\r")
_BLOCK = 1 << 24


@dataclass(frozen=True, slots=True)
class CsvTable:
    """`rows` holds (line, cells); every row has as many cells as the header."""

    file: str
    header: tuple[str, ...]
    rows: list[tuple[int, list[str]]]


@dataclass(slots=True)
class Problems:
    """Located mistakes of one file, as they are found; past fifty only their number grows."""

    file: str
    found: list[Problem] = field(default_factory=list)
    unlisted: int = 0

    def add(self, line: int | None, column: int | None, what: str, mend: str) -> None:
        if len(self.found) < MOST_PROBLEMS:
            self.found.append(Problem(self.file, line, column, what, mend))
        else:
            self.unlisted += 1

    def listed(self) -> list[Problem]:
        """Everything found, and a last line for what was not listed."""
        if not self.unlisted:
            return self.found
        more = Problem(self.file, None, None, f"there are {self.unlisted} more problems.", "Mend these first.")
        return [*self.found, more]

    def refuse(self) -> None:
        """Raise DataInvalid where anything was found."""
        if self.found:
            raise DataInvalid(self.listed())


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """The file's bytes; raises DataInvalid where it is not there, not a file, or larger than `largest` bytes."""
    problems = Problems(str(path))
    try:
        if path.stat().st_size > largest:
            what = f"the file is larger than {largest // 1_000_000} MB."
            problems.add(None, None, what, "Keep one row per participant and timepoint.")
        else:
            return path.read_bytes()
    except FileNotFoundError:
        problems.add(None, None, "there is no such file.", "Check the path.")
    except OSError as error:
        problems.add(None, None, f"the file cannot be read: {error.strerror}.", "Name a readable CSV file.")
    raise DataInvalid(problems.found)


def read_csv(data: bytes, file: str) -> CsvTable:
    """Comma-separated UTF-8 text with a header; a BOM, CRLF, quoted cells and blank lines are all right.

    Cells lose the spaces around them. Raises DataInvalid with row and column for anything else.
    """
    problems = Problems(file)
    rows = _rows(_decode(data, problems), problems)
    problems.refuse()
    if not rows:
        problems.add(None, None, "the file is empty.", "Start with a line of column names.")
        problems.refuse()
    header = tuple(rows[0][1])
    _check_header(rows[0][0], header, problems)
    problems.refuse()
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            what = f"this row has {len(cells)} cells, the header has {len(header)}."
            problems.add(line, None, what, "Quote cells that hold a comma; keep the comma of empty cells.")
    problems.refuse()
    return CsvTable(file, header, rows[1:])


def plain_lines(data: bytes) -> Iterator[str]:
    """The lines of a file that is as `read_csv` takes it and has no quoted cell, as they stand, one at a time.

    ValueError, also while it is read, for any other: `read_csv` reads it, or says where and why not.
    """
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        if len(block.translate(None, _NOT_PLAIN)) < len(block):
            raise ValueError("there is a quote or a control character")
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")


def _decode(data: bytes, problems: Problems) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        problems.add(1, None, "the file is UTF-16 text.", "Save it as CSV in UTF-8.")
        problems.refuse()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(line, None, "the file is not UTF-8 text.", "Save it as CSV in UTF-8.")
        problems.refuse()
        raise AssertionError from error  # not reached: there is a problem
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        problems.add(line, None, f"there is a control character ({found[0]!r}).", "Save it as plain CSV.")
    return text


def _rows(text: str, problems: Problems) -> list[tuple[int, list[str]]]:
    """(line on which the row starts, stripped cells); a quoted cell may run over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    known, start = Meanings(str), 1
    try:
        for cells in reader:
            try:
                stripped = [known[cell] for cell in cells]
            except ValueError:
                problems.add(start, None, f"a cell is longer than {LONGEST_CELL:,} characters.", "Is a quote open?")
                stripped = [cell.strip() for cell in cells]
            if any(stripped):
                rows.append((start, stripped))
            start = reader.line_num + 1
    except csv.Error as error:
        problems.add(start, None, f"this is not CSV: {error}.", "Check the quotes of this row.")
    return rows


def _check_header(line: int, header: tuple[str, ...], problems: Problems) -> None:
    if len(header) > MOST_COLUMNS:
        problems.add(line, None, f"there are {len(header)} columns.", f"Keep at most {MOST_COLUMNS}.")
    if len(header) == 1 and re.search(r"[;\t|]", header[0]):
        problems.add(line, None, "the columns are not separated by commas.", "Save it with commas between columns.")
    seen: set[str] = set()
    for place, name in enumerate(header, start=1):
        if name in seen and name:
            problems.add(line, place, f"the column {name!r} stands twice.", "Keep one of the two.")
        seen.add(name)
