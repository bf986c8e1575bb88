"""One Jinja environment per language, made once: autoescaping, strict, with gettext, dates and numbers by locale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.units import format_unit
from jinja2 import Environment, PackageLoader, StrictUndefined

from trial.core.durations import Length
from trial.pages.assets import asset
from trial.pages.fields import Field
from trial.pages.frame import Frame
from trial.pages.markdown import to_html
from trial.pages.translations import direction, locale_of, own_name, translations
from trial.pages.zones import regions


@lru_cache(maxsize=32)
def environment(language: str) -> Environment:
    """A language's environment: `_("…")`, `ngettext(…)`, and the filters markdown, day, plain_day, clock, number,
    own_name."""
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
        "lasting": partial(lasting, language=language),
        "plain_day": partial(plain_day, language=language),
        "own_name": own_name,
    }
    found.globals |= {
        "language": language,
        "direction": direction(language),
        "style_url": asset("style.css").url,
        "script_url": asset("page.js").url,
        "sheet_script_url": asset("sheet.js").url,
        "proof_url": asset("proof.js").url,
        "icon_url": asset("icon.svg").url,
        "asset_url": lambda name: asset(name).url,
    }
    found.globals |= {"field": _drawing_of_fields(found), "zone_options": _drawing_of_zones(found)}
    return found


def _drawing_of_fields(env: Environment) -> Callable[..., str]:
    """Draws one item. Items without an answer look the same for everyone and are drawn once; others are not kept."""
    forms = env.get_template("forms.html").module
    macro: Callable[..., str] = forms.field  # type: ignore[attr-defined]
    blank = lru_cache(maxsize=4096)(macro)

    def field(one: Field, number: int | None = None) -> str:
        given = one.value or one.fault or one.unanswered or any(each.chosen for each in one.options)
        return macro(one, number) if given else blank(one, number)

    return field


def _drawing_of_zones(env: Environment) -> Callable[[str], str]:
    forms = env.get_template("zones.html").module
    macro: Callable[..., str] = forms.options  # type: ignore[attr-defined]
    return lru_cache(maxsize=8)(lambda chosen: macro(regions(), chosen))


def render(template: str, frame: Frame, view: object = None) -> str:
    """One page as text; templates see `frame` and `view` and nothing else."""
    return environment(frame.language).get_template(template).render(frame=frame, view=view)


def day(value: datetime, zone: str, *, language: str) -> str:
    """The calendar day of an instant where the person lives, in words."""
    return format_date(value.astimezone(ZoneInfo(zone)), "full", locale=locale_of(language))


def plain_day(value: str, *, language: str) -> str:
    """A date such as 2027-03-15, in words; a date of the calendar, nobody's instant."""
    return format_date(date.fromisoformat(value), "long", locale=locale_of(language))


def clock(value: datetime, zone: str, *, language: str) -> str:
    """The time of day of an instant where the person lives."""
    return format_time(value.astimezone(ZoneInfo(zone)), "short", locale=locale_of(language))


def number(value: float, *, language: str) -> str:
    """A number with the decimal sign of the language, as short as it is exact."""
    return format_decimal(value, locale=locale_of(language))


def lasting(value: Length, *, language: str) -> str:
    """A length of time in the words of the language: whole years as years, all else in days, or in hours below one."""
    count, unit = (value.days, "day") if value.days else (round(value.minutes / 60), "hour")
    if count and unit == "day" and count % 365 == 0:
        count, unit = count // 365, "year"
    return format_unit(count, f"duration-{unit}", locale=locale_of(language))
