"""A text as a picture that a phone scans: inline SVG, without style or script."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """Black on white in every colour scheme, with the quiet zone that scanners need."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704  (drawn by the library from numbers alone)


def in_fours(key: str) -> str:
    """A long key in groups, for somebody who types it."""
    return " ".join(key[place : place + 4] for place in range(0, len(key), 4))
