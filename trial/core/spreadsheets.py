"""Cells that a spreadsheet shows as they are, and never runs."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_text(value: str) -> str:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it."""
    return f"'{value}" if value[:1] in _FORMULA else value
