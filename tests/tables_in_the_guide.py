"""Tables of docs/guide-desk.md that are drawn from the code, between `<!-- mark -->` and `<!-- end of mark -->`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "docs" / "guide-desk.md"


def drawn(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *lines))


def shown(mark: str) -> str:
    """The table as the guide has it."""
    found = _place(mark).search(GUIDE.read_text(encoding="utf-8"))
    assert found is not None
    return found[2]


def write(mark: str, table: str) -> None:
    """Put the table into the guide."""
    text = GUIDE.read_text(encoding="utf-8")
    GUIDE.write_text(_place(mark).sub(lambda found: found[1] + table + found[3], text), encoding="utf-8")


def _place(mark: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {mark} -->\n)(.*?)(\n<!-- end of {mark} -->)", re.DOTALL)
