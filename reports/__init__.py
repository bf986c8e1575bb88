"""Documents from a frozen trial, or from data collected elsewhere; never from the database.

The parts that count and draw are imported only when a report is built, so that naming this package costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.files import write_whole

if TYPE_CHECKING:
    from trial.protocol_files import ProtocolFolder

FORMATS = ("json", "html", "pdf")
NAMES = {"json": "results.json", "html": "report.html", "pdf": "report.pdf"}


def build_report(directory: Path, formats: Collection[str] = FORMATS) -> list[Path]:
    """Read a frozen directory and write its report beside the data; returns the files written.

    `formats` are some of json, html, pdf. Raises DataInvalid where the directory is damaged, CountsDisagree where its
    counts do not add up; then nothing is written. ValueError for a format that there is not.
    """
    from reports.frozen import read_frozen
    from reports.results import frozen_results

    _check(formats)
    frozen = read_frozen(directory)
    return write_whole(directory, _made(frozen_results(frozen), frozen.folder, formats))


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
    return write_whole(out, _made(results, folder, formats))


def _check(formats: Collection[str]) -> None:
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise ValueError(f"a report is made as {', '.join(FORMATS)}, not as {', '.join(unknown) or 'nothing'}")


def _made(results: Mapping[str, Any], folder: ProtocolFolder, formats: Collection[str]) -> dict[str, bytes]:
    """Every file as bytes, all made before any is written."""
    from reports.consort.beside import beside
    from reports.html import render_html
    from reports.pdf import render_pdf
    from reports.results import write_results
    from reports.sections import document

    made = {"json": write_results(dict(results))} if "json" in formats else {}
    more: dict[str, bytes] = {}
    if "html" in formats or "pdf" in formats:
        written = document(dict(results), folder)
        if "html" in formats:
            made["html"] = render_html(written).encode()
        if "pdf" in formats:
            made["pdf"] = render_pdf(written)
        more = beside(dict(results), folder, formats, written.sections)
    return {NAMES[kind]: data for kind, data in made.items()} | more
