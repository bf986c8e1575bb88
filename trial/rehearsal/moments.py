"""When a researcher wants to be: "day 5, 19:05" of a person, "tomorrow 8:00", "in 3 hours", as an instant.

"…, arm B" says as whom: somebody of the second arm, or of the arm that has this name. Day 0 is the day on which the
person was randomised, where they live, as everywhere in a protocol.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from string import ascii_lowercase
from zoneinfo import ZoneInfo

from trial.core.errors import BadInput, Refused
from trial.core.local_time import instant, local_day

WHERE = "Jump to"
HOW = 'Write "day 5, 19:05", "day 5", "tomorrow 8:00", "19:05", "in 3 hours", "in 2 days" or "2026-03-04 19:05".'
# nobody looks further than a long follow-up, and a slip of the keyboard must not send the mails of a century
FURTHEST = timedelta(days=366 * 5)

_CLOCK = r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?\s*(?P<half>am|pm|a\.m\.|p\.m\.)?"
_AND_CLOCK = rf"(?:(?:\s*,\s*|\s+)(?:at\s+)?{_CLOCK})?"
_DAY = re.compile(rf"(?:day|d)\s*(?P<day>\d{{1,4}}){_AND_CLOCK}", re.IGNORECASE)
_DATE = re.compile(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}}){_AND_CLOCK}", re.IGNORECASE)
_WORD = re.compile(rf"(?P<word>today|tomorrow){_AND_CLOCK}", re.IGNORECASE)
_TIME = re.compile(rf"(?:at\s+)?{_CLOCK}", re.IGNORECASE)
_SPAN = re.compile(r"in\s+(?P<number>\d{1,5}|an?|one)\s*(?P<unit>minute|hour|day|week)s?", re.IGNORECASE)
_ARM = re.compile(r"(?P<moment>.*?)[\s,]+(?:in\s+)?arm\s+(?P<arm>.+)", re.IGNORECASE)
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


@dataclass(frozen=True, slots=True)
class Here:
    """From where somebody jumps: the present, the zone, and the day of randomisation of the person they look at."""

    now: datetime
    zone: str
    day_0: date | None

    @property
    def clock(self) -> str:
        return f"{self.now.astimezone(ZoneInfo(self.zone)):%H:%M}"

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)

    @property
    def day(self) -> int | None:
        """Which day it is for the person."""
        return None if self.day_0 is None else (self.today - self.day_0).days


def with_arm(words: str, arms: Sequence[tuple[str, str]]) -> tuple[str, str | None]:
    """The words without their ", arm B", and the id of the arm that is meant; None where none is named.

    `arms` are (id, label) in the protocol's order. BadInput for an arm that there is not.
    """
    found = _ARM.fullmatch(words.strip())
    if found is None:
        return words, None
    meant = found["arm"].strip(" \"'“”„").casefold()
    names = {name.casefold(): one for one, label in arms for name in (one, label, one.replace("_", " "))}
    letters = {letter: one for letter, (one, _) in zip(ascii_lowercase, arms, strict=False)}
    arm = (letters | names).get(meant)
    if arm is None:
        shown = ", ".join(f"{letter.upper()} ({label})" for letter, (_, label) in zip(letters, arms, strict=True))
        raise BadInput.at(WHERE, f"there is no arm {meant!r}.", f"The arms are {shown}.")
    return found["moment"], arm


def read_moment(words: str, here: Here) -> datetime:
    """The instant that is meant; BadInput says how to write it, Refused why it cannot be jumped to."""
    said = " ".join(words.split())
    found = _read(said, here)
    if found is None:
        what = f"{said!r} is no moment that is understood." if said else "nothing was written."
        raise BadInput.at(WHERE, what, HOW)
    if found < here.now:
        local = found.astimezone(ZoneInfo(here.zone))
        raise Refused(
            f"{local:%A %d %B %Y, %H:%M} ({here.zone}) is over: this clock goes forward only. "
            "Start again with the same seed to live it once more."
        )
    if found - here.now > FURTHEST:
        raise BadInput.at(WHERE, f"{said!r} is more than five years ahead.", HOW)
    return found


def _read(said: str, here: Here) -> datetime | None:
    if span := _SPAN.fullmatch(said):
        number = int(span["number"]) if span["number"].isdigit() else 1
        return here.now + number * _UNITS[span["unit"].lower()]
    if found := _DAY.fullmatch(said):
        if here.day_0 is None:
            what = "this person was not randomised yet, so there is no day to count from."
            raise BadInput.at(WHERE, what, 'Write "tomorrow", a date, or "in 2 days"; or choose another person.')
        return _at(here.day_0 + timedelta(days=int(found["day"])), found, here)
    if found := _WORD.fullmatch(said):
        return _at(here.today + timedelta(days=found["word"].lower() == "tomorrow"), found, here)
    if found := _DATE.fullmatch(said):
        return _at(_date(found["date"]), found, here)
    if found := _TIME.fullmatch(said):
        at = _at(here.today, found, here)
        return at if at is None or at >= here.now else _at(here.today + timedelta(days=1), found, here)
    return None


def _date(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def _at(day: date | None, found: re.Match[str], here: Here) -> datetime | None:
    """A local day at the clock that was named; without one, at the present time of day."""
    clock = here.clock if found["hour"] is None else _clock(found)
    try:
        return None if day is None or clock is None else instant(day, clock, here.zone)
    except OverflowError:
        return None


def _clock(found: re.Match[str]) -> str | None:
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    half = (found["half"] or "").replace(".", "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif found["minute"] is None:
        return None  # a bare number may be anything
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None
