"""Plain examples for what a mail or a page is filled with: made up, the same for every protocol, told as such."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from trial.core.durations import Length
from trial.core.protocol import Activity, Timepoint, TrialProtocol
from trial.core.texts import say
from trial.pages.moments import moment

START = datetime(2027, 3, 1, tzinfo=UTC)  # a Monday
ZONE = "UTC"
LINK = "https://trial.example.org/go/yours-alone"
CODE = "123 456"
_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")
_BARE = frozenset({"link", "code", "minutes", "days_left"})


def opens(point: Timepoint) -> datetime:
    """When the first occasion of a timepoint would open for somebody who was randomised on the example's day."""
    clock = point.between[0] if point.between else point.time
    hours, minutes = (10, 0) if clock in (None, "at_once") else (int(one) for one in str(clock).split(":"))
    return START + timedelta(days=min(point.days), hours=hours, minutes=minutes)


def closes(point: Timepoint) -> datetime:
    """When that occasion would close."""
    return later(opens(point), point.closes_after)


def later(since: datetime, length: Length) -> datetime:
    """An instant after a length; a day of the example has 24 hours."""
    return since + timedelta(days=length.days, minutes=length.minutes)


def values(
    protocol: TrialProtocol, language: str, point: Timepoint | None, activity: Activity | None
) -> dict[str, str]:
    """What stands for each placeholder, in a mail about this occasion."""
    ends = closes(point) if point else START
    return {
        "name_of_trial": say(protocol.title, language),
        "contact_email": protocol.administrative.contact_email,
        "link": LINK,
        "code": CODE,
        "closes": moment(ends, ZONE, language),
        "minutes": str(activity.minutes if activity else 1),
        "days_left": str(point.closes_after.days if point else 1),
    }


def fill(template: str, given: Mapping[str, str]) -> tuple[str, str]:
    """(subject, Markdown) of a mail with its examples, which stay text and cannot become Markdown."""
    head, _, body = template.replace("\r\n", "\n").partition("\n")
    subject = _PLACEHOLDER.sub(lambda found: given.get(found[1], found[0]), head.removeprefix("Subject:").strip())
    return subject, _PLACEHOLDER.sub(lambda found: _as_text(found, given), body).strip() + "\n"


def _as_text(found: re.Match[str], given: Mapping[str, str]) -> str:
    name = found[1]
    if name not in given:
        return found[0]
    return given[name] if name in _BARE else _MARKDOWN.sub(r"\\\1", given[name])
