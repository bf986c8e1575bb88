"""A figure as a file of its own: SVG, and PNG at 300 dots an inch in the width of a journal's column.

Typst draws the PNG from the same SVG that stands in the report, with fonts that come along: no second drawing, and the
same bytes on every machine.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from reports.document import Document, Figure
from reports.drawing import FONT, Drawing
from reports.fonts import fonts

FAMILY = "'DejaVu Sans', Verdana, sans-serif"
COLUMNS = (85, 129, 174)  # mm: one column of a journal, one and a half, two
DOTS = 300
_LETTERS, _LEGIBLE = 9.5, 6.5  # points: what figures are lettered in, and the least that can be read in print
_POINTS = 72 / 25.4
_MARK_HEIGHT = 18.0
TEMPLATE = Path(__file__).parent / "templates" / "figure.typ"


def figures_of(document: Document) -> dict[str, tuple[Drawing, ...]]:
    """The drawings of each figure as on paper, by its id, in the order of reading."""
    found = [block for section in document.sections for block in section.blocks if isinstance(block, Figure)]
    return {one.id: one.pages or (one.drawing,) for one in found}


def svg_file(drawing: Drawing, mark: str = "") -> bytes:
    """The drawing as a file in black on nothing; `mark` stands below what is not from a real trial."""
    svg = drawing.svg.replace(FONT, FAMILY).replace("currentColor", "#000000")
    if mark:
        svg = _marked(svg, drawing, mark)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg}\n'.encode()


def _marked(svg: str, drawing: Drawing, mark: str) -> str:
    width, height = drawing.width, drawing.height + _MARK_HEIGHT
    inner = re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', rf'\1 width="{width:g}" height="{drawing.height:g}"',
                   svg, count=1)  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}pt" '
        f'height="{height:g}pt">{inner}<text x="{width / 2:g}" y="{height - 5:g}" text-anchor="middle" '
        f'font-family="{FAMILY}" font-size="9" font-weight="bold" fill="#8a3b00">{escape(mark)}</text></svg>'
    )


def column_of(drawing: Drawing) -> int:
    """The narrowest column, in mm, in which the letters can still be read."""
    legible = (mm for mm in COLUMNS if _LETTERS * mm * _POINTS / drawing.width >= _LEGIBLE)
    return next(legible, COLUMNS[-1])


def png_file(drawing: Drawing, mark: str = "") -> bytes:
    """The same on white, at 300 dots an inch."""
    import typst

    made = typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        format="png",
        ppi=DOTS,
        font_paths=fonts(),
        sys_inputs={"svg": svg_file(drawing, mark).decode(), "width": f"{column_of(drawing)}mm"},
    )
    return _at_dots(bytes(made))


def _at_dots(png: bytes) -> bytes:
    """The PNG with its dots an inch written behind its header, so that a word processor gives it its size."""
    a_metre = round(DOTS / 0.0254)
    chunk = b"pHYs" + struct.pack(">IIB", a_metre, a_metre, 1)
    header = 33  # eight letters of signature and the first chunk
    return png[:header] + struct.pack(">I", 9) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[header:]


def png_files(document: Document) -> Mapping[str, list[bytes]]:
    """The PNGs of each figure, by its id."""
    return {id: [png_file(one, document.mark) for one in drawings] for id, drawings in figures_of(document).items()}
