"""Where the numbers of a whole section come from, if not from results.json: the protocol's words, or the checklist."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reports.document import Block, Figure, Linked, Paragraph, Row, Section, Subheading, Table, Terms
from reports.keys import PROTOCOL, keys_of
from reports.marks import each_number

CHECKLIST = "checklist.csv:"
# by section; a number in them that is a result has its key already
SOURCES = {
    "paragraphs": PROTOCOL,
    "said": PROTOCOL,
    "tidier": PROTOCOL,
    "planned": PROTOCOL,
    "office": PROTOCOL,
    "checklist": CHECKLIST,
}
_OWN_NUMBER = re.compile(r"^\d+\. |^\d+ of \d+ lines")  # an item of TIDieR; how many lines a table has


def sourced(section: Section, results: Mapping[str, Any]) -> Section:
    """The section with a source for each number that has none, where the results have their keys."""
    source = SOURCES.get(section.id)
    if source is None or not keys_of(results["estimates"][0]):
        return section
    return replace(section, blocks=tuple(_block(block, source) for block in section.blocks))


def of_terms(said: Terms, results: Mapping[str, Any]) -> Terms:
    """The same for one list of terms about the plan."""
    return _terms(said, PROTOCOL) if keys_of(results["estimates"][0]) else said


def _block(block: Block, source: str) -> Block:
    if isinstance(block, Paragraph | Subheading):
        return replace(block, text=_said(block.text, source))
    if isinstance(block, Terms):
        return _terms(block, source)
    if isinstance(block, Table):
        return _table(block, source)
    if isinstance(block, Figure):
        table = _table(block.table, source) if block.table else None
        return replace(block, caption=_said(block.caption, source), table=table)
    return block


def _terms(block: Terms, source: str) -> Terms:
    return Terms(tuple((term, _said(words, source)) for term, words in block.items))


def _table(table: Table, source: str) -> Table:
    rows = tuple(Row(tuple(_said(cell, source) for cell in row.cells), row.kind) for row in table.rows)
    caption, columns = _said(table.caption, source), tuple(_said(name, source) for name in table.columns)
    return replace(table, caption=caption, columns=columns, rows=rows, note=_said(table.note, source))


def _said(text: str, source: str) -> str:
    """A cell that leads elsewhere, and a number that counts lines, stay as they are."""
    return text if isinstance(text, Linked) or _OWN_NUMBER.match(text) else each_number(text, (source,))
