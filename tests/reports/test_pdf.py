"""The PDF report: tagged, titled, numbered, the same content, and no text in it is ever Typst code."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from reports.document import Document, Paragraph, Row, Section, Table, numbered
from reports.frozen import Frozen, read_frozen
from reports.marks import pieces
from reports.pdf import render_pdf
from reports.results import frozen_results
from reports.sections import document
from tests.reports.builder import build_freeze
from tests.reports.reading import named
from tests.reports.test_html import HOSTILE, hostile
from trial.protocol_files import shipped


@pytest.fixture(scope="module")
def frozen(frozen_trial: Path) -> Frozen:
    return read_frozen(frozen_trial)


@pytest.fixture(scope="module")
def reader(frozen: Frozen) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(document(frozen_results(frozen), frozen.folder))))


def words(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_it_has_a_title_a_language_and_tags(reader: PdfReader) -> None:
    assert reader.metadata is not None
    assert (
        reader.metadata.title
        == "Evening lists and mood, a randomised trial for tests: Report of a rehearsal of a randomised trial"
    )
    catalogue: Any = reader.trailer["/Root"].get_object()
    assert catalogue["/Lang"] == "en"
    assert bool(catalogue["/MarkInfo"]["/Marked"])
    assert "/StructTreeRoot" in catalogue


def test_it_tells_no_date(reader: PdfReader) -> None:
    metadata: Any = reader.metadata
    dates = [str(metadata[key]) for key in metadata if key.endswith("Date")]
    assert all(date.startswith("D:1970") for date in dates)


def test_pages_are_numbered_and_a_rehearsal_is_marked_on_each(reader: PdfReader) -> None:
    total = len(reader.pages)
    assert total > 3
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert f"Page {number} of {total}" in text
        assert "all participants are pretend people" in text


def test_it_says_what_the_html_says(frozen: Frozen, reader: PdfReader) -> None:
    text = words(reader).replace("\u00a0", " ")
    for section in document(frozen_results(frozen), frozen.folder).sections:
        assert section.heading in text
    for arm in frozen_results(frozen)["flow"]["arms"]:
        assert f"Analysed for the primary outcome (n = {arm['analysed']})" in text.replace(" )", ")")


def test_the_headings_are_an_outline(reader: PdfReader) -> None:
    assert len([one for one in reader.outline if not isinstance(one, list)]) == 21


def test_texts_of_a_protocol_are_never_typst(frozen: Frozen) -> None:
    results = frozen_results(frozen)
    results["trial"]["title"] = HOSTILE
    text = words(PdfReader(io.BytesIO(render_pdf(document(results, hostile(frozen.folder))))))
    assert "#let x = 1 $y$ *bold* \\ `code` @ref" in text


def elements(reader: PdfReader) -> list[Any]:
    """Every element of the tree of tags."""
    found: list[Any] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if not isinstance(node, dict):
            return
        found.append(node)
        below = node.get("/K", [])
        for each in below if isinstance(below, list) else [below]:
            walk(each)

    catalogue: Any = reader.trailer["/Root"].get_object()
    walk(catalogue["/StructTreeRoot"])
    return found


def attributes(element: Any) -> dict[str, Any]:
    """What an element says of itself beside its tag."""
    found = element.get("/A", {})
    return {key: value for one in (found if isinstance(found, list) else [found]) for key, value in one.items()}


def test_it_says_that_it_is_accessible_and_shows_its_title(reader: PdfReader) -> None:
    catalogue: Any = reader.trailer["/Root"].get_object()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalogue["/Metadata"].get_object().get_data()
    assert bool(catalogue["/ViewerPreferences"]["/DisplayDocTitle"])
    assert all(page["/Tabs"] == "/S" for page in reader.pages if "/Annots" in page)


def test_figures_have_words_and_tables_have_heads(reader: PdfReader, frozen: Frozen) -> None:
    tags = [element for element in elements(reader) if "/S" in element]
    figures = [one for one in tags if one["/S"] == "/Figure"]
    written = document(frozen_results(frozen), frozen.folder)
    names = numbered(written)
    assert len(figures) == sum(name.startswith("Figure") for name in names.values())
    assert all(one["/Alt"] and "/BBox" in attributes(one) for one in figures)
    heads = [one for one in tags if one["/S"] == "/TH"]
    assert {attributes(one)["/Scope"] for one in heads} == {"/Column", "/Row"}
    assert sum(one["/S"] == "/Table" for one in tags) == sum(name.startswith("Table") for name in names.values())


def test_every_table_and_figure_is_named_in_the_text_and_the_name_leads_there(
    reader: PdfReader, frozen: Frozen
) -> None:
    links = [one for page in reader.pages for one in page.get("/Annots", [])]
    written = document(frozen_results(frozen), frozen.folder)
    texts = [one.text for section in written.sections for one in section.blocks if isinstance(one, Paragraph)]
    ends = [piece.to for text in texts for piece in pieces(text) if piece.to]
    assert len(links) >= len(ends) > len(written.sections) / 2
    said = " ".join("".join(numbered(written).get(one.to, one.text) for one in pieces(text)) for text in texts)
    assert named(said) == set(numbered(written).values()), "by its own name, or within a range"
    assert named(" ".join(page.extract_text() for page in reader.pages)) >= named(said)
    assert all("/Contents" in one.get_object() for one in links)


def test_each_row_of_a_table_begins_with_its_head(reader: PdfReader) -> None:
    rows = [[each.get_object() for each in one["/K"]] for one in elements(reader) if one.get("/S") == "/TR"]
    body = [row for row in rows if any(cell["/S"] == "/TD" for cell in row)]
    assert len(body) > 100
    for first, *others in body:
        assert first["/S"] == "/TH" and attributes(first)["/Scope"] == "/Row"
        assert all(cell["/S"] == "/TD" for cell in others)


def test_a_heading_inside_a_table_is_on_the_page_of_the_rows_below_it(frozen: Frozen) -> None:
    """Wherever the page ends: with one line more above it each time."""
    groups = [f"Group {letter}" for letter in "ABCDEFGHIJ"]
    rows = tuple(row for name in groups for row in (Row((name,), "group"), *[Row((f"{name} row", "1"), "under")] * 3))
    for lines in range(4):
        above = [Paragraph(f"Line {n}") for n in range(20 + lines)]
        section = Section("one", "One", (*above, Table("t", "A long table", ("", "n"), rows)))
        made = PdfReader(io.BytesIO(render_pdf(Document("Title", "Subtitle", "", "en", (section,)))))
        pages = [[line.strip() for line in page.extract_text().splitlines() if "Group" in line] for page in made.pages]
        assert len([page for page in pages if page]) == 2, "the table goes over the end of a page"
        assert not any(page[-1] in groups for page in pages if page)


def test_a_group_that_goes_on_over_the_end_of_a_page_is_named_again_there() -> None:
    rows = tuple(Row((f"Group {n}",), "group") if at == 0 else Row((f"Row {n}.{at}", "1"), "under") for n in range(3)
                 for at in range(30))  # fmt: skip
    section = Section("one", "One", (Table("t", "A long table", ("", "n"), rows),))
    made = PdfReader(io.BytesIO(render_pdf(Document("Title", "Subtitle", "", "en", (section,)))))
    second = [line.strip() for line in made.pages[1].extract_text().splitlines()]
    begins = next(at for at, line in enumerate(second) if line.startswith("Row"))
    assert second[begins].startswith("Row 1.") and second[begins - 1] == "Group 1"


def test_no_page_but_the_last_is_left_a_third_empty(tmp_path: Path) -> None:
    demo = read_frozen(build_freeze(tmp_path, protocol=shipped("shapira-mongrain-2010")))
    reader = PdfReader(io.BytesIO(render_pdf(document(frozen_results(demo), demo.folder))))
    for number, page in enumerate(reader.pages[:-1], start=1):
        at = {0.0}

        def keep(text: str, cm: Any, tm: Any, _font: Any, _size: Any, at: set[float] = at) -> None:
            if text.strip():
                at.add(tm[4] * cm[1] + tm[5] * cm[3] + cm[5])

        page.extract_text(visitor_text=keep)
        high = float(page.mediabox.height)
        lines = sorted(one for one in at if one < high - 60)
        assert max(above - below for below, above in pairwise(lines)) < high / 3, f"page {number}"


def test_a_row_that_stands_out_is_printed_bold_and_the_others_are_not() -> None:
    rows = (Row(("Any event", "3")), Row(("All weeks", "7"), "strong"))
    section = Section("one", "One", (Table("t", "A table", ("", "n"), rows),))
    made = PdfReader(io.BytesIO(render_pdf(Document("Title", "Subtitle", "", "en", (section,)))))
    fonts: dict[str, str] = {}

    def keep(text: str, _cm: Any, _tm: Any, font: Any, _size: Any) -> None:
        fonts.update(dict.fromkeys(text.split(), str(font["/BaseFont"]) if font else ""))

    made.pages[0].extract_text(visitor_text=keep)
    assert "Bold" in fonts["weeks"] and "Bold" in fonts["7"]
    assert "Bold" not in fonts["event"] and "Bold" not in fonts["3"]


def test_a_row_of_long_cells_stays_on_one_page(frozen: Frozen) -> None:
    between = " ".join(["words"] * 95)
    rows = tuple(Row((f"{at}", f"begin{at}x {between} end{at}x", "Software")) for at in range(30))
    table = Table("long", "Long", ("Item", "What it asks for", "Filled by"), rows, alike=False, words=True)
    made = document(frozen_results(frozen), frozen.folder)
    told = replace(made, sections=(replace(made.sections[0], blocks=(Paragraph("See it."), table)),))
    pages = [one.extract_text() for one in PdfReader(io.BytesIO(render_pdf(told))).pages]
    assert len(pages) > 2
    for at in range(30):
        assert [f"begin{at}x" in one for one in pages] == [f"end{at}x" in one for one in pages], at
