"""One Jinja environment per language, made once: autoescaping, strict, with gettext, dates and numbers by locale."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined

from trial.pages.assets import asset
from trial.pages.frame import Frame
from trial.pages.markdown import to_html
from trial.pages.translations import direction, locale_of, own_name, translations


@lru_cache(maxsize=32)
def environment(language: str) -> Environment:
    """The environment of a language. Templates say `_("…")` and `ngettext(…)`; filters: markdown, day, clock, number."""
    found = Environment(
        loader=PackageLoader("trial.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    found.filters |= {
        "markdown": to_html,
        "day": partial(day, language=language),
        "clock": partial(clock, language=language),
        "number": partial(number, language=language),
        "own_name": own_name,
    }
    found.globals |= {
        "language": language,
        "direction": direction(language),
        "style_url": asset("style.css").url,
        "script_url": asset("page.js").url,
        "icon_url": asset("icon.svg").url,
    }
    return found


def render(template: str, frame: Frame, view: object = None) -> str:
    """One page as text; templates see `frame` and `view` and nothing else."""
    return environment(frame.language).get_template(template).render(frame=frame, view=view)


def day(value: datetime, zone: str, *, language: str) -> str:
    """The calendar day of an instant where the person lives, in words."""
    return format_date(value.astimezone(ZoneInfo(zone)), "full", locale=locale_of(language))


def clock(value: datetime, zone: str, *, language: str) -> str:
    """The time of day of an instant where the person lives."""
    return format_time(value.astimezone(ZoneInfo(zone)), "short", locale=locale_of(language))


def number(value: float, *, language: str) -> str:
    """A number with the decimal sign of the language, as short as it is exact."""
    return format_decimal(value, locale=locale_of(language))
