"""What an ethics board reads: the whole trial as one document, generated from the protocol folder alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from reports.files import write_whole
from trial.protocol_files import ProtocolFolder

FORMATS = ("html", "pdf")
NAMES = {"html": "protocol.html", "pdf": "protocol.pdf"}


def build_protocol_document(
    folder: ProtocolFolder,
    out: Path,
    formats: Collection[str] = FORMATS,
    tell: Callable[[str], None] = lambda _: None,
    *,
    published: Sequence[tuple[str, str]] = (),
) -> list[Path]:
    """Write the document to `out` in some of html and pdf; returns the files written.

    `published` are lines about the trial that runs this version, such as the digest of its allocation.

    `tell` is called with a line of progress before each step. Every file is made before any is written. ValueError for
    a format that there is not.
    """
    from reports.html import render_html
    from reports.pdf import render_pdf
    from reports.protocol_document.sections import document

    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise ValueError(f"the document is made as {', '.join(FORMATS)}, not as {', '.join(unknown) or 'nothing'}")
    tell(f"Reading {folder.protocol.id} {folder.protocol.version}")
    written = document(folder, published)
    makers = {"html": lambda: render_html(written).encode(), "pdf": lambda: render_pdf(written)}
    made = {}
    for kind in dict.fromkeys(one for one in FORMATS if one in formats):
        tell(f"Drawing {NAMES[kind]}")
        made[NAMES[kind]] = makers[kind]()
    return write_whole(out, made)
