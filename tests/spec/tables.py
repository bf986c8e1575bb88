"""Reads the Markdown tables of this folder: pages that a trialist can check, run as tests."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def rows(page: str, heading: str) -> list[dict[str, str]]:
    """The first table below a heading of a page, one dict per row; code marks around a cell are taken off."""
    lines = (HERE / page).read_text(encoding="utf-8").splitlines()
    start = lines.index(f"## {heading}")
    table = []
    for line in lines[start + 1 :]:
        if line.startswith("|"):
            table.append([_bare(cell) for cell in line.strip().strip("|").split("|")])
        elif table or line.startswith("## "):
            break
    head, _, *body = table
    assert body, f"no rows below {heading}"
    return [dict(zip(head, row, strict=True)) for row in body]


def _bare(cell: str) -> str:
    cell = cell.strip()
    return cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == "`" else cell
