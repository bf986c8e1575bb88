"""The Word report: headings, captions, tables and references are Word's own, and it says what the page says."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from reports.document import Document, Figure, Paragraph, Row, Section, Table, numbered
from reports.docx import render_docx
from reports.frozen import Frozen, read_frozen
from reports.marks import pieces
from reports.pictures import png_files
from reports.results import frozen_results
from reports.sections import document
from tests.reports.reading import named
from tests.reports.test_html import HOSTILE, hostile

ALT = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"


@pytest.fixture(scope="module")
def frozen(frozen_trial: Path) -> Frozen:
    return read_frozen(frozen_trial)


@pytest.fixture(scope="module")
def written(frozen: Frozen) -> Document:
    return document(frozen_results(frozen), frozen.folder)


@pytest.fixture(scope="module")
def data(written: Document) -> bytes:
    return render_docx(written, png_files(written))


@pytest.fixture(scope="module")
def word(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


def blocks(written: Document, kind: type) -> list[Any]:
    return [block for section in written.sections for block in section.blocks if isinstance(block, kind)]


def words(element: Any) -> str:
    """The letters of an element, without the instructions of its fields."""
    return "".join(one.text or "" for one in element.iter(qn("w:t")))


def fields(word: Any, kind: str) -> list[str]:
    found = (one.text.split() for one in word.element.body.iter(qn("w:instrText")))
    return [one[1] for one in found if one[0] == kind]


def test_sections_are_headings(word: Any, written: Document) -> None:
    headings = [one.text for one in word.paragraphs if one.style.name == "Heading 1"]
    assert headings == [section.heading for section in written.sections]
    assert [one.text for one in word.paragraphs if one.style.name == "Title"] == [written.title]


def test_every_table_is_one_with_its_heading_on_each_page(word: Any, written: Document) -> None:
    expected = [block if isinstance(block, Table) else block.table for block in blocks(written, Table | Figure)]
    expected = [one for one in expected if one is not None]
    assert len(word.tables) == len(expected)
    for made, table in zip(word.tables, expected, strict=True):
        rows = made._tbl.tr_lst
        assert rows[0].find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
        assert [words(cell) for cell in rows[0].tc_lst] == list(table.columns)
        for row, line in zip(rows[1:], table.rows, strict=True):
            assert [words(cell) for cell in row.tc_lst] == list(line.cells[: len(row.tc_lst)])


def test_no_paragraph_is_empty_and_no_two_tables_touch(word: Any) -> None:
    body = [one for one in word.element.body if one.tag in (qn("w:p"), qn("w:tbl"))]
    empty = [at for at, one in enumerate(body) if one.tag == qn("w:p") and not words(one) and not holds(one)]
    assert set(empty) <= {len(body) - 1}  # Word ends no document with a table
    assert all(not (one.tag == two.tag == qn("w:tbl")) for one, two in pairwise(body))
    assert body[-1].tag == qn("w:p")


def holds(paragraph: Any) -> bool:
    """A picture, or the end of a part of the document with pages of its own."""
    return any(next(paragraph.iter(qn(name)), None) is not None for name in ("w:drawing", "w:sectPr"))


def test_rows_of_sentences_are_told_apart_by_a_rule(word: Any, written: Document) -> None:
    every = [block if isinstance(block, Table) else block.table for block in blocks(written, Table | Figure)]
    tables = [one for one in every if one is not None]
    ruled = [next(made._tbl.iter(qn("w:insideH")), None) is not None for made in word.tables]
    assert ruled == [one.words for one in tables] and True in ruled and False in ruled


def test_captions_count_themselves_in_the_order_of_reading(word: Any, written: Document) -> None:
    counted = fields(word, "SEQ")
    assert counted.count("Table") == len(blocks(written, Table))
    assert counted.count("Figure") == len(blocks(written, Figure))
    captions = [one.text for one in word.paragraphs if one.style.name in ("Caption", "Table caption")]
    for block in blocks(written, Table | Figure):
        assert f"{numbered(written)[block.id]}. {block.caption}" in captions


def test_every_reference_leads_to_a_caption_and_every_caption_is_referred_to(word: Any, written: Document) -> None:
    places = {one.get(qn("w:name")) for one in word.element.body.iter(qn("w:bookmarkStart"))}
    assert set(fields(word, "REF")) <= places
    assert len(places) == len(numbered(written))
    said = " ".join(words(one) for one in word.element.body.iter(qn("w:p")) if "REF _Ref" in one.xml)
    assert named(said) == set(numbered(written).values()), "by its own name, or within a range"


def test_every_figure_has_its_words(word: Any, written: Document) -> None:
    told = [one.get("descr") for one in word.element.body.iter(ALT)]
    drawings = [one for block in blocks(written, Figure) for one in block.pages or (block.drawing,)]
    assert told == [f"{one.title}. {one.description}" for one in drawings]


def test_it_says_what_the_page_says(word: Any, written: Document) -> None:
    said = {one.text for one in word.paragraphs}
    names = numbered(written)
    for block in blocks(written, Paragraph):
        assert "".join(names.get(one.to, one.text) for one in pieces(block.text)) in said


def test_it_tells_its_language_and_neither_a_name_nor_a_date(data: bytes, word: Any) -> None:
    assert {one.get(qn("w:val")) for one in word.styles.element.iter(qn("w:lang"))} == {"en-GB"}
    about = word.core_properties
    assert about.title and about.language == "en"
    assert (about.author, about.created, about.modified) == ("", None, None)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any("thumbnail" in one for one in archive.namelist())


def test_the_same_document_gives_the_same_bytes(data: bytes, written: Document) -> None:
    assert render_docx(written, png_files(written)) == data


def test_a_rehearsal_is_marked_on_every_page(word: Any, written: Document) -> None:
    assert all(written.mark in section.header.paragraphs[0].text for section in word.sections)


def test_texts_of_a_protocol_are_never_markup(frozen: Frozen) -> None:
    spoiled = document(frozen_results(frozen), hostile(frozen.folder))
    word = docx.Document(io.BytesIO(render_docx(spoiled, png_files(spoiled))))
    said = " ".join(one.text for one in word.paragraphs)
    assert HOSTILE in said
    assert not re.search("(?i)alert", " ".join(fields(word, "SEQ")))


def test_a_wide_table_lies_on_its_side_and_the_page_after_it_stands() -> None:
    wide = Table("wide", "Wide", tuple("abcdefghij"), (Row(tuple("0123456789")),))
    sections = (Section("one", "One", (wide,)), Section("two", "Two", (Paragraph("Upright again."),)))
    word = docx.Document(io.BytesIO(render_docx(Document("Title", "Subtitle", "", "en", sections), {})))
    assert [one.page_width > one.page_height for one in word.sections] == [False, True, False]
