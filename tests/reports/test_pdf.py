"""The PDF report: tagged, titled, numbered, the same content, and no text in it is ever Typst code."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from reports.frozen import Frozen, read_frozen
from reports.pdf import render_pdf
from reports.results import frozen_results
from reports.sections import document
from tests.reports.test_html import HOSTILE, hostile


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
    assert len([one for one in reader.outline if not isinstance(one, list)]) == 20


def test_texts_of_a_protocol_are_never_typst(frozen: Frozen) -> None:
    results = frozen_results(frozen)
    results["trial"]["title"] = HOSTILE
    text = words(PdfReader(io.BytesIO(render_pdf(document(results, hostile(frozen.folder))))))
    assert "#let x = 1 $y$ *bold* \\ `code` @ref" in text
