"""What the oracle goes by: a neutral list of who did what and when, and what it holds them against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One act, as the record of events has it."""

    number: int
    at: datetime
    what: str
    person: int | None
    screening: int | None
    detail: Plain


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was sent in: for which day of which timepoint, and what is known by it (answers and scores).

    `readable` is False for somebody who took their answers back; `scores` are what the answers come to.
    """

    person: int
    at: datetime
    timepoint: str
    occurrence: int
    activity: str
    answers: Plain
    scores: Plain
    readable: bool
    late: bool

    @property
    def known(self) -> Plain:
        return {**self.answers, **self.scores}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who gave an address; `zone` and `hour` as they stand at the end."""

    id: int
    number: int
    code: str
    zone: str
    hour: str | None
    source: str
    screened: Plain


@dataclass(frozen=True, slots=True)
class Allocated:
    """One allocation: the first (`main`), or that of a further stage."""

    person: int
    stage: str
    arm: str
    stratum: str
    order: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the protocol, by its number in the record and by the digest of its registration."""

    id: int
    digest: str
    protocol: Plain


@dataclass(frozen=True, slots=True)
class Screened:
    """One screening; `first` is the first one of the same browser, where this one came after it."""

    id: int
    person: int | None
    eligible: bool
    reason: str
    source: str
    first: int | None


@dataclass(frozen=True, slots=True)
class Raised:
    """Something that looked odd about a screening or a person."""

    screening: int | None
    person: int | None
    signal: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger."""

    id: int
    person: int
    message: str
    stream: str
    timepoint: str
    occurrence: int
    reminder: int
    due: datetime
    latest: datetime
    state: str
    reason: str | None
    doubts: int

    @property
    def key(self) -> Key:
        return self.message, self.timepoint, self.occurrence, self.reminder


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of the mailbox."""

    number: int
    to: str
    message_id: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """One window as the trial keeps it."""

    person: int
    timepoint: str
    occurrence: int
    activity: str
    opens: datetime
    closes: datetime


Key = tuple[str, str, int, int]  # message, timepoint, occurrence, reminder


@dataclass(frozen=True, slots=True)
class Record:
    """Everything of one trial. `letters` is None where mails went nowhere that could be looked at.

    `protocol` is the version that the trial runs at the end, one of its `versions`; `hour_key` draws people's hours,
    `link_key` makes a mail's Message-ID; `files` are those of the freeze.
    """

    protocol: Plain
    now: datetime
    facts: Sequence[Fact]
    people: Mapping[int, Person]
    sheets: Sequence[Sheet]
    allocated: Sequence[Allocated]
    screened: Sequence[Screened]
    raised: Sequence[Raised]
    asked: Sequence[Asked]
    ledger: Sequence[Entry]
    letters: Sequence[Letter] | None
    hour_key: bytes
    link_key: bytes
    files: Mapping[str, str]
    versions: Sequence[Version]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be: about what, about whom (a study code, or nobody), and the sentence."""

    kind: str
    who: str
    sentence: str
