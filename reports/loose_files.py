"""The tables and figures of a report as files of their own, and the list of every file with its checksum."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reports.csv_text import read_bytes, read_csv
from reports.document import Block, Document, Figure, Row, Table, numbered
from reports.marks import unkeyed
from reports.pictures import figures_of, svg_file
from trial.core.dataset import write_table
from trial.core.errors import DataInvalid

INDEX = "report-files.csv"
COLUMNS = ("file", "what", "caption", "sha256")
_OURS = re.compile(r"(tables|figures)/[0-9]{2,}-[A-Za-z0-9_-]+\.(csv|svg|png)")
_BYTE_ORDER = b"\xef\xbb\xbf"  # by which spreadsheets know that a file is UTF-8
_UNDER = "Under"


def table_files(document: Document) -> dict[str, bytes]:
    """Each table as CSV, as it is printed: `tables/03-name.csv`; the table of a figure stands beside the figure."""
    return {_path(name, id, ".csv"): _csv(table) for id, name, table in _tables(unkeyed(document))}


def figure_files(document: Document, pngs: Mapping[str, Sequence[bytes]]) -> dict[str, bytes]:
    """Each figure as SVG and PNG: `figures/01-name.svg`; one of several pages has the page at its end."""
    names, made = numbered(document), {}
    for id, drawings in figures_of(document).items():
        for page, (drawing, png) in enumerate(zip(drawings, pngs[id], strict=True), start=1):
            of = f"{id}-{page}" if len(drawings) > 1 else id
            made[_path(names[id], of, ".svg")] = svg_file(drawing, document.mark)
            made[_path(names[id], of, ".png")] = png
    return made


def index_file(document: Document, made: Mapping[str, bytes]) -> bytes:
    """What each file is, with its SHA-256."""
    captions = {_path(name, id, ""): (name, caption) for id, name, caption in _captions(unkeyed(document))}
    rows = []
    for path, data in made.items():
        about = (of for start, of in captions.items() if path.startswith(start))
        what, caption = next(about, ("Report", document.title))
        rows.append((path, what, caption, hashlib.sha256(data).hexdigest()))
    return _BYTE_ORDER + write_table(COLUMNS, rows).encode()


def outdated(directory: Path, made: Mapping[str, bytes]) -> list[str]:
    """Tables and figures that an earlier report listed and this one has no more; only files named as ours are."""
    try:
        listed = read_csv(read_bytes(directory / INDEX), INDEX)
    except DataInvalid:  # none, or one that somebody changed
        return []
    paths = [cells[0] for _, cells in listed.rows if cells and _OURS.fullmatch(cells[0])]
    return [path for path in paths if path not in made and (directory / path).is_file()]


def _blocks(document: Document) -> Iterator[Block]:
    return (block for section in document.sections for block in section.blocks)


def _tables(document: Document) -> Iterator[tuple[str, str, Table]]:
    """The id and name under which a table is filed, and the table."""
    names = numbered(document)
    for block in _blocks(document):
        if isinstance(block, Table):
            yield block.id, names[block.id], block
        elif isinstance(block, Figure) and block.table:
            yield block.id, names[block.id], block.table


def _captions(document: Document) -> Iterator[tuple[str, str, str]]:
    names = numbered(document)
    for block in _blocks(document):
        if isinstance(block, Table | Figure):
            yield block.id, names[block.id], block.caption


def _path(name: str, id: str, ending: str) -> str:
    kind, number = name.split()
    return f"{kind.lower()}s/{int(number):02}-{id}{ending}"


def _csv(table: Table) -> bytes:
    """A line for each line of the table; what a line stands under comes first, where any does."""
    nested = any(row.kind in ("group", "under") for row in table.rows)
    head = [name or "Row" for name in table.columns]
    rows = [([above] if nested else []) + list(row.cells) for above, row in _with_heads(table.rows)]
    return _BYTE_ORDER + write_table(([_UNDER] if nested else []) + head, rows).encode()


def _with_heads(rows: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    above = ""
    for row in rows:
        if row.kind != "group":
            yield (above if row.kind == "under" else ""), row
        if row.kind != "under":
            above = row.cells[0]
