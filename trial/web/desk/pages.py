"""How the desk's pages are drawn: templates of its own, one frame, one style sheet."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from trial.pages.assets import asset
from trial.web.desk.navigation import Place

_HERE = Path(__file__).parent
STYLE = _HERE / "desk.css"
# of the page that is drawn at this moment: macros are drawn without the page's own values
_ZONE: ContextVar[tzinfo] = ContextVar("zone", default=UTC)


class Pages:
    """Draws a template inside the frame of one desk. Words are marked for gettext; English is all there is so far."""

    def __init__(
        self, title: str, *, parts: Collection[str], places: Sequence[Place] = (), own: Sequence[Path] = ()
    ) -> None:
        """`own` are folders of templates that come before the desk's, of another application of the team's."""
        self._environment = Environment(
            loader=FileSystemLoader([*own, _HERE / "templates"]),
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
            "linked": linked,
        }
        self._environment.tests["wordy"] = lambda text: len(text.split()) > 1
        self._environment.globals |= {
            "icon_url": asset("icon.svg").url,
            "desk_title": title,
            "parts": parts,
            "places": places,
        }

    def show(self, template: str, *, zone: tzinfo = UTC, **values: object) -> HTMLResponse:
        """The template as a response; `zone` is the one that its times are told in."""
        told = _ZONE.set(zone)
        try:
            return HTMLResponse(self._environment.get_template(template).render(values))
        finally:
            _ZONE.reset(told)


def instant(value: datetime | None) -> str:
    """2030-05-01 19:00 +0200, in the zone that the mail itself names."""
    return f"{value:%Y-%m-%d %H:%M %z}".rstrip() if value else ""


def size(octets: int) -> str:
    """A file's size, as short as it is useful."""
    for unit, step in (("MB", 1_000_000), ("kB", 1_000)):
        if octets >= step:
            return f"{octets / step:.1f} {unit}"
    return f"{octets} bytes"


def when(value: datetime | None) -> str | Markup:
    """2030-05-01 19:00 CEST, in the zone of the trial that the page is about; the machine's copy of it is UTC."""
    if value is None:
        return ""
    stamp, shown = value.astimezone(UTC), value.astimezone(_ZONE.get())
    return Markup('<time datetime="{}">{}</time>').format(f"{stamp:%Y-%m-%dT%H:%M:%SZ}", f"{shown:%Y-%m-%d %H:%M %Z}")


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


def linked(text: str) -> Markup:
    """A text with its addresses of the web as links, each to a page of its own; everything else is escaped."""
    link = Markup('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>')
    parts = _ADDRESS.split(text)
    return Markup("").join(link.format(one) if place % 2 else Markup.escape(one) for place, one in enumerate(parts))


_ADDRESS = re.compile(r"(https?://[^\s<>\"']+[^\s<>\"'.,;:!?)])")


def spaced(code: str) -> str:
    """A code of the machine as words: unblinded_statistician, unblinded statistician."""
    return code.replace("_", " ")
