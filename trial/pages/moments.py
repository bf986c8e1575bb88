"""An instant as mails say it: weekday, day, month and time, where the person lives and as their language has it."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_time

from trial.pages.translations import SOURCE, locale_of

# English as the product writes it, whatever English people choose: the day before the month, and 24 hours.
_ENGLISH = "EEEE d MMMM"
_SKELETONS = ("MMMMEd", "MMMEd")
# names of days and months in a pattern; words of the language stand between single quotes
_SHORTENED = re.compile(r"'[^']*'|[Ec]+|M{3,}")


@lru_cache(maxsize=512)
def moment(value: datetime, zone: str, language: str) -> str:
    """Such as "Wednesday 4 March, 18:05", "Mittwoch, 4. März, 18:05"."""
    local, locale = value.astimezone(ZoneInfo(zone)), locale_of(language)
    time = f"{local:%H:%M}" if _english(language) else format_time(local, "short", locale=locale)
    return f"{format_datetime(local, _day(language), locale=locale)}, {time}"


@lru_cache(maxsize=64)
def _day(language: str) -> str:
    """The language's own pattern for weekday, day and month, with their names written out."""
    known = locale_of(language).datetime_skeletons
    pattern = next((known[one].pattern for one in _SKELETONS if one in known), _ENGLISH)
    return _ENGLISH if _english(language) else _SHORTENED.sub(_written_out, str(pattern))


def _written_out(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("'") else "EEEE" if found[0][0] in "Ec" else "MMMM"


def _english(language: str) -> bool:
    return language.split("-")[0] == SOURCE
