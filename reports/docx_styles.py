"""How a Word file looks and what it says of itself: styles, page, language, head and foot; nobody's name, no date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports import docx_xml as xml
from reports.document import Document

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

PAGE_MM = (210, 297)
_MARGIN_MM = 22
TEXT_MM = (PAGE_MM[0] - 2 * _MARGIN_MM, PAGE_MM[1] - 2 * _MARGIN_MM)  # upright, on its side
_SPELT = {"en": "en-GB", "de": "de-DE"}
_FONT = "Calibri"
_WARN, _INK, _SOFT = "8A3B00", "000000", "444444"
# name, points, bold, colour, points above and below, kept with what follows
_LOOKS: tuple[tuple[str, float, bool, str, int, int, bool], ...] = (
    ("Normal", 10.5, False, _INK, 0, 6, False),
    ("Title", 20, True, _INK, 6, 4, True),
    ("Subtitle", 12, False, _SOFT, 0, 12, False),
    ("Heading 1", 14, True, _INK, 18, 6, True),
    ("Heading 2", 12, True, _INK, 12, 4, True),
    ("Caption", 9.5, False, _INK, 2, 12, False),
    ("Table caption", 9.5, True, _INK, 10, 3, True),
    ("Table text", 9, False, _INK, 1, 1, False),
    ("Note", 8.5, False, _SOFT, 3, 10, False),
    ("Key result", 11, False, _INK, 4, 8, False),
    ("Warning", 10.5, True, _WARN, 4, 8, False),
    ("Term", 10.5, False, _INK, 0, 4, False),
    ("Figure", 10.5, False, _INK, 8, 2, True),
    ("Screen", 9.5, False, _INK, 0, 3, False),
)  # fmt: skip
_EDGED = {"Key result": "0B5394", "Warning": _WARN}


def prepare(word: WordDocument, document: Document) -> None:
    """Everything but the text."""
    from docx.shared import Mm

    section = word.sections[0]
    section.page_width, section.page_height = (Mm(each) for each in PAGE_MM)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
    _styles(word, _SPELT.get(document.language, document.language))
    _head_and_foot(section, document)
    _about(word, document)


def _styles(word: WordDocument, language: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    for name, points, bold, colour, above, below, kept in _LOOKS:
        known = name in [style.name for style in word.styles]
        style: Any = word.styles[name] if known else word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if not known:
            style.base_style = word.styles["Normal"]
            style.quick_style = True
        _plain(style)
        style.font.size, style.font.bold, style.font.italic = Pt(points), bold, False
        style.font.color.rgb = RGBColor.from_string(colour)
        shape = style.paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = Pt(above), Pt(below), 1.0 if points < 10 else 1.1
        shape.keep_with_next = kept
        if name in _EDGED:
            edge = f'<w:pBdr><w:left w:val="single" w:sz="18" w:space="8" w:color="{_EDGED[name]}"/></w:pBdr>'
            style.element.get_or_add_pPr().insert_element_before(
                xml.parsed(edge), "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc"
            )
    word.styles["Caption"].paragraph_format.keep_together = True
    _language(word, language)


def _plain(style: Any) -> None:
    """Our font, and neither border nor spaced letters of the template's."""
    from docx.oxml.ns import qn

    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    style.font.name = _FONT
    for kind in ("w:cs", "w:eastAsia"):
        fonts.set(qn(kind), _FONT)
    properties = style.element.get_or_add_pPr()
    for edge in properties.findall(qn("w:pBdr")):
        properties.remove(edge)
    for wide in style.element.rPr.findall(qn("w:spacing")):
        style.element.rPr.remove(wide)


def _language(word: WordDocument, language: str) -> None:
    """What spelling is checked by, and what a screen reader speaks."""
    from docx.oxml.ns import qn

    for one in (*word.styles.element.iter(qn("w:lang")), *word.settings.element.iter(qn("w:themeFontLang"))):
        one.set(qn("w:val"), language)


def _head_and_foot(section: Any, document: Document) -> None:
    """Title and mark above, page numbers below."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Mm

    pages = f"{xml.run('Page ')}{xml.field('PAGE', '1')}{xml.run(' of ')}{xml.field('NUMPAGES', '1')}"
    sides = (
        (section.header, document.title, xml.run(document.mark, bold=True)),
        (section.footer, document.subtitle, pages),
    )
    for part, left, right in sides:
        paragraph = part.paragraphs[0]
        paragraph.style = section.part.document.styles["Note"]
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_MM[0]), WD_TAB_ALIGNMENT.RIGHT)
        for element in xml.parsed(f"<w:p>{xml.run(left)}<w:r><w:tab/></w:r>{right}</w:p>"):
            paragraph._p.append(element)


def _about(word: WordDocument, document: Document) -> None:
    """Title and language; not who made it, nor when."""
    about = word.core_properties
    about.title, about.subject, about.language = document.title, document.subtitle, document.language
    about.author = about.comments = about.keywords = ""
    about.last_modified_by = ""
    element = about._element
    for child in list(element):
        if child.tag.rpartition("}")[2] in ("created", "modified", "revision", "lastModifiedBy"):
            element.remove(child)
    relations = word.part.package.rels
    for key in [key for key, one in relations.items() if one.reltype.endswith("/thumbnail")]:
        del relations[key]
