"""What an amendment is made of: changes, each with its chapter and its class."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class ChangeClass(StrEnum):
    """Whom a change reaches and when, weakest first."""

    CORRECTION = "correction"
    SUBSTANTIAL = "substantial"
    URGENT_SAFETY = "urgent_safety"
    RANDOMIZATION = "randomization"

    @property
    def strength(self) -> int:
        return list(ChangeClass).index(self)

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def reach(self) -> str:
        """One sentence: what becomes of the people who are in."""
        return _REACH[self]


_WORDS = {
    ChangeClass.CORRECTION: "correction",
    ChangeClass.SUBSTANTIAL: "substantial",
    ChangeClass.URGENT_SAFETY: "urgent safety",
    ChangeClass.RANDOMIZATION: "randomisation",
}
_REACH = {
    ChangeClass.CORRECTION: "It reaches all participants at once.",
    ChangeClass.SUBSTANTIAL: (
        "It needs consent again; until then each participant stays on the version that they consented to."
    ),
    ChangeClass.URGENT_SAFETY: "It reaches all participants at once, and everybody is told.",
    ChangeClass.RANDOMIZATION: (
        "Chance allocates by it from a new epoch on, which replay follows; nobody who was allocated is allocated again."
    ),
}


class Chapter(StrEnum):
    """The parts of an amendment, in the order in which it is read."""

    ADMINISTRATIVE = "Administrative"
    DESIGN = "Design and arms"
    ALLOCATION = "Allocation"
    ELIGIBILITY = "Eligibility"
    CONSENT = "Consent and privacy"
    INTERVENTIONS = "Interventions"
    TIMETABLE = "Timetable and messages"
    MEASURES = "Instruments and outcomes"
    ANALYSIS = "Analysis and sample size"
    CARE = "Safety, harms, incentives, withdrawal, monitoring"
    WORDS = "Words of pages and mails"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `path` in `file`, the same in plain words as `part`, and what it means in one sentence.

    `kind` is changed, added, removed or order. `default` is the class that the policy table gives; `change_class` may
    be a stronger one that the team chose. `pattern` is the path with `*` for any entry.
    """

    file: str
    path: str
    pattern: str
    part: str
    kind: str
    before: str
    after: str
    meaning: str
    chapter: Chapter
    default: ChangeClass
    change_class: ChangeClass

    @property
    def of_words(self) -> bool:
        """Whether this is about what a Markdown text says."""
        return self.file.endswith(".md")


def _inside(patterns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{one}." for one in patterns)


@dataclass(frozen=True, slots=True)
class Amendment:
    """Every change from one version to another, in reading order; `notes` are remarks on the whole."""

    protocol: str
    old_version: str
    new_version: str
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()

    @property
    def change_class(self) -> ChangeClass | None:
        """The strongest class of its changes; None where nothing changes."""
        return max((one.change_class for one in self.changes), key=lambda one: one.strength, default=None)

    @property
    def needs_consent(self) -> bool:
        """Whether any of its changes waits for consent."""
        return self.counts[ChangeClass.SUBSTANTIAL] > 0

    def waits(self, *patterns: str) -> bool:
        """Whether a change of one of these parts, or inside one but for the words of a text, waits for consent."""
        return any(
            one.change_class is ChangeClass.SUBSTANTIAL
            and (one.pattern in patterns or (one.pattern.startswith(_inside(patterns)) and not one.of_words))
            for one in self.changes
        )

    @property
    def counts(self) -> dict[ChangeClass, int]:
        """How many changes each class has."""
        found = Counter(one.change_class for one in self.changes)
        return {one: found[one] for one in ChangeClass}
