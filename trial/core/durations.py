"""Lengths of time as a protocol writes them: `3 hours`, `1 day`, `2 weeks`.

Days and weeks are calendar days where the person lives (a day may last 23 or 25 hours); hours and minutes are
elapsed time. The two are kept apart until an instant is worked out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNITS = {"minute": (0, 1), "hour": (0, 60), "day": (1, 0), "week": (7, 0)}
_PART = re.compile(r"([0-9]{1,5})\s*(minute|hour|day|week)s?")
LONGEST_DAYS = 3650
_WHOLE = r"^\s*[0-9]{1,5}\s*(minute|hour|day|week)s?(\s+[0-9]{1,5}\s*(minute|hour|day|week)s?)*\s*$"


@dataclass(frozen=True, slots=True)
class Length:
    """Calendar days, then elapsed minutes."""

    days: int = 0
    minutes: int = 0

    def __str__(self) -> str:
        hours, minutes = divmod(self.minutes, 60)
        parts = [(self.days, "day"), (hours, "hour"), (minutes, "minute")]
        words = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in parts if n]
        return " ".join(words) or "0 minutes"


def parse_length(value: Any) -> Length:
    """Read `2 days 3 hours`; raise ValueError with an example otherwise."""
    if isinstance(value, Length):
        return value
    if not isinstance(value, str) or not re.match(_WHOLE, value):
        raise ValueError("a length of time is written like '3 hours', '1 day' or '2 weeks'")
    days = minutes = 0
    for count, unit in _PART.findall(value):
        days += int(count) * _UNITS[unit][0]
        minutes += int(count) * _UNITS[unit][1]
    if days + minutes / 1440 > LONGEST_DAYS:
        raise ValueError("a length of time is at most ten years (3650 days)")
    return Length(days, minutes)


Duration = Annotated[
    Length,
    BeforeValidator(parse_length),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": _WHOLE, "examples": ["3 hours", "1 day", "2 weeks"]}),
]
