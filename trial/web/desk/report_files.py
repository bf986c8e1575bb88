"""The report's folder as pages: what lies in it, and each file by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from trial.web.desk.pages import Pages

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
}
SHOWN = (".html", ".pdf")

# The report is one file with its styles and drawings inside; it needs nothing else and runs nothing.
REPORT_POLICY = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
}


@dataclass(frozen=True, slots=True)
class ReportFile:
    """One file of the folder, size in octets."""

    name: str
    size: int

    @property
    def is_shown(self) -> bool:
        """Whether a browser shows it, rather than saving it."""
        return self.name.endswith(SHOWN)


def listed(folder: Path) -> list[ReportFile]:
    """The folder's own files of the known types: documents first, then data; no links, nothing from folders within."""
    if not folder.is_dir():
        return []
    found = [
        ReportFile(path.name, path.stat().st_size)
        for path in folder.iterdir()
        if path.suffix in TYPES and path.is_file() and not path.is_symlink()
    ]
    return sorted(found, key=lambda file: (list(TYPES).index(Path(file.name).suffix), file.name))


def routes(pages: Pages, folder: Path) -> dict[str, Callable[..., Response]]:
    """The pages of this folder by path."""

    def report() -> Response:
        return pages.show("report.html", files=listed(folder))

    def file(name: str) -> Response:
        found = next((one for one in listed(folder) if one.name == name), None)  # a name we listed, never a path
        if found is None:
            raise HTTPException(404)
        return FileResponse(
            folder / found.name,
            media_type=TYPES[Path(found.name).suffix],
            filename=found.name,
            content_disposition_type="inline" if found.is_shown else "attachment",
            headers={"cache-control": "no-store"} | REPORT_POLICY,
        )

    return {"/report": report, "/report/{name}": file}
