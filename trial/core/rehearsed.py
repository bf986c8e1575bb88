"""What a rehearsal teaches about a protocol: findings, each with its weight, its number, its place and its mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How bad a finding is, the worst first."""

    MEND = "must be mended"
    LOOK = "should be looked at"
    KNOW = "good to know"


WORST_FIRST = tuple(Weight)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the protocol a finding comes from: file and line as the linter says them, and the path of keys."""

    file: str
    line: int
    path: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number of the profile that a finding hangs on, in words, and where it is from: read, computed or assumed."""

    key: str
    name: str
    value: str
    tag: str
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that came out of a rehearsal.

    `what` is a sentence with its number and `mend` says what to do about it; `example` shows it on one person.
    `share` orders findings of the same weight: of what could be hit, how much was. `rests_on` names the assumptions
    about people without which it would be another number; empty where none of them is behind it.
    """

    kind: str
    weight: Weight
    what: str
    mend: str
    place: Place | None = None
    example: str = ""
    share: float = 0.0
    rests_on: tuple[Assumption, ...] = ()


def worst_first(findings: list[Finding]) -> list[Finding]:
    """By weight, then by how much is hit; findings alike in both keep their order."""
    return sorted(findings, key=lambda one: (WORST_FIRST.index(one.weight), -one.share))


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One mail or window of an arm on a day: what the protocol plans, and what came of it among those it concerned.

    `kind` is asked, reminder, or at once (asked without a mail); `open_until` is the last day of the window. Days count
    from randomisation, or from what `after` names. `answered` is None of a reminder.
    """

    after: str
    day: int
    clock: str
    kind: str
    what: str
    minutes: int
    open_until: int | None
    planned: int
    sent: int
    answered: int | None


@dataclass(frozen=True, slots=True)
class ArmCalendar:
    """Everything that reaches one arm, by day from randomisation."""

    arm: str
    label: str
    people: int
    entries: tuple[CalendarEntry, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """What the plots show: mails by hour of the day where people live, mails a day, what came to the desk a week.

    `kept` is (arm's label, [(day, share still there)]), `waited` hours from a mail to the answer.
    """

    by_hour: tuple[int, ...]
    by_day: tuple[tuple[int, int], ...]
    desk: tuple[tuple[int, Mapping[str, int]], ...]
    kept: tuple[tuple[str, tuple[tuple[int, float], ...]], ...]
    waited: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """All that the page of a rehearsal is made from."""

    title: str
    protocol: str
    command: str
    profile: str
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]
    calendars: tuple[ArmCalendar, ...]
    course: Course
    links: tuple[tuple[str, str], ...] = ()

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Every number of the profile that a finding hangs on, once."""
        found = {one.key: one for finding in self.findings for one in finding.rests_on}
        return tuple(found[key] for key in sorted(found))
