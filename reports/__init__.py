"""Documents from a frozen trial, or from data collected elsewhere; never from the database.

The parts that count and draw are imported only when a report is built, so that naming this package costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.files import write_whole

if TYPE_CHECKING:
    from reports.document import Document
    from trial.protocol_files import ProtocolFolder

FORMATS = ("json", "html", "pdf", "docx", "files")
NAMES = {"json": "results.json", "html": "report.html", "pdf": "report.pdf", "docx": "report.docx"}


def build_report(directory: Path, formats: Collection[str] = FORMATS) -> list[Path]:
    """Read a frozen directory and write its report beside the data; returns the files written.

    `formats` are some of json, html, pdf, docx, and files: each table as CSV and each figure as SVG and PNG. Raises
    DataInvalid where the directory is damaged, CountsDisagree where its counts do not add up; then nothing is written.
    ValueError for a format that there is not.
    """
    from reports.frozen import read_frozen
    from reports.results import frozen_results

    _check(formats)
    frozen = read_frozen(directory)
    return _write(directory, _made(frozen_results(frozen), frozen.folder, formats))


def analyse(
    protocol: ProtocolFolder | Path, data_csv: Path, out: Path, formats: Collection[str] = FORMATS
) -> list[Path]:
    """Run a protocol's plan on data collected elsewhere and write the report to `out`; returns the files written.

    Raises ProtocolInvalid or DataInvalid, with every problem located; then nothing is written, not even `out`.
    """
    from reports.csv_text import read_bytes
    from reports.data_file import read_data
    from reports.results import outside_results
    from trial.protocol_files import read_folder

    _check(formats)
    folder = read_folder(protocol) if isinstance(protocol, Path) else protocol
    results = outside_results(folder, read_data(folder, read_bytes(data_csv), str(data_csv)))
    return _write(out, _made(results, folder, formats))


def _check(formats: Collection[str]) -> None:
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise ValueError(f"a report is made as {', '.join(FORMATS)}, not as {', '.join(unknown) or 'nothing'}")


def _made(results: Mapping[str, Any], folder: ProtocolFolder, formats: Collection[str]) -> dict[str, bytes]:
    """Every file as bytes, all made before any is written."""
    from reports.results import write_results

    made = {NAMES["json"]: write_results(dict(results))} if "json" in formats else {}
    if set(formats) == {"json"}:
        return made
    from reports.consort.beside import beside
    from reports.keys import keyed
    from reports.marks import unkeyed
    from reports.sections import document

    written = document(keyed(dict(results)), folder)
    made |= _rendered(written, formats)
    if {"html", "pdf"} & set(formats):
        made |= beside(dict(results), folder, formats, unkeyed(written).sections)
    if "files" in formats:
        from reports.loose_files import INDEX, index_file

        made[INDEX] = index_file(written, made)
    return made


def _rendered(document: Document, formats: Collection[str]) -> dict[str, bytes]:
    """The document in each format."""
    from reports.docx import render_docx
    from reports.html import render_html
    from reports.loose_files import figure_files, table_files
    from reports.pdf import render_pdf
    from reports.pictures import png_files

    pngs = png_files(document) if {"docx", "files"} & set(formats) else {}
    made: dict[str, bytes] = {}
    if "html" in formats:
        made[NAMES["html"]] = render_html(document).encode()
    if "pdf" in formats:
        made[NAMES["pdf"]] = render_pdf(document)
    if "docx" in formats:
        made[NAMES["docx"]] = render_docx(document, pngs)
    return made | table_files(document) | figure_files(document, pngs) if "files" in formats else made


def _write(directory: Path, made: Mapping[str, bytes]) -> list[Path]:
    """Everything written, and tables and figures gone that only an earlier report had."""
    from reports.loose_files import INDEX, outdated

    gone = outdated(directory, made) if INDEX in made else []
    paths = write_whole(directory, made)
    for path in gone:
        (directory / path).unlink()
    return paths
