"""The files of a cut before the lock, all made in memory: a closed report never lies unsealed on a disk."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

from reports.blind import CutFacts, blind_results
from reports.blind_page import blind_document, mark_of
from reports.document import Document, Table
from reports.frozen import FreezeRecord, Frozen, frozen_of
from trial.protocol_files import ProtocolFolder

SUMS = "SHA256SUMS"
_PLACE = Path("the cut")


def read_cut(files: Mapping[str, str], folder: ProtocolFolder) -> Frozen:
    """The rows of a cut as values; `files` are those of a freeze, with its freeze.json."""
    record = FreezeRecord.model_validate_json(files["freeze.json"])
    contents = {name: text.encode() for name, text in files.items() if name != "freeze.json"}
    return frozen_of(record, folder, contents, _PLACE)


def blind_files(frozen: Frozen, facts: CutFacts) -> dict[str, bytes]:
    """The blind report as HTML, PDF, JSON and one CSV for each table; each name says that it is blinded, and how."""
    from reports.html import render_html
    from reports.pdf import render_pdf
    from reports.results import write_results

    results = blind_results(frozen, facts)
    document = blind_document(results, frozen.folder)
    stem = f"cut-{facts.number}-blinded-{'dummy-labels' if facts.groups else 'pooled'}"
    made = {
        f"{stem}.json": write_results(results),
        f"{stem}.html": render_html(document).encode(),
        f"{stem}.pdf": render_pdf(document),
    }
    return made | {f"{stem}-{name}.csv": text for name, text in _tables(document, mark_of(results)).items()}


def with_sums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files and their checksums, as `sha256sum --check` reads them."""
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    return {**files, SUMS: "".join(lines).encode()}


def _tables(document: Document, mark: str) -> dict[str, bytes]:
    """Each table by its id; the first line of a file is its mark."""
    found = {}
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                out = io.StringIO(newline="")
                out.write(f"# {mark}. {block.caption}\n")
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(block.columns)
                writer.writerows([*row.cells, *[""] * (len(block.columns) - len(row.cells))] for row in block.rows)
                found[block.id] = out.getvalue().encode()
    return found
