"""The table of fault runs in docs/reliability.md: one row for each form, replaced when it is run again."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.faults.runs.frame import Finding

PAGE = Path(__file__).parents[3] / "docs" / "reliability.md"
BEGIN, END = "<!-- faults: written by python -m tests.faults --write -->", "<!-- end of faults -->"
HEAD = ["| test | what is claimed, and the load | figures | command | when, on what |", "|---|---|---|---|---|"]
NUMBERS = {1: "one core", 2: "two cores", 3: "three cores", 4: "four cores", 8: "eight cores"}


def row_of(finding: Finding) -> str:
    """One row; the first cell is its key."""
    result = finding.result
    held = "" if result.held else f" **Broken: {'; '.join(result.broken)}.**"
    faults = ", ".join(f"{number} × {what}" for what, number in result.faults.items()) or "none"
    figures = f"{result.words} Faults: {faults}.{held}"
    cells = (_key(finding), f"{finding.run.claim} {result.load}", figures, f"`{finding.command}`", _machine())
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _key(finding: Finding) -> str:
    return f"{finding.run.name} {finding.form}".replace("-", " ")


def _machine() -> str:
    cores = os.cpu_count() or 1
    return f"{time.strftime('%Y-%m-%d')}, {NUMBERS.get(cores, f'{cores} cores')}"


def written(page: str, findings: list[Finding]) -> str:
    """The page with these rows in it; rows of other forms stay."""
    head, begin, rest = page.partition(BEGIN)
    table, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has lost the marks between which the table stands")
    rows = {_first_cell(line): line for line in table.splitlines() if line.startswith("| T")}
    rows |= {_first_cell(line): line for line in map(row_of, findings)}
    lines = [*HEAD, *(rows[key] for key in sorted(rows, key=_order))]
    return f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{tail}"


def write(findings: list[Finding]) -> None:
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), findings), encoding="utf-8")


def _first_cell(line: str) -> str:
    return line.split("|")[1].strip()


def _order(key: str) -> tuple[int, str]:
    name, _, form = key.partition(" ")
    return int(name[1:]), form
