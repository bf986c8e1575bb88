"""Pieces of a Word file as text: runs, fields, bookmarks, paragraphs, tables. Every text is escaped here, once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from reports.document import Row, Table

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_RULE = '<w:{} w:val="single" w:sz="{}" w:space="0" w:color="000000"/>'
_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def parsed(element: str) -> Any:
    """The element, for python-docx to hold."""
    from docx.oxml import parse_xml

    head, tail = re.match(r"<[^\s/>]+", element)[0], element  # type: ignore[index]
    return parse_xml(f'{head} xmlns:w="{_NAMESPACE}"{tail[len(head) :]}')


def run(text: str, *, bold: bool = False) -> str:
    """Words of one look; a new line in them stays one."""
    if not text:
        return ""
    look = "<w:rPr><w:b/></w:rPr>" if bold else ""
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{_safe(line)}</w:t>' for line in text.split("\n"))
    return f"<w:r>{look}{lines}</w:r>"


def field(instruction: str, shown: str) -> str:
    """Something that Word works out, with what it comes to."""
    parts = (
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText xml:space="preserve"> {_safe(instruction)} </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        f'<w:t xml:space="preserve">{_safe(shown)}</w:t>',
        '<w:fldChar w:fldCharType="end"/>',
    )
    return "".join(f"<w:r>{part}</w:r>" for part in parts)


def bookmark(id: int, name: str, inside: str) -> str:
    """A place that a reference can name."""
    return f'<w:bookmarkStart w:id="{id}" w:name={quoteattr(name)}/>{inside}<w:bookmarkEnd w:id="{id}"/>'


def paragraph(style: str, inside: str, *, more: str = "", language: str = "", direction: str = "ltr") -> str:
    """A paragraph in a style; `more` are further properties, in the order of the schema."""
    turned = "<w:bidi/>" if direction == "rtl" else ""
    if language or turned:
        kind = "bidi" if turned else "val"
        look = ("<w:rtl/>" if turned else "") + f"<w:lang w:{kind}={quoteattr(language)}/>"
        inside = inside.replace("<w:rPr><w:b/></w:rPr>", f"<w:rPr><w:b/>{look}</w:rPr>")
        inside = inside.replace("<w:r><w:t ", f"<w:r><w:rPr>{look}</w:rPr><w:t ")
    return f'<w:p><w:pPr><w:pStyle w:val="{style.replace(" ", "")}"/>{turned}{more}</w:pPr>{inside}</w:p>'


def table(table: Table, widths: Sequence[int], *, whole: bool) -> str:
    """Rules above, under the heading and below, and between rows of sentences.

    The heading comes again on every page; no row is cut by a page. `widths` are in twentieths of a point; a `whole`
    table and its note stay on one page.
    """
    between = _RULE.format("insideH", 2) if table.words else ""
    borders = f"<w:tblBorders>{_RULE.format('top', 8)}{_RULE.format('bottom', 8)}{between}</w:tblBorders>"
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    about = f"<w:tblCaption w:val={quoteattr(_clean(table.caption))}/>"
    last = len(table.rows) - 1 if not table.note else None
    rows = "".join(
        _row(row, widths, table, keep=place != last and (whole or row.kind == "group"))
        for place, row in enumerate(table.rows)
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>{borders}<w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="1" '
        f'w:noVBand="1"/>{about}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{_head(table, widths)}{rows}</w:tbl>'
    )


def _head(table: Table, widths: Sequence[int]) -> str:
    under = f"<w:tcBorders>{_RULE.format('bottom', 4)}</w:tcBorders>"
    cells = "".join(
        _cell(name, width, _side(place, table), bold=True, more=under + '<w:vAlign w:val="bottom"/>', keep=True)
        for place, (name, width) in enumerate(zip(table.columns, widths, strict=True))
    )
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"


def _row(row: Row, widths: Sequence[int], table: Table, *, keep: bool) -> str:
    """A line; `keep` holds it to the next."""
    if row.kind == "group":
        span = f'<w:gridSpan w:val="{len(widths)}"/>'
        cells = _cell(row.cells[0], sum(widths), "left", bold=True, before=span, keep=keep)
    else:
        cells = "".join(
            _cell(
                text,
                width,
                _side(place, table),
                bold=row.kind == "strong",
                indent=170 if row.kind == "under" and place == 0 else 0,
                keep=keep,
            )
            for place, (text, width) in enumerate(zip(row.cells, widths, strict=True))
        )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _side(place: int, table: Table) -> str:
    return "left" if place == 0 or table.words else "right"


def _cell(
    text: str, width: int, side: str, *, bold: bool = False, before: str = "", more: str = "", indent: int = 0,
    keep: bool = False,
) -> str:  # fmt: skip
    properties = "<w:keepNext/>" if keep else ""
    inward = f'<w:ind w:left="{indent}"/>' if indent else ""
    style = '<w:pStyle w:val="Tabletext"/>'
    inside = f'<w:p><w:pPr>{style}{properties}{inward}<w:jc w:val="{side}"/></w:pPr>{run(text, bold=bold)}</w:p>'
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{before}{more}</w:tcPr>{inside}</w:tc>'


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _safe(text: str) -> str:
    return escape(_clean(text))
