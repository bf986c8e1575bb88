"""The few files that pages ask for: style sheet, small script, icon. Named by content, so they are kept for long."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_TYPES = {
    "style.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "sheet.js": "text/javascript; charset=utf-8",
    "slider.js": "text/javascript; charset=utf-8",
    "proof.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
NAMES = tuple(_TYPES)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; `digest` is the first 16 hex digits of its SHA-256."""

    name: str
    media_type: str
    content: bytes
    digest: str

    @property
    def url(self) -> str:
        return f"/static/{self.name}?v={self.digest}"


@lru_cache(maxsize=len(_TYPES))
def asset(name: str) -> Asset:
    """A file by its name; KeyError for any other name, so no path can be asked for."""
    media_type = _TYPES[name]
    content = (files("trial.pages") / "static" / name).read_bytes()
    return Asset(name, media_type, content, hashlib.sha256(content).hexdigest()[:16])
