"""The report as a Word file that a co-author can edit.

Headings, captions, tables and references are Word's own: captions count themselves, a reference leads to the caption
that it names, the first row of a table is its heading on every page, and a figure has its words for those who do not
see it. It is made from the same document as HTML and PDF. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reports import docx_xml as xml
from reports.document import (
    Block,
    Document,
    Figure,
    Paragraph,
    Screen,
    ScreenLine,
    Section,
    Subheading,
    Table,
    Terms,
    numbered,
)
from reports.docx_styles import PAGE_MM, TEXT_MM, prepare
from reports.marks import pieces, unkeyed
from reports.pdf import FULL_WIDTH, MOST_UPRIGHT, column_widths, stays_whole

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

TALLEST_MM = 205  # a figure leaves room for its heading and caption
_STYLES = {"plain": "Normal", "key": "Key result", "note": "Note", "mark": "Warning"}
_TWIPS = 1440 / 25.4
_ROOM = 160  # above words that follow a table without a note, in twentieths of a point
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can say


def render_docx(document: Document, pictures: Mapping[str, Sequence[bytes]]) -> bytes:
    """The document as .docx; `pictures` are the PNGs of each figure, by its id."""
    import docx

    word = docx.Document()
    prepare(word, document)
    _Writer(word, unkeyed(document), pictures).write()
    out = io.BytesIO()
    word.save(out)
    return _dateless(out.getvalue())


def _dateless(data: bytes) -> bytes:
    """The same archive with no time in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _FIRST_DAY), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


class _Writer:
    """Appends block after block."""

    def __init__(self, word: WordDocument, document: Document, pictures: Mapping[str, Sequence[bytes]]) -> None:
        self.word, self.document, self.pictures = word, document, pictures
        self.names = numbered(document)
        self.bookmarks = 0
        self.after_table = False  # with no note between, which would make the room

    def write(self) -> None:
        document = self.document
        if document.mark:
            self.paragraph(document.mark, "Warning")
        self.paragraph(document.title, "Title")
        self.paragraph(document.subtitle, "Subtitle")
        for section in document.sections:
            self.section(section)
        if self.after_table:
            self.paragraph("", "Note")  # Word ends no document with a table

    def section(self, section: Section) -> None:
        wide = any(isinstance(block, Table) and len(block.columns) > MOST_UPRIGHT for block in section.blocks)
        if wide:
            self.turned(sideways=True)
        self.paragraph(section.heading, "Heading 1")
        for block, following in zip(section.blocks, (*section.blocks[1:], None), strict=True):
            self.block(block, TEXT_MM[wide], leads=isinstance(following, Table | Figure))
        if wide:
            self.turned(sideways=False)

    def turned(self, *, sideways: bool) -> None:
        """A new page, on its side or upright again."""
        from docx.enum.section import WD_ORIENT, WD_SECTION
        from docx.shared import Mm

        section = self.word.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE if sideways else WD_ORIENT.PORTRAIT
        width, height = reversed(PAGE_MM) if sideways else PAGE_MM
        section.page_width, section.page_height = Mm(width), Mm(height)

    def block(self, block: Block, room: float, *, leads: bool) -> None:
        """A block; a plain paragraph that `leads` to a table or a figure stays with it."""
        if isinstance(block, Paragraph):
            self.paragraph(block.text, _STYLES[block.style], keep=leads and block.style == "plain")
        elif isinstance(block, Subheading):
            self.paragraph(block.text, "Heading 2")
        elif isinstance(block, Terms):
            for term, said in block.items:
                said_of = xml.run(f"{term}: ", bold=True) + self.runs(said)
                self.add(xml.paragraph("Term", said_of, more=self.room_above()))
        elif isinstance(block, Table):
            self.table(block, room)
        elif isinstance(block, Figure):
            self.figure(block, room)
        else:
            self.screen(block)

    def room_above(self) -> str:
        """What keeps words off a table that has no note; headings, captions and pictures bring their own room."""
        return f'<w:spacing w:before="{_ROOM}"/>' if self.after_table else ""

    def add(self, element: str) -> Any:
        """Put an element at the end of the text, before what describes the page."""
        self.after_table = element.startswith("<w:tbl")
        made = xml.parsed(element)
        self.word.element.body.insert_element_before(made, "w:sectPr")
        return made

    def paragraph(self, text: str, style: str, *, keep: bool = False) -> None:
        above = self.room_above() if style == "Normal" else ""
        self.add(xml.paragraph(style, self.runs(text), more=("<w:keepNext/>" if keep else "") + above))

    def runs(self, text: str) -> str:
        """Running words; a reference is a field that follows its caption."""
        return "".join(
            xml.field(f"REF {_bookmark(self.names[one.to])} \\h", self.names[one.to]) if one.to else xml.run(one.text)
            for one in pieces(text)
        )

    def caption(self, name: str, text: str, style: str) -> None:
        """`Table 3. …`, whose number counts itself; `name` is empty for a table that belongs to a figure."""
        before = ""
        if name:
            kind, number = name.split()
            self.bookmarks += 1
            counted = xml.run(f"{kind} ") + xml.field(f"SEQ {kind} \\* ARABIC", number)
            before = xml.bookmark(self.bookmarks, _bookmark(name), counted) + xml.run(". ")
        self.add(xml.paragraph(style, before + self.runs(text)))

    def table(self, table: Table, room: float) -> None:
        self.caption(self.names.get(table.id, ""), table.caption, "Table caption")
        shares = column_widths(table)
        widths = [round(room * _TWIPS * share / sum(shares)) for share in shares]
        self.add(xml.table(table, widths, whole=stays_whole(table)))
        if table.note:
            self.paragraph(table.note, "Note")

    def figure(self, figure: Figure, room: float) -> None:
        from docx.shared import Mm

        drawings = figure.pages or (figure.drawing,)
        for drawing, png in zip(drawings, self.pictures[figure.id], strict=True):
            wide = min(room * min(1.0, drawing.width / FULL_WIDTH), TALLEST_MM * drawing.width / drawing.height)
            paragraph = self.word.add_paragraph(style="Figure")
            shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(round(wide, 1)))
            about = shape._inline.docPr
            about.set("title", drawing.title)
            about.set("descr", f"{drawing.title}. {drawing.description}")
        self.caption(self.names[figure.id], figure.caption, "Caption")
        if figure.table:
            self.table(figure.table, room)

    def screen(self, screen: Screen) -> None:
        """A screen as lines of text in its own language."""
        self.add(xml.paragraph("Table caption", xml.run(screen.caption)))
        for line in screen.lines:
            words = "".join(xml.run(words, bold=strong or _strong(line)) for words, strong in line.pieces)
            bullet = xml.run("• " if line.kind == "item" else "○ ") if line.kind in ("item", "choice") else ""
            self.add(xml.paragraph("Screen", bullet + words, language=screen.language, direction=screen.direction))
        self.paragraph("", "Normal")


def _strong(line: ScreenLine) -> bool:
    return line.kind in ("heading", "question", "button")


def _bookmark(name: str) -> str:
    """A bookmark's name: hidden, as it begins with a line."""
    return "_Ref" + name.replace(" ", "")
