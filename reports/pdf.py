"""The report as a PDF by Typst: tagged, with a title, a language, page numbers and vector drawings.

Every text reaches Typst as a value in JSON, never as markup, so that nothing in it can be read as an instruction.
Only fonts that come with Typst and Matplotlib are used: the same input gives the same pages on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from reports.document import (
    Block,
    Document,
    Figure,
    Linked,
    Paragraph,
    Row,
    Screen,
    Subheading,
    Table,
    Terms,
    kind_of,
    numbered,
)
from reports.drawing import FONT
from reports.fonts import fonts
from reports.marks import pieces, unkeyed
from reports.pdf_row_heads import with_row_heads

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
FAMILY = "DejaVu Sans"
FULL_WIDTH = 560  # a drawing of this width fills the line
SHORT_CHOICE = 32  # answers of so few letters stand side by side
SHORT = 14  # a table of so many lines is kept on one page
MOST_UPRIGHT = 8  # a table of more columns gets a page on its side
_NUMBERS = 6  # a column of numbers of items, or of dashes, needs no more
_A_LINE = 100  # characters of a table that fit on a page beside one another
_SHORT_CELL = 20  # characters of an estimate with its interval, which stay on one line
_CHARACTERS = (8, 38)  # a column is at least and at most so many characters wide


def render_pdf(document: Document) -> bytes:
    """The document as PDF/UA-1, without a date."""
    import typst

    compiled = typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        format="pdf",
        font_paths=fonts(),
        sys_inputs={"document": json.dumps(_values(document), ensure_ascii=False)},
        pdf_standards="ua-1",
        timestamp=0,
    )
    return with_row_heads(bytes(compiled))


def _values(document: Document) -> dict[str, Any]:
    names, document = numbered(document), unkeyed(document)
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "mark": document.mark,
        "language": document.language,
        "contents": document.contents,
        "sections": [
            {"id": one.id, "heading": one.heading, "blocks": [_block(block, names) for block in one.blocks]}
            for one in document.sections
        ],
    }


def _block(block: Block, names: Mapping[str, str]) -> dict[str, Any]:
    kind = {"kind": kind_of(block)}
    if isinstance(block, Paragraph):
        words = [{"text": names.get(one.to, one.text), "to": one.to} for one in pieces(block.text)]
        return kind | {"words": words, "style": block.style}
    if isinstance(block, Terms):
        return kind | {"items": [list(item) for item in block.items]}
    if isinstance(block, Table):
        return kind | {"id": block.id} | _table(block)
    if isinstance(block, Subheading):
        return kind | {"id": block.id, "text": block.text}
    if isinstance(block, Screen):
        return kind | _screen(block)
    return kind | {"id": block.id} | _figure(block)


def _screen(screen: Screen) -> dict[str, Any]:
    lines: list[dict[str, Any]] = []
    for kind, some in groupby(screen.lines, lambda one: one.kind):
        said = [{"kind": kind, "pieces": [list(piece) for piece in one.pieces]} for one in some]
        short = all(sum(len(words) for words, _ in one["pieces"]) <= SHORT_CHOICE for one in said)
        # the answers to a question side by side, as on a wide screen
        lines += [{"kind": "choices", "choices": said}] if kind == "choice" and short else said
    language, _, region = screen.language.partition("-")
    return {"caption": screen.caption, "lines": lines, "language": language, "region": region, "to": screen.direction}


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "columns": list(table.columns),
        "widths": column_widths(table),
        "sideways": len(table.columns) > MOST_UPRIGHT,
        "whole": stays_whole(table),
        "words": table.words,
        "rows": [_row(row, len(table.columns)) for row in table.rows],
        "note": table.note,
    }


def stays_whole(table: Table) -> bool:
    """Whether the table is kept on one page."""
    return not table.words and sum(_lines(table)) <= SHORT


def _lines(table: Table) -> Iterator[int]:
    """About how many lines each row takes: those of its fullest cell."""
    widths = column_widths(table)
    room = [max(1, width * _A_LINE // sum(widths)) for width in widths]
    for row in table.rows:
        full = (-(-len(cell) // room[at]) for at, cell in enumerate(row.cells))
        yield 1 if row.kind == "group" else max(1, *full)


def column_widths(table: Table) -> list[int]:
    """Each column's share of the page: its longest cell, or the longest word of its heading."""
    cells = [row.cells for row in table.rows if row.kind != "group"]
    least, most = (11, 26) if table.words else _CHARACTERS
    spare = 3 if table.words else 0
    widths = []
    for place, name in enumerate(table.columns):
        longest = max((len(each[place]) for each in cells), default=0)
        word = max(map(len, name.split()), default=0) + spare
        floor = min(least, _NUMBERS) if longest < _NUMBERS else least
        widths.append(min(most, max(floor, longest, word)))
    if (
        not table.alike and sum(widths) > _A_LINE
    ):  # what has to give way are long cells, never a word of a heading nor a short number
        words = [
            min(width, max(map(len, name.split()), default=0) + spare) if table.words else min(width, _SHORT_CELL)
            for width, name in zip(widths, table.columns, strict=True)
        ]
        give = max(0.0, (_A_LINE - sum(words)) / max(sum(widths) - sum(words), 1))
        widths = [word + round(give * (width - word)) for width, word in zip(widths, words, strict=True)]
    return [widths[0], *[max(widths[1:])] * (len(widths) - 1)] if table.alike else widths


def _row(row: Row, columns: int) -> dict[str, Any]:
    cells = [_cell(cell) for cell in row.cells]
    return {"kind": row.kind, "cells": [*cells, *[""] * (columns - len(cells))]}


def _cell(cell: str) -> str | dict[str, Any]:
    return {"places": [list(one) for one in cell.places]} if isinstance(cell, Linked) and cell.places else str(cell)


def _figure(figure: Figure) -> dict[str, Any]:
    drawings = figure.pages or (figure.drawing,)
    return {
        "caption": figure.caption,
        "drawings": [
            {
                "alt": f"{one.title}. {one.description}",
                "svg": one.svg.replace(FONT, FAMILY),
                "share": min(1.0, one.width / FULL_WIDTH),
                "ratio": one.height / one.width,
            }
            for one in drawings
        ],
    }
