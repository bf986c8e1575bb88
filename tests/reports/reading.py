"""A report's page as somebody reads it: each number without the mark that says where it stands in results.json."""

from __future__ import annotations

import re
from pathlib import Path

MARK = re.compile(r'<span data-key="[^"]*" title="[^"]*">(.*?)</span>', re.DOTALL)


def page_of(folder: Path) -> str:
    """The page of the report in this folder."""
    return MARK.sub(r"\1", (folder / "report.html").read_text(encoding="utf-8"))


def named(text: str) -> set[str]:
    """The tables and figures that a text names, those between the ends of a range too; a caption names none."""
    found = re.findall(r"(Table|Figure)\s(\d+)(?![\d:])(?:\s+to\s+\1\s(\d+))?", text)
    return {f"{kind} {at}" for kind, low, high in found for at in range(int(low), int(high or low) + 1)}
