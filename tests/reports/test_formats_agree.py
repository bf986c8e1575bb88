"""Every format prints the same numbers in the same words: page, paper, Word and CSV."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader

from reports import build_report
from reports.document import Table
from reports.frozen import read_frozen
from reports.results import frozen_results
from reports.sections import document
from tests.reports.builder import build_freeze


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = build_freeze(tmp_path_factory.mktemp("formats"))
    build_report(directory)
    return directory


@pytest.fixture(scope="module")
def tables(built: Path) -> list[Table]:
    frozen = read_frozen(built)
    written = document(frozen_results(frozen), frozen.folder)
    blocks = (block for section in written.sections for block in section.blocks)
    return [block for block in blocks if isinstance(block, Table) and not block.words]


def squeezed(text: str) -> str:
    """Without spaces and the breaks of lines, which pages set as they need."""
    return re.sub(r"\s", "", text)


def cells(tables: list[Table]) -> list[str]:
    found = [squeezed(cell) for table in tables for row in table.rows for cell in row.cells]
    assert any("to" in one and "−" in one for one in found) and any("%" in one for one in found)
    return found


def test_the_page_has_every_cell(built: Path, tables: list[Table]) -> None:
    page = (built / "report.html").read_text(encoding="utf-8")
    said = [squeezed(unescape(re.sub(r"<[^>]*>", "", one))) for one in re.findall(r"<t[hd]\b.*?</t[hd]>", page, re.S)]
    assert set(cells(tables)) <= set(said)


def test_the_paper_has_every_cell(built: Path, tables: list[Table]) -> None:
    said = squeezed("".join(page.extract_text() for page in PdfReader(built / "report.pdf").pages))
    assert [one for one in cells(tables) if one not in said] == []


def test_the_word_file_has_every_cell(built: Path, tables: list[Table]) -> None:
    word = docx.Document(str(built / "report.docx"))
    said = {squeezed(cell.text) for table in word.tables for row in table.rows for cell in row.cells}
    assert set(cells(tables)) <= said


def test_the_csv_files_have_every_cell(built: Path, tables: list[Table]) -> None:
    files = [path.read_text(encoding="utf-8-sig") for path in sorted(built.glob("tables/*.csv"))]
    said = {squeezed(cell) for text in files for row in csv.reader(io.StringIO(text)) for cell in row}
    assert {one for one in cells(tables) if one} <= said
