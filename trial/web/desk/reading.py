"""What forms of the desk hold, read or refused with the name of the field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import TypeVar

from trial.core.errors import BadInput, Problem

One = TypeVar("One", bound=StrEnum)


def wrong(field: str, what: str, mend: str = "") -> BadInput:
    """A fault of one field, shown beside it."""
    return BadInput([Problem(field, None, None, what, mend)])


def moment(form: Mapping[str, str], field: str, zone: tzinfo) -> datetime | None:
    """A moment as a browser's date and time field sends it, meant in this zone; None where it was left empty."""
    given = form.get(field, "").strip()
    if not given:
        return None
    try:
        return datetime.fromisoformat(given).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(field, "This is no date and time.", "Write it like 2030-05-01T17:00.") from None


def day(form: Mapping[str, str], field: str) -> date | None:
    """A day; None where it was left empty."""
    given = form.get(field, "").strip()
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise wrong(field, "This is no date.", "Write it like 2030-05-01.") from None


def whole(form: Mapping[str, str], field: str) -> int:
    """A small whole number."""
    given = form.get(field, "").strip()
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise wrong(field, "This is no whole number.")
    return int(given)


def one_of(kind: type[One], form: Mapping[str, str], field: str) -> One:
    """One of the values of a choice."""
    try:
        return kind(form.get(field, ""))
    except ValueError:
        raise wrong(field, "Nothing was chosen.", "Choose one.") from None
