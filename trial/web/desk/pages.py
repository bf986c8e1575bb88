"""How the desk's pages are drawn: templates of its own, one frame, one style sheet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trial.pages.assets import asset
from trial.web.desk.navigation import Place

_HERE = Path(__file__).parent
STYLE = _HERE / "desk.css"


class Pages:
    """Draws a template inside the frame of one desk. Words are marked for gettext; English is all there is so far."""

    def __init__(self, title: str, *, parts: Collection[str], places: Sequence[Place] = ()) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
        self._environment.filters |= {
            "instant": instant,
            "size": size,
            "when": when,
            "lasting": lasting,
            "long_day": long_day,
            "spaced": spaced,
        }
        self._environment.tests["wordy"] = lambda text: len(text.split()) > 1
        self._environment.globals |= {
            "icon_url": asset("icon.svg").url,
            "desk_title": title,
            "parts": parts,
            "places": places,
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


def when(value: datetime | None) -> str:
    """2030-05-01 17:00 UTC: the team may sit in several zones."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if value else ""


def long_day(value: date) -> str:
    """5 April 2030."""
    return f"{value.day} {value:%B %Y}"


def lasting(value: timedelta) -> str:
    """How long something waits: 25 min, 3 h 20 min, 4 days."""
    minutes = max(0, int(value.total_seconds()) // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h" + (f" {rest} min" if rest else "")
    return f"{minutes // (24 * 60)} days"


def spaced(code: str) -> str:
    """A code of the machine as words: unblinded_statistician, unblinded statistician."""
    return code.replace("_", " ")
