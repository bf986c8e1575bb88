"""What a book is made of, and the words for it that its parts share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.dates import get_day_names, get_month_names, get_period_names

from reports.protocol_document import timetable
from reports.protocol_document.names import Names
from reports.variables import LANGUAGE
from trial.core.protocol import Questionnaire, TrialProtocol
from trial.core.texts import say
from trial.pages.translations import locale_of
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.witness import Seen
from trial.services.lived import Life

JOINING, ALWAYS, END, OWN, UNMET = "joining", "at-any-time", "end", "own-mails", "unmet"
PROTOCOL = "protocol.yaml"
_CHANGING = re.compile(r"https?://\S+|\d+")
_UNSAFE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Material:
    """A trial that was lived: the people, the pages that they were shown, and the folder that their mails lie in.

    `seen` is None where there were no pages, and `mailbox` where no mail was written out.
    """

    folder: ProtocolFolder
    lives: Sequence[Life]
    seen: Sequence[Seen] | None
    beyond: int
    came: int
    mailbox: Path | None
    link_key: bytes
    slug: str
    base_url: str

    @property
    def protocol(self) -> TrialProtocol:
        return self.folder.protocol

    @property
    def arms(self) -> Mapping[str, str]:
        """The label of each arm, in the order of the protocol."""
        return {one.id: say(one.label, LANGUAGE) for one in self.protocol.arms}

    def labels(self, arms: Sequence[str] | set[str]) -> tuple[str, ...]:
        """The labels of some arms; none where they are all of them, or where no arm is known."""
        known = [label for arm, label in self.arms.items() if arm in arms]
        return () if len(known) == len(self.arms) else tuple(known)

    def text_file(self, name: str, language: str) -> str:
        """The file that a text of the protocol stands in, in this language or in the one shown for it."""
        own = f"{name}.{language}.md"
        first = next(iter(self.folder.texts.get(name, {})), language)
        return own if own in self.folder.files else f"{name}.{first}.md"

    def activity_files(self, activity: str, language: str) -> tuple[str, ...]:
        """The files that the words of an activity stand in."""
        found = self.protocol.activity(activity)
        if isinstance(found, Questionnaire):
            return (*(f"instruments/{one}.yaml" for one in found.instruments), PROTOCOL)
        return self.text_file(found.exercise, language), PROTOCOL


def chapter_of_point(point: str) -> str:
    """The id of the chapter of a timepoint."""
    return f"at-{slug(point)}"


def slug(words: str) -> str:
    """Words as part of a file's name: small letters, digits and hyphens alone."""
    return _UNSAFE.sub("-", words.lower()).strip("-")[:60] or "x"


def point_heading(names: Names, point: str) -> str:
    """`First practice: at once`, `Daily practice: days 1 to 7, 18:00`."""
    found = names.folder.protocol.timepoint(point)
    when = timetable.days(names.folder.protocol, found)
    return f"{names.point(found)}: {when}, {timetable.hour(found)}"


def lasting(words: str, language: str) -> str:
    """What stays of words from one person, day and occurrence to the next: without numbers, days and addresses."""
    return _names_of_days(language).sub("", _CHANGING.sub("", words))


@lru_cache(maxsize=32)
def _names_of_days(language: str) -> re.Pattern[str]:
    locale = locale_of(language)
    names = {*get_day_names("wide", locale=locale).values(), *get_month_names("wide", locale=locale).values()}
    names |= {f"\u202f{one}" for one in get_period_names("abbreviated", locale=locale).values()}
    names |= {f" {one}" for one in get_period_names("abbreviated", locale=locale).values()}
    return re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))


def numbers_in_words(numbers: Sequence[int]) -> str:
    """`1`, `1 to 5`, `1, 4 and 9`: occurrences that look the same."""
    days = sorted(set(numbers))
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{days[0]} to {days[-1]}"
    return ", ".join(map(str, days[:-1])) + (" and " if len(days) > 1 else "") + str(days[-1])
