"""The first cell of each row of a table as its head, in the tags of a PDF that Typst wrote.

Typst tags the heads of columns alone, and what would tag those of rows cannot be switched on from Python. Here the tag
of each first cell becomes TH with the scope of its row (ISO 32000-1, 14.8.4.3.4 and 14.8.5.7), and the table of
cross-references is written anew. Nothing that is drawn is touched.
"""

from __future__ import annotations

import re

_TABLE = re.compile(
    rb"xref\n0 (\d+)\n((?:\d{10} \d{5} [nf][ \r]\n)+)trailer\n(.*?)startxref\n(\d+)\n%%EOF\s*\Z", re.DOTALL
)
_ENTRY = 20  # bytes of each line of the table
_ROW = re.compile(rb"/Type/StructElem/S/TR/P \d+ 0 R/K\[(\d+) 0 R")
_CELL = re.compile(rb"/Type/StructElem/S/TD\b")


def with_row_heads(pdf: bytes) -> bytes:
    """The same pages. Raises ValueError for a PDF whose objects do not lie in the open, one after the other."""
    found = _TABLE.search(pdf, pdf.rfind(b"\nxref\n"))
    if found is None:
        raise ValueError("the PDF has no table of cross-references in the open")
    end, entries, trailer = found.start(), found[2], found[3]
    offsets = {
        number: int(entries[at : at + 10])
        for number, at in enumerate(range(0, len(entries), _ENTRY))
        if entries[at + 17 : at + 18] == b"n"
    }
    order = sorted(offsets, key=offsets.__getitem__)
    ends = [*(offsets[number] for number in order[1:]), end]
    objects = {number: pdf[offsets[number] : upto] for number, upto in zip(order, ends, strict=True)}
    for row in [_ROW.search(one) for one in objects.values() if one[:40].find(b"/StructElem") > 0]:
        if row is not None:
            objects[int(row[1])] = _as_head(objects[int(row[1])])
    parts, at, moved = [pdf[: offsets[order[0]]]], offsets[order[0]], {}
    for number in order:
        moved[number] = at
        parts.append(objects[number])
        at += len(objects[number])
    lines = [
        (b"%010d" % moved[number] if number in moved else entries[place : place + 10])
        + entries[place + 10 : place + _ENTRY]
        for number, place in enumerate(range(0, len(entries), _ENTRY))
    ]
    table = b"xref\n0 %s\n%strailer\n%sstartxref\n%d\n%%%%EOF" % (found[1], b"".join(lines), trailer, at)
    return b"".join([*parts, table])


def _as_head(cell: bytes) -> bytes:
    """The tag of one cell as that of a row's head; what is a head already stays."""
    if not _CELL.search(cell):
        return cell
    head = _CELL.sub(b"/Type/StructElem/S/TH", cell, count=1)
    if b"<</O/Table/" in head:
        return head.replace(b"<</O/Table/", b"<</O/Table/Scope/Row/", 1)
    return head.replace(b"/S/TH", b"/S/TH/A<</O/Table/Scope/Row>>", 1)
