"""How the desk's pages are drawn: templates of its own, one frame, one style sheet."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trial.pages.assets import asset

_HERE = Path(__file__).parent
STYLE = _HERE / "desk.css"


class Pages:
    """Draws a template inside the frame of one desk. Words are marked for gettext; English is all there is so far."""

    def __init__(self, title: str, *, parts: Collection[str]) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
        self._environment.filters |= {"instant": instant, "size": size}
        self._environment.globals |= {
            "icon_url": asset("icon.svg").url,
            "desk_title": title,
            "parts": parts,
        }

    def show(self, template: str, **values: object) -> HTMLResponse:
        """The template as a response."""
        return HTMLResponse(self._environment.get_template(template).render(values))


def instant(value: datetime | None) -> str:
    """2030-05-01 19:00 +0200, in the zone that the mail itself names."""
    return f"{value:%Y-%m-%d %H:%M %z}".rstrip() if value else ""


def size(octets: int) -> str:
    """A file's size, as short as it is useful."""
    for unit, step in (("MB", 1_000_000), ("kB", 1_000)):
        if octets >= step:
            return f"{octets / step:.1f} {unit}"
    return f"{octets} bytes"
