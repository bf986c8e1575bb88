"""Tables and figures as files: as printed, fit for a journal, listed with their checksums, none left from before."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from reports import build_report
from reports.document import Document, Figure, Row, Section, Table
from reports.frozen import read_frozen
from reports.loose_files import INDEX, outdated, table_files
from reports.pictures import COLUMNS, column_of, figures_of, png_file, svg_file
from reports.results import frozen_results
from reports.sections import document


@pytest.fixture(scope="module")
def written(frozen_trial: Path) -> Document:
    frozen = read_frozen(frozen_trial)
    return document(frozen_results(frozen), frozen.folder)


def lines(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_every_table_is_a_file_in_the_order_of_reading(written: Document) -> None:
    made = table_files(written)
    tables = [one for section in written.sections for one in section.blocks if isinstance(one, Table)]
    names = [f"tables/{place:02}-{one.id}.csv" for place, one in enumerate(tables, start=1)]
    assert [path for path in made if path.startswith("tables/")] == names
    for path, table in zip(names, tables, strict=True):
        printed = [list(row.cells) for row in table.rows if row.kind != "group"]
        assert [line[-len(table.columns) :] for line in lines(made[path])[1:]] == printed


def test_a_line_says_what_it_stands_under() -> None:
    rows = (Row(("Stopped", "5")), Row(("No time", "2"), "under"), Row(("Sex",), "group"), Row(("Women", "3"), "under"))
    table = Table("some", "Some", ("", "Arm"), rows)
    (made,) = table_files(Document("T", "S", "", "en", (Section("a", "A", (table,)),))).values()
    assert lines(made) == [
        ["Under", "Row", "Arm"],
        ["", "Stopped", "5"],
        ["Stopped", "No time", "2"],
        ["Sex", "Women", "3"],
    ]


def test_the_table_of_a_figure_stands_beside_it(written: Document) -> None:
    figure = next(one for section in written.sections for one in section.blocks if isinstance(one, Figure))
    assert figure.table and "figures/01-flow-diagram.csv" in table_files(written)


def test_every_figure_is_a_picture_that_stands_alone(written: Document) -> None:
    for drawings in figures_of(written).values():
        for drawing in drawings:
            svg = svg_file(drawing, written.mark)
            ElementTree.fromstring(svg)
            assert b"currentColor" not in svg and b"\xee\x80\x80" not in svg
            assert written.mark.encode() in svg
            assert written.mark.encode() not in svg_file(drawing)


def test_a_png_has_300_dots_an_inch_in_the_width_of_a_column(written: Document) -> None:
    for drawings in figures_of(written).values():
        picture = Image.open(io.BytesIO(png_file(drawings[0], written.mark)))
        across, down = picture.info["dpi"]
        assert round(across) == round(down) == 300
        assert round(picture.width * 25.4 / 300) == column_of(drawings[0]) in COLUMNS


def test_what_is_drawn_is_dark_enough_in_grey(written: Document) -> None:
    """Lines and letters, not the pale bands: something well below mid-grey stands in every figure."""
    for drawings in figures_of(written).values():
        grey = Image.open(io.BytesIO(png_file(drawings[0]))).convert("L")
        shades = grey.histogram()
        assert sum(shades[:130]) > 0.004 * grey.width * grey.height


def test_the_list_names_every_file_with_its_checksum(a_copy: Callable[[], Path]) -> None:
    directory = a_copy()
    paths = build_report(directory)
    listed = list(csv.DictReader(io.StringIO((directory / INDEX).read_text(encoding="utf-8-sig"))))
    assert [directory / one["file"] for one in listed] == [path for path in paths if path.name != INDEX]
    for one in listed:
        assert hashlib.sha256((directory / one["file"]).read_bytes()).hexdigest() == one["sha256"]
        assert one["what"] and one["caption"]


def test_a_table_of_an_earlier_report_goes_and_nothing_else_does(a_copy: Callable[[], Path]) -> None:
    directory = a_copy()
    build_report(directory)
    mine, old = directory / "tables" / "notes.csv", directory / "tables" / "77-old.csv"
    mine.write_text("mine"), old.write_text("old")
    index = directory / INDEX
    index.write_text(
        index.read_text(encoding="utf-8-sig") + "tables/77-old.csv,,,\ntables/notes.csv,,,\nfreeze.json,,,\n"
    )
    assert outdated(directory, {}) and build_report(directory)
    assert not old.exists() and mine.exists() and (directory / "freeze.json").exists()
