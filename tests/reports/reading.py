"""A report's page as somebody reads it: each number without the mark that says where it stands in results.json."""

from __future__ import annotations

import re
from pathlib import Path

MARK = re.compile(r'<span data-key="[^"]*" title="[^"]*">(.*?)</span>', re.DOTALL)


def page_of(folder: Path) -> str:
    """The page of the report in this folder."""
    return MARK.sub(r"\1", (folder / "report.html").read_text(encoding="utf-8"))
