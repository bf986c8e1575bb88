"""The signed consent as a file: the page that the person saw, on paper or as one web page with all inside."""

from __future__ import annotations

from reports.document import Document, Section
from reports.html import render_html
from reports.pdf import render_pdf
from reports.protocol_document.screens import screen


def _document(page: str, *, title: str, mark: str, language: str) -> Document:
    shown = screen("copy", title, page, language)
    return Document(title, "", mark, language, (Section("copy", title, (shown,)),))


def as_pdf(page: str, *, title: str, mark: str, language: str) -> bytes:
    """A page of ours as PDF."""
    return render_pdf(_document(page, title=title, mark=mark, language=language))


def as_html(page: str, *, title: str, mark: str, language: str) -> str:
    """A page of ours as one file that needs nothing else."""
    return render_html(_document(page, title=title, mark=mark, language=language))
