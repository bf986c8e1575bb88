"""Tables as SPSS (.sav) and Stata (.dta) files, each column with its label and each level with its code and label.

Both are written by ReadStat, through pyreadstat; pandas is what it takes them from.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.capsule.tables import Column, Table

# what the formats hold, in bytes of UTF-8; a name in Stata names its set of labels too, and ReadStat takes 31 there
LONGEST_NAME = {"sav": 64, "dta": 31}
LONGEST_LABEL = {"sav": 255, "dta": 79}
LONGEST_LEVEL = {"sav": 119, "dta": 119}
# words that the programs keep for themselves
RESERVED = {
    "sav": {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"},
    "dta": {
        "byte", "double", "float", "if", "in", "int", "long", "using", "with", "_all", "_b", "_coef", "_cons", "_n",
        "_pi", "_pred", "_rc", "_skip", "strl",
    },
}  # fmt: skip
STATA = 15  # version 14 and later read it; the first with UTF-8 throughout


@dataclass(frozen=True, slots=True)
class Encoded:
    """How a column stands in a statistical file: its name there, and the number that each level has."""

    column: Column
    name: str
    codes: Mapping[str, int]

    def value(self, text: str) -> float | str:
        """A cell as the file holds it; a number that is missing is NaN."""
        if self.column.kind == "text":
            return text
        if not text:
            return math.nan
        return float(self.codes[text]) if self.column.kind == "factor" else float(text)

    def values(self, cells: Sequence[str]) -> list[float | str]:
        """The cells of the whole column; one that stands in many rows is read once."""
        known = {text: self.value(text) for text in set(cells)}
        return [known[text] for text in cells]


def encoded(columns: Iterable[Column], format_: str) -> list[Encoded]:
    """Each column with a name that the format takes and that no other has."""
    taken: set[str] = set()
    found = []
    for one in columns:
        name = _free_name(one.name, taken, format_)
        taken.add(name.lower())
        found.append(Encoded(one, name, codes_of(one)))
    return found


def codes_of(column: Column) -> dict[str, int]:
    """The number of each level: its own where all are whole numbers, 1 and 0 for yes and no, else 1, 2, 3 in order."""
    names = [code for code, _ in column.levels]
    if names and all(_is_whole(one) for one in names):
        return {one: int(one) for one in names}
    if set(names) == {"yes", "no"}:
        return {"yes": 1, "no": 0}
    return {one: number for number, one in enumerate(names, start=1)}


def _is_whole(text: str) -> bool:
    return text.lstrip("-").isdecimal() and len(text) < 8 and str(int(text)) == text


def _free_name(name: str, taken: set[str], format_: str) -> str:
    longest = LONGEST_NAME[format_]
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter == "_") else "_" for letter in name)
    plain = plain if plain[:1].isalpha() else f"v{plain}"
    if plain.lower() in RESERVED[format_]:
        plain += "_"
    short, number = plain[:longest], 1
    while short.lower() in taken:
        number += 1
        short = f"{plain[: longest - len(str(number)) - 1]}_{number}"
    return short


def cut(text: str, longest: int) -> str:
    """Text of at most so many bytes, whole characters only."""
    return " ".join(text.split()).encode()[:longest].decode(errors="ignore")


def write_sav(table: Table) -> bytes:
    """The table as an SPSS file."""
    return _written(table, "sav")


def write_dta(table: Table) -> bytes:
    """The table as a Stata file."""
    return _written(table, "dta")


def _written(table: Table, format_: str) -> bytes:
    import pandas
    import pyreadstat

    columns = encoded(table.columns, format_)
    frame = pandas.DataFrame(
        {
            one.name: pandas.Series(
                one.values([row[place] for row in table.rows]), dtype="str" if one.column.kind == "text" else "float64"
            )
            for place, one in enumerate(columns)
        }
    )
    about: dict[str, Any] = {
        "file_label": cut(table.title, 64),
        "column_labels": [cut(one.column.label, LONGEST_LABEL[format_]) for one in columns],
        "variable_value_labels": {
            one.name: {one.codes[code]: cut(label, LONGEST_LEVEL[format_]) or code for code, label in one.column.levels}
            for one in columns
            if one.column.levels
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{format_}"
        if format_ == "sav":
            pyreadstat.write_sav(frame, path, row_compress=True, **about)
        else:
            pyreadstat.write_dta(frame, path, version=STATA, **about)
        return path.read_bytes()
